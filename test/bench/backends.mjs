// One factorization on every backend of this machine, against each one's own product:
//   npm run bench:backends -- [--algorithm strassen|winograd|laderman|FILE] [--levels 1] [--size 768] [--budget 8] [--json]
import { parseArgs } from 'node:util';
import { benchmark } from '../../agent/dist/measure/benchmark.js';
import { resolveProtocol } from '../../agent/dist/measure/protocol.js';
import { BACKENDS, findToolchain } from '../../agent/dist/toolchain/backends.js';
import { blasName } from '../../proto/dist/index.js';
import { formatSize, laderman, loadFactorization, strassen, winograd } from '../../shared/dist/index.js';
import { figure, machine } from './common.mjs';

const KNOWN = { strassen, winograd, laderman };

const { values: options } = parseArgs({
  options: {
    algorithm: { type: 'string', default: 'winograd' },
    levels: { type: 'string', default: '1' },
    size: { type: 'string', default: '768' },
    budget: { type: 'string', default: '8' },
    json: { type: 'boolean', default: false },
  },
});

const known = KNOWN[options.algorithm];
const factorization = known ? known() : (await loadFactorization(options.algorithm)).factorization;
const levels = Array(Number(options.levels)).fill(factorization);
const [n, signal] = [Number(options.size), new AbortController().signal];

const rows = [];
for (const backend of BACKENDS) {
  const probe = await findToolchain(backend.name, signal);
  if (!probe.ok) {
    rows.push({ backend: backend.name, missing: probe.reason.split('; ')[0] });
    continue;
  }
  // Formats in one order everywhere; those that a backend has.
  for (const dtype of ['f32', 'f64', 'f16', 'bf16'].filter((each) => backend.dtypes.includes(each))) {
    rows.push({ backend: backend.name, dtype, ...(await measure(backend, dtype)) });
  }
}
if (options.json) console.log(JSON.stringify({ machine: machine(), rows }, null, 2));
else print();
process.exitCode = rows.some(({ failed }) => failed !== undefined) ? 1 : 0;

async function measure(backend, dtype) {
  const outcome = await benchmark(
    {
      jobId: `${backend.name}-${dtype}`,
      levels,
      problem: { m: n, k: n, n, dtype, threads: 1 },
      backend: backend.name,
      variant: '',
      protocol: {
        ...resolveProtocol(null, backend.precision ?? dtype),
        budgetSeconds: Number(options.budget),
        includeOwnGemm: true,
      },
      compileTimeoutSeconds: 120,
      tunePlans: 0,
    },
    { signal, onProgress: () => {} },
  );
  const { measurement, environment } = outcome;
  if (!measurement) return { failed: `${outcome.kind}: ${outcome.message}` };
  return {
    compiler: environment.compiler,
    baseline: `${blasName(environment.blas)}${environment.blas.thirdParty ? '' : ' (no BLAS library)'}`,
    baselineGflops: measurement.baselineGflops,
    speedup: measurement.speedup,
    own: measurement.ownGemmSpeedup,
    relativeError: measurement.relativeError,
    compileSeconds: outcome.compileSeconds,
    rounds: measurement.baselineSeconds.length,
  };
}

function print() {
  const { cpu, cores, load } = machine();
  const text = `${formatSize(factorization.size).slice(0, -1)};${factorization.rank}>`;
  console.log(
    `${text}, ${options.levels} level(s), ${n}x${n}x${n}, one thread; ${cpu}, ${cores} cores, load ${load.toFixed(1)}\n`,
  );
  console.log(
    '| backend | type | baseline | baseline GFLOP/s | speed-up | own <1,1,1> | relative error | compiled in |',
  );
  console.log('|---|---|---|---|---|---|---|---|');
  for (const row of rows) {
    if (row.missing !== undefined) console.log(`| ${row.backend} | | not here: ${row.missing} | | | | | |`);
    else if (row.failed !== undefined) console.log(`| ${row.backend} | ${row.dtype} | ${row.failed} | | | | | |`);
    else {
      const cells = [row.baseline, figure(row.baselineGflops), interval(row.speedup), interval(row.own)];
      const error = row.relativeError.toExponential(1);
      console.log(
        `| ${row.backend} | ${row.dtype} | ${cells.join(' | ')} | ${error} | ${row.compileSeconds.toFixed(1)} s |`,
      );
    }
  }
}

function interval({ estimate, low, high }) {
  return `${estimate.toFixed(3)} (${low.toFixed(3)}–${high.toFixed(3)})`;
}
