import { median, messageOf } from '@alphatensor-edge/shared';
import { childOptions } from '../measure/child-options.js';
import { memoryNeed } from '../measure/memory.js';
import { patienceFor } from '../measure/patience.js';
import type { DType } from '../plan/plan.js';
import { type BlasToLoad, type Child, type Harness, type Introduction, withHarness } from '../process/harness.js';
import type { BlasTiming } from './diagnosis.js';

/** About 25 ms a product on one core of a server. */
const SIZE = 1024;
/** With all threads, unless a product of this size takes longer than is bearable. */
const LARGE_SIZE = 2048;
const BEARABLE_SECONDS = 1;

/** A sample is long enough for processor time and wall time to be compared. */
const SAMPLE_SECONDS = 0.02;
const MIN_SAMPLES = 3;
const SECONDS = 0.3;
/** A library this slow is not asked again and again. */
const MAX_SECONDS = 1;
/** Bursts at the multiply-add peak, some before the samples and one before each: the best of them is the peak. */
const PEAK_SECONDS = 0.003;
const MIN_PEAK_BURSTS = 20;
/** Processor time after which a child ends itself, a thread. */
const CPU_SECONDS = 120;

/** What a library was seen to be and to do; the shares are filled in when the peak of all is known. */
export interface TimedBlas {
  /** Undefined where it could not even be loaded. */
  readonly introduction: Introduction | undefined;
  readonly matrixBytes: number;
  readonly timings: readonly Omit<BlasTiming, 'shareOfPeak'>[];
  /** Empty if all went well. */
  readonly problem: string;
}

/**
 * Times one library: both number formats on one thread, then float32 on all CPUs. The caller holds the host lock. Rejects
 * only when the signal says so.
 * @param cpus CPUs this process may use
 */
export async function timeBlas(
  harness: Child,
  blas: BlasToLoad,
  cpus: number,
  signal: AbortSignal,
): Promise<TimedBlas> {
  const timings: Omit<BlasTiming, 'shareOfPeak'>[] = [];
  let introduction: Introduction | undefined;
  let matrixBytes = 0;
  try {
    for (const { dtype, threads } of [
      { dtype: 'f32', threads: 1 },
      { dtype: 'f64', threads: 1 },
      ...(cpus > 1 ? [{ dtype: 'f32', threads: cpus } as const] : []),
    ] as const) {
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
): Promise<{ said: Introduction; need: number; timing: Omit<BlasTiming, 'shareOfPeak'> }> {
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
): Promise<Omit<BlasTiming, 'shareOfPeak'>> {
  // The first one also starts the library's threads, which are then bound as in a measurement.
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
  // On one thread processor time leaves out what other processes took of the CPU. Its median, as a virtual machine credits
  // single samples with too little: the time it was stopped for is taken off in lumps. On several threads idle ones would
  // count as busy, so it is the wall clock, and of that the sample that was disturbed least.
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
