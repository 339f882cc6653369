import type { Blas } from '@alphatensor-edge/proto';
import { median } from '@alphatensor-edge/shared';
import { pickCpus } from '../device/cpu.js';
import type { DType } from '../plan/plan.js';
import { type BlasToLoad, type Harness, withHarness } from '../process/harness.js';
import { withHostLock } from '../process/host-lock.js';
import { isMkl } from './file-names.js';
import { kernelSettings, runsKernels } from './kernels.js';

/**
 * The dimension of the product that ranks the libraries. It takes about 30 ms, large enough for them to differ as
 * on large products.
 */
const RANK_SIZE = 1024;
const RANK_SAMPLES = 4;
/** Tells how often every library is timed in turn, so that a busy moment of the device does not decide. */
const RANK_TURNS = 3;
const RANK_SECONDS = 30;
const RANK_MEMORY_BYTES = 4 * 1024 ** 3;
/** The gain over its own choice that a library must show under a setting, so that it is not noise. */
const MIN_GAIN = 1.05;

/** Says of which products the fastest library is wanted. */
export interface RankedKind {
  readonly dtype: DType;
  readonly threads: number;
}

/** Holds a library and its samples, seconds. There are none if it dies. */
export interface TimedBlas {
  readonly blas: Blas;
  readonly seconds: readonly number[];
}

/**
 * Holds a library with the kernels that it chooses by itself and, if those are not the ones for the processor's widest
 * vectors, also with these.
 */
interface Choices<T> {
  readonly own: T;
  readonly asked?: T | undefined;
}

/** What libraries are ranked by at first. */
export const FIRST_KIND: RankedKind = { dtype: 'f32', threads: 1 };

/**
 * Ranks the libraries that work, each as it is fastest, the fastest first, by the median time of float32 GEMMs on one
 * thread.
 * @param features of the processor, separated by spaces
 */
export async function rankLibraries(harness: string, libraries: readonly string[], features: string): Promise<Blas[]> {
  if (libraries.length === 0) return [];
  const timed = await withHostLock({ signal: new AbortController().signal }, async () => {
    const found: Choices<TimedBlas & { seconds: number[] }>[] = [];
    for (const library of libraries) {
      const choices = await findChoices(harness, library, features).catch(() => undefined);
      if (choices === undefined) continue;
      const { own, asked } = choices;
      found.push({ own: { blas: own, seconds: [] }, asked: asked && { blas: asked, seconds: [] } });
    }
    const all = found.flatMap(({ own, asked }) => (asked === undefined ? [own] : [own, asked]));
    for (let turn = 0; turn < RANK_TURNS; turn++) {
      for (const { blas, seconds } of all) seconds.push(...(await time(harness, blas, FIRST_KIND).catch(() => [])));
    }
    return found;
  });
  return fastestFirst(timed.map(faster));
}

/**
 * Ranks libraries, each as `rankLibraries` found it to be fastest, by the median time of GEMMs of another kind. Those that have none are
 * left out.
 */
export async function rankAgain(harness: string, ranked: readonly Blas[], kind: RankedKind): Promise<Blas[]> {
  if (ranked.length < 2) return [...ranked];
  const timed = ranked.map((blas) => ({ blas, seconds: [] as number[] }));
  await withHostLock({ signal: new AbortController().signal }, async () => {
    for (let turn = 0; turn < RANK_TURNS; turn++) {
      for (const { blas, seconds } of timed) seconds.push(...(await time(harness, blas, kind).catch(() => [])));
    }
  });
  return fastestFirst(timed);
}

function fastestFirst(timed: readonly TimedBlas[]): Blas[] {
  return timed
    .filter(({ seconds }) => seconds.length > 0)
    .sort((a, b) => median(a.seconds) - median(b.seconds))
    .map(({ blas }) => blas);
}

/**
 * Gives the setting by which a library uses other threads. MKL's own are those of Intel's OpenMP, a package that a folder with MKL may
 * lack; GCC's OpenMP is on most systems. (Never its sequential layer: that would use one thread where several are compared.)
 */
function otherThreads(library: string): Blas['environment'] | undefined {
  return isMkl(library) ? { MKL_THREADING_LAYER: 'GNU' } : undefined;
}

/**
 * Chooses between a library's own choice and what was asked for. The latter must never have died and must be clearly
 * faster.
 */
export function faster({ own, asked }: Choices<TimedBlas>): TimedBlas {
  if (asked === undefined || asked.seconds.length < RANK_TURNS * RANK_SAMPLES) return own;
  return own.seconds.length === 0 || median(own.seconds) > MIN_GAIN * median(asked.seconds) ? asked : own;
}

/**
 * Finds which kernels the library runs, by itself and when asked for others.
 * @throws AlphaTensorError if the library cannot be loaded
 */
async function findChoices(harness: string, library: string, features: string): Promise<Choices<Blas>> {
  const own = await introduceSomehow(harness, library);
  for (const { environment, kernels } of kernelSettings(own.name, features)) {
    if (runsKernels(own.configuration, kernels)) break;
    // A library without such kernels runs others, or dies.
    const asked = await introduce(harness, { library, environment }).catch(() => undefined);
    if (asked !== undefined && runsKernels(asked.configuration, kernels)) return { own, asked };
  }
  return { own };
}

/** Introduces a library as it is, or else as it can be loaded. @throws AlphaTensorError if it cannot */
async function introduceSomehow(harness: string, library: string): Promise<Blas> {
  try {
    return await introduce(harness, { library, environment: {} });
  } catch (error) {
    const environment = otherThreads(library);
    if (environment === undefined) throw error;
    return introduce(harness, { library, environment });
  }
}

function introduce(harness: string, { library, environment }: Pick<Blas, 'library' | 'environment'>): Promise<Blas> {
  return withBlas(harness, { library, environment }, FIRST_KIND, async (child) => {
    const { name, version, configuration } = await child.introduction();
    return { name, version, library, configuration, thirdParty: true, environment };
  });
}

/**
 * Times one product, several samples in seconds.
 * @throws AlphaTensorError if the library dies
 */
function time(harness: string, blas: BlasToLoad, kind: RankedKind): Promise<number[]> {
  return withBlas(harness, blas, kind, async (child) => {
    await child.introduction();
    await child.warmUp('B', 2, 0, RANK_SECONDS);
    const seconds: number[] = [];
    for (let i = 0; i < RANK_SAMPLES; i++) {
      const sample = await child.sample('B', 1, RANK_SECONDS);
      // Processor time, because other processes on this device must not decide which library is the baseline. Of several threads the
      // one that waits for the others may sleep or spin, so that only the clock compares libraries.
      seconds.push(kind.threads === 1 ? sample.cpuSeconds : sample.seconds);
    }
    return seconds;
  });
}

function withBlas<T>(
  harness: string,
  blas: BlasToLoad,
  { dtype, threads }: RankedKind,
  action: (child: Harness) => Promise<T>,
): Promise<T> {
  const options = {
    harness,
    blas,
    dimensions: { m: RANK_SIZE, k: RANK_SIZE, n: RANK_SIZE },
    dtype,
    seed: 0,
    memoryBytes: RANK_MEMORY_BYTES,
    cpuSeconds: RANK_SECONDS * threads,
    cpus: pickCpus(threads),
    programs: {},
    startSeconds: RANK_SECONDS,
    signal: new AbortController().signal,
  };
  return withHarness(options, action);
}
