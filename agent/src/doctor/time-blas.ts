import { median, messageOf } from '@alphatensor-edge/shared';
import type { RankedKind } from '../blas/ranking.js';
import { childOptions } from '../measure/child-options.js';
import { memoryNeed } from '../measure/memory.js';
import { patienceFor } from '../measure/patience.js';
import type { DType } from '../plan/plan.js';
import { type BlasToLoad, type Child, type Harness, type Introduction, withHarness } from '../process/harness.js';
import type { BlasTiming } from './diagnosis.js';

/** The dimension of the first product, which takes about 25 ms on one core of a server. */
const SIZE = 1024;
/** The dimension with all threads, unless one product of it would take longer than BEARABLE_SECONDS. */
const LARGE_SIZE = 2048;
const BEARABLE_SECONDS = 1;

/** The least length of a sample, so that processor time and wall time can be compared. */
const SAMPLE_SECONDS = 0.02;
const MIN_SAMPLES = 3;
const SECONDS = 0.3;
/** The time of a product from which a library counts as too slow to be timed again. */
const MAX_SECONDS = 1;
/**
 * The length of a burst at the multiply-add peak, seconds. There are some before the samples and one before each
 * of them, and the best is the peak.
 */
const PEAK_SECONDS = 0.003;
const MIN_PEAK_BURSTS = 20;
/** Limits the processor time of each thread. Beyond it a child ends itself. */
const CPU_SECONDS = 120;

/** What is filled in when all libraries are known. */
type Timing = Omit<BlasTiming, 'shareOfPeak' | 'baseline'>;

/** Lists the kinds of products that a library is timed with: both number formats on one thread, then float32 on all CPUs. */
export function timedKinds(cpus: number): RankedKind[] {
  const onOne: RankedKind[] = [
    { dtype: 'f32', threads: 1 },
    { dtype: 'f64', threads: 1 },
  ];
  return cpus > 1 ? [...onOne, { dtype: 'f32', threads: cpus }] : onOne;
}

/** Holds what was seen of a library. */
export interface TimedBlas {
  /** Undefined if it could not even be loaded. */
  readonly introduction: Introduction | undefined;
  readonly matrixBytes: number;
  readonly timings: readonly Timing[];
  /** Empty if all went well. */
  readonly problem: string;
}

/**
 * Times one library with each of `timedKinds`. The caller holds the host lock.
 * Rejects only when the signal aborts.
 * @param cpus number of CPUs this process may use
 */
export async function timeBlas(
  harness: Child,
  blas: BlasToLoad,
  cpus: number,
  signal: AbortSignal,
): Promise<TimedBlas> {
  const timings: Timing[] = [];
  let introduction: Introduction | undefined;
  let matrixBytes = 0;
  try {
    for (const { dtype, threads } of timedKinds(cpus)) {
      const size = threads > 1 && isBearable(timings[0].gflops) ? LARGE_SIZE : SIZE;
      const { said, need, timing } = await timeOnce(harness, blas, dtype, threads, size, signal);
      introduction = said;
      matrixBytes = need;
      timings.push(timing);
    }
    return { introduction, matrixBytes, timings, problem: '' };
  } catch (error) {
    signal.throwIfAborted();
    return { introduction, matrixBytes, timings, problem: messageOf(error) };
  }
}

function isBearable(gflops: number): boolean {
  return (2 * LARGE_SIZE ** 3) / (gflops * 1e9) <= BEARABLE_SECONDS;
}

async function timeOnce(
  harness: Child,
  blas: BlasToLoad,
  dtype: DType,
  threads: number,
  size: number,
  signal: AbortSignal,
): Promise<{ said: Introduction; need: number; timing: Timing }> {
  const problem = { m: size, k: size, n: size, dtype, threads };
  const need = memoryNeed(problem, []);
  const patience = patienceFor(problem);
  const cpuSeconds = CPU_SECONDS * threads;
  const options = childOptions({ harness, blas, problem, need, patience, seed: 0, cpuSeconds, signal });
  return withHarness(options, async (child) => {
    try {
      const said = await child.introduction();
      const timing = await sampleBaseline(child, problem, patience.first, patience.aside);
      return { said, need: need.matrices, timing };
    } catch (error) {
      if (child.end?.signal) throw new Error(`A product in ${dtype} was ended by ${child.end.signal}.`);
      throw error;
    }
  });
}

async function sampleBaseline(
  child: Harness,
  { m: size, dtype, threads }: { m: number; dtype: DType; threads: number },
  deadline: number,
  aside: number,
): Promise<Timing> {
  // The first sample also starts the library's threads, which are then bound as in a measurement.
  const samples = [await child.sample('B', 1, deadline)];
  await child.bindThreads(aside);
  const runs = Math.ceil(SAMPLE_SECONDS / samples[0].seconds);
  let peakGflops = 0;
  const burst = async (): Promise<void> => {
    peakGflops = Math.max(peakGflops, await child.peakGflops(PEAK_SECONDS, aside));
  };
  for (let i = 0; i < MIN_PEAK_BURSTS; i++) await burst();
  let spent = samples[0].seconds;
  while (spent < MAX_SECONDS && (samples.length <= MIN_SAMPLES || spent < SECONDS)) {
    await burst();
    const sample = await child.sample('B', runs, deadline * runs);
    samples.push(sample);
    spent += runs * sample.seconds;
  }
  // On one thread, processor time leaves out what other processes took of the CPU. It is the median, because a virtual
  // machine credits single samples with too little: it takes off the time that it was stopped in lumps. On several
  // threads idle ones would count as busy, so it is the wall time of the sample that was disturbed least.
  const typical =
    threads === 1
      ? median(samples.map(({ cpuSeconds }) => cpuSeconds))
      : Math.min(...samples.map(({ seconds }) => seconds));
  return {
    dtype,
    size,
    threadsAllowed: threads,
    threadsUsed: Math.max(...samples.map(({ seconds, cpuSeconds }) => cpuSeconds / seconds)),
    gflops: (2 * size ** 3) / typical / 1e9,
    peakGflops,
  };
}
