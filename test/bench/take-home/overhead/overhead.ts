import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { anyCompiler } from '@alphatensor-edge/agent/intercept/recorder.js';
import { withPrivateFolder } from '@alphatensor-edge/agent/process/private-folder.js';
import { AlphaTensorError, median, pairedRatio, type RatioEstimate } from '@alphatensor-edge/shared';
import { repositoryPath } from '../../../support/repository.js';
import { bootstrapInterval } from '../../common/figures.js';
import { programEnvironment } from '../environment.js';
import type { Settings } from '../options.js';
import { textOf } from '../suites/run.js';

/** What products of one size pay for the library, which passes all of them on. Times are nanoseconds of processor time. */
export interface Overhead {
  readonly size: number;
  /** How the library is set: as a program has it, or counting as under `at-agent accelerate`. */
  readonly setting: Setting;
  /** Of one product straight to the BLAS. */
  readonly straight: number;
  /** What the library adds to it. */
  readonly added: { readonly estimate: number; readonly low: number; readonly high: number };
  /** Through the library over straight, paired. */
  readonly ratio: RatioEstimate;
  /** Each round: straight, and through the library. */
  readonly samples: readonly (readonly [number, number])[];
}

const SETTINGS = ['preloaded', 'counting'] as const;
type Setting = (typeof SETTINGS)[number];

/** The products: of one element, which shows the cost itself; and the size that the take-home table has. Calls fill about a millisecond. */
const SIZES = [
  { size: 1, calls: 20_000 },
  { size: 64, calls: 300 },
] as const;
const ROUNDS = 1000;

/**
 * Calls the OpenBLAS of NumPy's wheel through the library and straight, block by block in one process (overhead.c).
 * @throws AlphaTensorError NOT_FOUND without NumPy's OpenBLAS; UNAVAILABLE without a compiler; INTERNAL with what a program says
 */
export async function measureOverhead(
  library: string,
  { venv, threads, seed, folder }: Pick<Settings, 'venv' | 'threads' | 'seed' | 'folder'>,
  signal: AbortSignal,
): Promise<Overhead[]> {
  const blas = numpyBlas(venv);
  const program = join(folder, 'overhead');
  await build(blas, program, signal);
  const results: Overhead[] = [];
  for (const { size, calls } of SIZES) {
    for (const setting of SETTINGS) {
      const text = await withPrivateFolder((profiles) => {
        const counting = { FASTMM_PROFILE: join(profiles, '%p.json') };
        const env = programEnvironment(threads, library, setting === 'counting' ? counting : {});
        return textOf([program, blas, ...[size, calls, ROUNDS, seed].map(String)], { cwd: folder, env, signal });
      });
      results.push(overheadOf(size, setting, text));
    }
  }
  return results;
}

/** Reads what overhead.c prints. @throws AlphaTensorError INTERNAL with what it says instead */
export function overheadOf(size: number, setting: Setting, text: string): Overhead {
  const samples = text
    .trim()
    .split('\n')
    .map((line) => /^([\d.]+) ([\d.]+)$/.exec(line))
    .map((pair) => {
      if (pair === null)
        throw new AlphaTensorError('INTERNAL', `The small products end with: ${text.trim().slice(-300)}`);
      return [Number(pair[1]), Number(pair[2])] as const;
    });
  const [straight, through] = [samples.map(([one]) => one), samples.map(([, other]) => other)];
  const addedBy = (pairs: readonly (readonly [number, number])[]): number =>
    median(pairs.map(([one, other]) => other - one));
  return {
    ...{ size, setting, samples, straight: median(straight) },
    added: { estimate: addedBy(samples), ...bootstrapInterval(samples, addedBy) },
    ratio: pairedRatio(through, straight, { seed: 0 }),
  };
}

/** Writes the results for people. */
export function overheadLines(results: readonly Overhead[]): string[] {
  return results.map(({ size, setting, straight, added, ratio, samples }) => {
    const interval = `${added.low.toFixed(1)}..${added.high.toFixed(1)}`;
    const times = `${ratio.estimate.toFixed(4)} (${ratio.low.toFixed(4)}..${ratio.high.toFixed(4)})`;
    return (
      `${size}x${size} f32, ${setting}: straight to the BLAS ${straight.toFixed(1)} ns; the library adds ` +
      `${added.estimate.toFixed(1)} ns (${interval}), ${times} times; ${samples.length} rounds`
    );
  });
}

function numpyBlas(venv: string): string {
  const lib = join(venv, 'lib');
  const found = (existsSync(lib) ? readdirSync(lib) : []).flatMap((python) => {
    const libraries = join(lib, python, 'site-packages', 'numpy.libs');
    if (!existsSync(libraries)) return [];
    return readdirSync(libraries)
      .filter((file) => file.startsWith('libscipy_openblas64_'))
      .map((file) => join(libraries, file));
  });
  if (found.length > 0) return found[0];
  throw new AlphaTensorError(
    'NOT_FOUND',
    `There is no NumPy with its own OpenBLAS in ${venv}; run it without --offline.`,
  );
}

async function build(blas: string, out: string, signal: AbortSignal): Promise<void> {
  const { command } = await anyCompiler();
  const source = repositoryPath('test/bench/take-home/overhead/overhead.c');
  const names = ['-DPRODUCT=scipy_cblas_sgemm64_', '-DINTEGER=int64_t'];
  const folder = dirname(blas);
  const linked = [blas, `-Wl,-rpath,${folder}`, `-Wl,-rpath-link,${folder}`, '-ldl'];
  const said = await textOf([command, '-O2', ...names, source, '-o', out, ...linked], {
    ...{ cwd: dirname(out), env: process.env, signal },
  });
  if (said !== '')
    throw new AlphaTensorError('INTERNAL', `The small products do not compile: ${said.trim().slice(0, 1000)}`);
}
