import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { compose, saveFactorization, strassen, winograd } from '@alphatensor-edge/shared';
import { startAtAgent, untilExit } from '../support/processes.js';
import { repositoryPath } from '../support/repository.js';
import { type Bench, refusal } from './bench.js';
import { CHECKPOINT_222 } from './common/paths.js';

export const bench: Bench = {
  summary: "fine-tunes for three devices on one machine and measures each one's best on the others",
  help: `Fine-tunes for three devices on one machine and measures each one's best algorithm on the others. A device is an agent that is held
to one compiler and one BLAS, with a precision of its own. They take turns, so this takes about 15 minutes with the defaults; stop
with Ctrl-C and start again with the same --out to go on.

  --out DIR        (runs/demo-devices)
  --sizes N,M,P    2,2,2 or 4,4,4; repeatable (both)
  --problem N      repeatable (1024)
  --budget TIME    of each run (60s)
  --cell TIME      of each measurement of the comparison (10s)
  --seed N         (1)
`,
  async run(args) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        out: { type: 'string', default: 'runs/demo-devices' },
        budget: { type: 'string', default: '60s' },
        cell: { type: 'string', default: '10s' },
        problem: { type: 'string', multiple: true, default: ['1024'] },
        sizes: { type: 'string', multiple: true, default: ['2,2,2', '4,4,4'] },
        seed: { type: 'string', default: '1' },
      },
    });
    const unknown = values.sizes.find((size) => STARTING_POINTS[size] === undefined);
    if (unknown !== undefined) {
      throw refusal(
        `There is nothing to start ${unknown} from; --sizes takes ${Object.keys(STARTING_POINTS).join(' and ')}.`,
      );
    }
    const out = resolve(values.out);
    mkdirSync(out, { recursive: true });
    const trainer = trainerIn(out);
    for (const device of DEVICES) {
      const { address } = await startDevice(device, out);
      await trainer(['agents', 'remove', device.name], { mayFail: true });
      await trainer(['agents', 'add', device.name, address]);
    }
    for (const size of values.sizes) {
      const start = await STARTING_POINTS[size](out);
      const runs: string[] = [];
      for (const device of DEVICES) {
        const runDir = join(out, `${size.replaceAll(',', 'x')}-${device.name}`);
        runs.push(runDir);
        if (existsSync(join(runDir, 'report', 'report.json'))) continue;
        const problems = values.problem.flatMap((problem) => ['--problem', problem]);
        const begin = ['--size', size, ...start, ...problems, '--seed', values.seed, ...optionsOf(device)];
        await trainer([
          'finetune',
          ...(existsSync(join(runDir, 'config.json')) ? ['--resume'] : begin),
          ...['--agent', device.name, '--budget', values.budget, '--run-dir', runDir],
        ]);
      }
      const comparison = join(out, `comparison-${size.replaceAll(',', 'x')}`);
      const named = DEVICES.flatMap(({ name }) => ['--agent', name]);
      await trainer(['report', ...runs, '--out', comparison, '--measure-missing', ...named, '--budget', values.cell]);
    }
    // The agents would serve on.
    process.exit(0);
  },
};

interface Device {
  readonly name: string;
  readonly dtype: 'f32' | 'f64';
  readonly threads: number;
  readonly backend: string;
  readonly blas: string;
}

const DEVICES: readonly Device[] = [
  { name: 'gcc-openblas-f32', dtype: 'f32', threads: 1, backend: 'c-gcc', blas: 'OpenBLAS' },
  { name: 'clang-blis-f32', dtype: 'f32', threads: 1, backend: 'c-clang', blas: 'BLIS' },
  { name: 'gcc-openblas-f64', dtype: 'f64', threads: 1, backend: 'c-gcc', blas: 'OpenBLAS' },
];

function optionsOf({ dtype, threads, backend }: Device): string[] {
  return ['--dtype', dtype, '--threads', String(threads), '--backend', backend];
}

/** Options that start a size: a trained network where there is one, else known algorithms. */
const STARTING_POINTS: Readonly<Record<string, (out: string) => Promise<readonly string[]>>> = {
  '2,2,2': async () => ['--checkpoint', CHECKPOINT_222],
  '4,4,4': demonstrations,
};

/**
 * Known algorithms as demonstrations, which every report then says, and local moves from them: within minutes a network that
 * begins there proposes nothing of its own.
 */
async function demonstrations(out: string): Promise<readonly string[]> {
  const folder = join(out, 'demonstrations');
  mkdirSync(folder, { recursive: true });
  const known = { 'strassen-strassen': strassen(), 'winograd-winograd': winograd() };
  const files: string[] = [];
  for (const [name, level] of Object.entries(known)) {
    const file = join(folder, `${name}.json`);
    await saveFactorization(file, { factorization: compose(level, level), origin: 'composed' });
    files.push(file);
  }
  return [...files.flatMap((file) => ['--demonstrations', file]), '--local-moves'];
}

/** Where the names of the agents are kept. */
function environmentIn(out: string): NodeJS.ProcessEnv {
  return { ...process.env, ALPHATENSOR_CONFIG_DIR: join(out, 'config') };
}

function startDevice({ name, backend, blas }: Device, out: string): Promise<{ readonly address: string }> {
  const env = { ...environmentIn(out), ALPHATENSOR_STATE_DIR: join(out, 'agents', name) };
  return startAtAgent(['--port', '0', '--backend', backend, '--blas', blas], { env });
}

/** What runs a command of at-trainer in this terminal. */
function trainerIn(out: string) {
  return async (args: readonly string[], { mayFail = false } = {}): Promise<void> => {
    if (!mayFail) console.log(`\n$ at-trainer ${args.join(' ')}`);
    const child = untilExit(
      spawn(process.execPath, [repositoryPath('trainer/bin/at-trainer.js'), ...args], {
        env: environmentIn(out),
        stdio: mayFail ? 'ignore' : 'inherit',
      }),
    );
    const [status] = await once(child, 'close');
    if (status !== 0 && !mayFail) throw new Error(`at-trainer ${args[0]} ended with status ${status}.`);
  };
}
