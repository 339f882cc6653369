// Fine-tunes for three devices on one machine and measures each one's best algorithm on the others:
//   npm run demo:devices -- [--out DIR] [--budget 60s] [--problem 1024 --problem 2048] [--cell 10s] [--sizes 2,2,2 --sizes 4,4,4]
// A device is an agent that is held to one compiler and one BLAS, with a precision of its own. They take turns, so this takes
// about 15 minutes with the defaults; stop with Ctrl-C and start again with the same --out to go on.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compose, saveFactorization, strassen, winograd } from '@alphatensor-edge/shared';

const DEVICES = [
  { name: 'gcc-openblas-f32', dtype: 'f32', threads: 1, backend: 'c-gcc', blas: 'OpenBLAS' },
  { name: 'clang-blis-f32', dtype: 'f32', threads: 1, backend: 'c-clang', blas: 'BLIS' },
  { name: 'gcc-openblas-f64', dtype: 'f64', threads: 1, backend: 'c-gcc', blas: 'OpenBLAS' },
];

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'runs/demo-devices' },
    budget: { type: 'string', default: '60s' },
    cell: { type: 'string', default: '10s' },
    problem: { type: 'string', multiple: true, default: ['1024'] },
    sizes: { type: 'string', multiple: true, default: ['2,2,2', '4,4,4'] },
    seed: { type: 'string', default: '1' },
  },
});

const root = fileURLToPath(new URL('../..', import.meta.url));
const out = resolve(values.out);
const environment = { ...process.env, ALPHATENSOR_CONFIG_DIR: join(out, 'config') };
const children = new Set();
process.on('SIGINT', () => process.exit(130));
process.on('SIGTERM', () => process.exit(143));
process.on('exit', () => {
  for (const child of children) child.kill('SIGTERM');
});

mkdirSync(out, { recursive: true });
const agents = [];
for (const device of DEVICES) agents.push(await startAgent(device));
for (const { name, address } of agents) {
  await trainer(['agents', 'remove', name], { mayFail: true });
  await trainer(['agents', 'add', name, address]);
}
for (const size of values.sizes) {
  const start = await startingPoint(size);
  const runs = [];
  for (const device of DEVICES) {
    const runDir = join(out, `${size.replaceAll(',', 'x')}-${device.name}`);
    if (!existsSync(join(runDir, 'report', 'report.json'))) await finetune(size, device, runDir, start);
    runs.push(runDir);
  }
  const comparison = join(out, `comparison-${size.replaceAll(',', 'x')}`);
  const named = DEVICES.flatMap(({ name }) => ['--agent', name]);
  const report = ['report', ...runs, '--out', comparison, '--measure-missing', ...named, '--budget', values.cell];
  await trainer(report);
}
// The agents would serve on.
process.exit(0);

function finetune(size, { name, dtype, threads, backend }, runDir, start) {
  const resume = existsSync(join(runDir, 'config.json'));
  const problems = values.problem.flatMap((problem) => ['--problem', problem]);
  const begin = ['--size', size, ...start, ...problems, '--dtype', dtype, '--threads', String(threads)];
  return trainer([
    'finetune',
    ...(resume ? ['--resume'] : [...begin, '--backend', backend, '--seed', values.seed]),
    ...['--agent', name, '--budget', values.budget, '--run-dir', runDir],
  ]);
}

/**
 * A trained network where there is one; else known algorithms as demonstrations, which every report then says, and local moves
 * from them: within minutes a network that begins there proposes nothing of its own.
 */
async function startingPoint(size) {
  if (size === '2,2,2') return ['--checkpoint', join(root, 'trainer', 'checkpoints', '2x2x2-tiny')];
  if (size !== '4,4,4') throw new Error(`There is nothing to start ${size} from; --sizes takes 2,2,2 and 4,4,4.`);
  const folder = join(out, 'demonstrations');
  mkdirSync(folder, { recursive: true });
  const known = { 'strassen-strassen': [strassen, strassen], 'winograd-winograd': [winograd, winograd] };
  const files = Object.entries(known).map(([name, levels]) => [join(folder, `${name}.json`), levels]);
  for (const [file, [outer, inner]] of files) {
    await saveFactorization(file, { factorization: compose(outer(), inner()), origin: 'composed' });
  }
  return [...files.flatMap(([file]) => ['--demonstrations', file]), '--local-moves'];
}

/** Resolves when the agent listens. */
function startAgent({ name, backend, blas }) {
  const state = { ALPHATENSOR_STATE_DIR: join(out, 'agents', name) };
  const args = [
    join(root, 'agent/bin/at-agent.js'),
    'serve',
    '--port',
    '0',
    '--json',
    '--backend',
    backend,
    '--blas',
    blas,
  ];
  const child = spawn(process.execPath, args, {
    env: { ...environment, ...state },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.add(child);
  return new Promise((fulfil, reject) => {
    child.once('close', (code) => {
      children.delete(child);
      reject(new Error(`The agent ${name} ended with status ${code}.`));
    });
    createInterface({ input: child.stdout }).once('line', (line) =>
      fulfil({ name, address: JSON.parse(line).address }),
    );
  });
}

/** Runs a command of at-trainer in this terminal. */
function trainer(args, { mayFail = false } = {}) {
  if (!mayFail) console.log(`\n$ at-trainer ${args.join(' ')}`);
  const child = spawn(process.execPath, [join(root, 'trainer/bin/at-trainer.js'), ...args], {
    env: environment,
    stdio: mayFail ? 'ignore' : 'inherit',
  });
  children.add(child);
  return new Promise((fulfil, reject) => {
    child.once('close', (code) => {
      children.delete(child);
      if (code === 0 || mayFail) fulfil();
      else reject(new Error(`at-trainer ${args[0]} ended with status ${code}.`));
    });
  });
}
