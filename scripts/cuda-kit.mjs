// npm run cuda:kit -- OUT: the CUDA programs, their measuring child and a script that checks and times them, as one folder to
// carry to a machine that has a GPU, nvcc, cuBLAS and Python, but neither Node nor a network:  python3 OUT/run.py
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { cudaProgram } from '../agent/dist/codegen/cuda/program.js';
import { laderman, loadFactorization, standard, strassen, winograd } from '../shared/dist/index.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FORMATS = ['f32', 'f64', 'f16', 'bf16'];

/** One of each kind of trouble, as in the conformance tests. */
const SHAPES = [
  { m: 1, k: 1, n: 1 },
  { m: 7, k: 13, n: 11 },
  { m: 97, k: 2, n: 3 },
  { m: 1, k: 5, n: 131 },
  { m: 3, k: 149, n: 2 },
  { m: 32, k: 96, n: 128 },
  { m: 61, k: 63, n: 65 },
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { algorithm: { type: 'string', multiple: true, default: [] }, quick: { type: 'boolean', default: false } },
});
if (positionals.length !== 1) {
  console.error('Usage: npm run cuda:kit -- OUT [--algorithm FILE[,FILE...]] [--quick]');
  process.exit(2);
}
const out = resolve(positionals[0]);

const algorithms = [
  { name: 'one block', levels: [standard({ n: 1, m: 1, p: 1 })] },
  { name: 'Winograd', levels: [winograd()] },
  { name: 'Winograd twice', levels: [winograd(), winograd()] },
  ...(values.quick
    ? []
    : [
        { name: 'standard <2,3,4>', levels: [standard({ n: 2, m: 3, p: 4 })] },
        { name: 'Strassen', levels: [strassen()] },
        { name: 'Laderman', levels: [laderman()] },
        { name: 'Winograd three times', levels: [winograd(), winograd(), winograd()] },
      ]),
];
for (const files of values.algorithm) {
  const levels = [];
  for (const file of files.split(',')) levels.push((await loadFactorization(file)).factorization);
  algorithms.push({ name: files, levels });
}

mkdirSync(join(out, 'programs'), { recursive: true });
const native = join(ROOT, 'agent', 'native');
cpSync(join(native, 'cuda'), join(out, 'native', 'cuda'), { recursive: true });
for (const file of ['matrices.c', 'matrices.h', 'clock.h', 'protocol.h', 'reply.h'])
  cpSync(join(native, file), join(out, 'native', file));
for (const file of ['run.py', 'README.md']) cpSync(join(ROOT, 'scripts', 'cuda-kit', file), join(out, file));
writeFileSync(
  join(out, 'manifest.json'),
  `${JSON.stringify({ shapes: SHAPES, programs: algorithms.flatMap(programs) }, null, 1)}\n`,
);
console.log(`${out}: ${algorithms.length} algorithms in ${FORMATS.join(', ')}; there: python3 run.py`);

/** Writes an algorithm's sources; what is known of each. */
function programs({ name, levels }, index) {
  return FORMATS.map((dtype) => {
    const source = join('programs', `${index}-${dtype}.cu`);
    writeFileSync(join(out, source), cudaProgram(levels, dtype).source());
    const ranges = (precision) => {
      const program = cudaProgram(levels, dtype, precision);
      return SHAPES.map((shape) => program.exactRange({ ...shape, dtype }));
    };
    const exactRanges = { cublas: ranges(dtype), ...(dtype === 'f32' ? { 'cublas-tf32': ranges('f16') } : {}) };
    return { name, dtype, source, exactRanges };
  });
}
