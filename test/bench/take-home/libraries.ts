import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cacheSizes } from '@alphatensor-edge/agent/device/cpu.js';
import { DEFAULT_LIBRARY_NAME, writeCLibrary } from '@alphatensor-edge/agent/export/write-c-library.js';
import { makeBlas } from '@alphatensor-edge/agent/intercept/build-library.js';
import { LIBRARY_FILE, newestLibrary, openLibrary } from '@alphatensor-edge/agent/intercept/library-record.js';
import { anyCompiler } from '@alphatensor-edge/agent/intercept/recorder.js';
import { type FactorizationRecord, standard } from '@alphatensor-edge/shared';
import { repositoryPath } from '../../support/repository.js';
import { programEnvironment } from './environment.js';
import type { Row } from './programs.js';

/** From this size in each dimension on, own <1,1,1> takes a product. */
const OWN_FROM = 256;

/** Paths of what is preloaded. */
export interface Libraries {
  /** Without an algorithm. */
  readonly own: string;
  readonly chosen: string;
}

/** Builds the library that computes products over the same engine without an algorithm: <1,1,1>. */
export async function ownLibrary(folder: string, signal: AbortSignal): Promise<string> {
  const out = join(folder, 'own');
  await mkdir(out, { recursive: true });
  const plain: FactorizationRecord = { factorization: standard({ n: 1, m: 1, p: 1 }), origin: 'imported' };
  await writeCLibrary([plain], {
    ...{ out, dtype: ['f32', 'f64'], name: DEFAULT_LIBRARY_NAME, isa: 'auto', caches: cacheSizes() },
    ...{ crossover: OWN_FROM, measured: [], workspaceTimes: 0 },
  });
  await makeBlas(out, await anyCompiler(), signal);
  return openLibrary(join(out, 'build-blas', LIBRARY_FILE)).path;
}

interface TuneOptions {
  readonly folder: string;
  readonly threads: number;
  /** Of an earlier run; undefined: the programs are profiled. */
  readonly profile: string | undefined;
  readonly budget: string;
  readonly signal: AbortSignal;
}

/**
 * Profiles the programs and tunes for them, as a person does. Everything is kept in a folder.
 * @returns the library
 * @throws AlphaTensorError NOT_FOUND if no library comes of it; the commands say why on the standard error
 */
export async function tuneFor(
  rows: readonly Row[],
  { folder, threads, profile: known, budget, signal }: TuneOptions,
): Promise<string> {
  const profile = known ?? join(folder, 'gemm-profile.json');
  const runDir = join(folder, 'tune');
  // The first product of a shape needs memory from the system.
  const script = rows.map(({ command }) => `printf 'time\\ntime\\n' | ${command.map(quoted).join(' ')}`).join('\n');
  process.env.ALPHATENSOR_STATE_DIR = join(folder, 'state');
  const env = programEnvironment(threads);
  if (known === undefined) await run('at-agent', ['profile', '--out', profile, '--', 'sh', '-c', script], env, signal);
  await run('at-trainer', ['tune', '--profile', profile, '--budget', budget, '--run-dir', runDir], env, signal);
  // Without the record beside it, which is for the state folder of this run: --library takes it in another run, too.
  const chosen = join(folder, 'chosen', LIBRARY_FILE);
  await mkdir(dirname(chosen), { recursive: true });
  await copyFile(newestLibrary().path, chosen);
  return chosen;
}

/** Runs a command of this project; what it prints goes to the standard error. */
async function run(
  name: 'at-agent' | 'at-trainer',
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<void> {
  const main = repositoryPath(`${name.slice('at-'.length)}/bin/${name}.js`);
  process.stderr.write(`${name} ${args[0]}\n`);
  const child = spawn(process.execPath, [main, ...args], { env, signal, stdio: ['ignore', 2, 2] });
  await once(child, 'close');
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
