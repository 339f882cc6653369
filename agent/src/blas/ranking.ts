import type { Blas } from '@alphatensor-edge/proto';
import { median } from '@alphatensor-edge/shared';
import { pickCpus } from '../device/cpu.js';
import { type BlasToLoad, type Harness, withHarness } from '../process/harness.js';
import { withHostLock } from '../process/host-lock.js';
import { kernelSettings, runsKernels } from './kernels.js';

/** The ranking's product: large enough for the libraries to differ as they do on large ones, 30 ms or so. */
const RANK_SIZE = 1024;
const RANK_SAMPLES = 4;
/** Times that all libraries take their turn, so that a busy moment of the device does not decide. */
const RANK_TURNS = 3;
const RANK_SECONDS = 30;
const RANK_MEMORY_BYTES = 4 * 1024 ** 3;
/** How many times as fast as its own choice a library must be under a setting, for that to be no noise. */
const MIN_GAIN = 1.05;

/** A library and the samples taken of it, seconds; none if it dies. */
export interface TimedBlas {
  readonly blas: Blas;
  readonly seconds: readonly number[];
}

/** A library with the kernels that it chooses by itself and, if those are others, with the ones for the processor's widest vectors. */
export interface Choices<T> {
  readonly own: T;
  readonly asked?: T;
}

/**
 * Those of the libraries that work, each as it is fastest, the fastest first: by the median of timed float32 GEMMs on one thread.
 * @param features of the processor, separated by spaces
 */
export async function rankLibraries(harness: string, libraries: readonly string[], features: string): Promise<Blas[]> {
  if (libraries.length === 0) return [];
  const timed = await withHostLock(new AbortController().signal, async () => {
    const found: Choices<TimedBlas & { seconds: number[] }>[] = [];
    for (const library of libraries) {
      const choices = await findChoices(harness, library, features).catch(() => undefined);
      if (choices === undefined) continue;
      const { own, asked } = choices;
      found.push({ own: { blas: own, seconds: [] }, ...(asked && { asked: { blas: asked, seconds: [] } }) });
    }
    const all = found.flatMap(({ own, asked }) => (asked === undefined ? [own] : [own, asked]));
    for (let turn = 0; turn < RANK_TURNS; turn++) {
      for (const { blas, seconds } of all) seconds.push(...(await time(harness, blas).catch(() => [])));
    }
    return found;
  });
  return timed
    .map(faster)
    .filter(({ seconds }) => seconds.length > 0)
    .sort((a, b) => median(a.seconds) - median(b.seconds))
    .map(({ blas }) => blas);
}

/** What was asked for only if it never died and is clearly faster than the library's own choice. */
export function faster({ own, asked }: Choices<TimedBlas>): TimedBlas {
  if (asked === undefined || asked.seconds.length < RANK_TURNS * RANK_SAMPLES) return own;
  return own.seconds.length === 0 || median(own.seconds) > MIN_GAIN * median(asked.seconds) ? asked : own;
}

/** Asks the library which kernels it runs, by itself and when told. Throws if it cannot be loaded. */
async function findChoices(harness: string, library: string, features: string): Promise<Choices<Blas>> {
  const own = await introduce(harness, { library, environment: {} });
  for (const { environment, kernels } of kernelSettings(own.name, features)) {
    if (runsKernels(own.configuration, kernels)) break;
    // Where it has no such kernels it runs others, or dies.
    const asked = await introduce(harness, { library, environment }).catch(() => undefined);
    if (asked !== undefined && runsKernels(asked.configuration, kernels)) return { own, asked };
  }
  return { own };
}

function introduce(harness: string, { library, environment }: Required<BlasToLoad>): Promise<Blas> {
  return withBlas(harness, { library, environment }, async (child) => {
    const { name, version, configuration } = await child.introduction();
    return { name, version, library, configuration, thirdParty: true, environment };
  });
}

/** Seconds for one product, of several samples. Throws if the library dies. */
function time(harness: string, blas: BlasToLoad): Promise<number[]> {
  return withBlas(harness, blas, async (child) => {
    await child.introduction();
    await child.warmUp('B', 2, 0, RANK_SECONDS);
    const seconds: number[] = [];
    for (let i = 0; i < RANK_SAMPLES; i++) {
      // Processor time: who else runs on this device must not decide which library is the baseline.
      seconds.push((await child.sample('B', 1, RANK_SECONDS)).cpuSeconds);
    }
    return seconds;
  });
}

function withBlas<T>(harness: string, blas: BlasToLoad, action: (child: Harness) => Promise<T>): Promise<T> {
  const options = {
    harness,
    blas,
    dimensions: { m: RANK_SIZE, k: RANK_SIZE, n: RANK_SIZE },
    dtype: 'f32' as const,
    seed: 0,
    memoryBytes: RANK_MEMORY_BYTES,
    cpuSeconds: RANK_SECONDS,
    cpus: pickCpus(1),
    programs: {},
    startSeconds: RANK_SECONDS,
    signal: new AbortController().signal,
  };
  return withHarness(options, action);
}
