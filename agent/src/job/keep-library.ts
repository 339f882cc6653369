import { blasName, type Outcome } from '@alphatensor-edge/proto';
import { AlphaTensorError, type FactorizationRecord, type LaidOut, laidOut } from '@alphatensor-edge/shared';
import { cacheSizes, vectorIsa } from '../device/cpu.js';
import type { Measured } from '../export/crossover.js';
import { DEFAULT_LIBRARY_NAME, type Written, writeCLibrary } from '../export/write-c-library.js';
import type { KernelPlan } from '../plan/kernel-plan.js';
import type { Dimensions, DType } from '../plan/plan.js';

/**
 * The smallest dimension worth measuring. Smaller products take microseconds, and no algorithm is faster there.
 */
const SMALLEST = 128;

interface KeepOptions {
  /** The plan that the search found, if one was asked for. */
  readonly plan?: KernelPlan | undefined;
  readonly folder: string;
  /** What it was measured with, and what the library keeps (LibraryOptions). */
  readonly workspaceTimes: number;
  readonly problem: Dimensions & LaidOut;
  readonly dtype: DType;
  readonly threads: number;
}

/**
 * Writes what was measured as a C library. While the algorithm is faster than the baseline, half the problem is
 * measured as well, so that the crossover is known.
 * @param outcome of the problem itself
 * @param measure measures another problem; throws if that gives no measurement
 */
export async function keepLibrary(
  levels: readonly FactorizationRecord[],
  { plan, folder, workspaceTimes, problem, dtype, threads }: KeepOptions,
  outcome: Outcome,
  measure: (problem: Dimensions) => Promise<Outcome>,
): Promise<Written> {
  let last = measuredOf(problem, dtype, threads, outcome);
  const measured = [last];
  while (last.low > 1 && Math.min(last.m, last.k, last.n) >= 2 * SMALLEST) {
    const half = { m: Math.ceil(last.m / 2), k: Math.ceil(last.k / 2), n: Math.ceil(last.n / 2) };
    last = measuredOf({ ...half, ...laidOut(problem) }, dtype, threads, await measure(half));
    measured.push(last);
  }
  return writeCLibrary(levels, {
    out: folder,
    dtype: [dtype],
    name: DEFAULT_LIBRARY_NAME,
    isa: 'auto',
    caches: cacheSizes(),
    measured,
    workspaceTimes,
    tuned: plan && { isa: vectorIsa(), plan },
  });
}

function measuredOf(
  { m, k, n, ...laid }: Dimensions & LaidOut,
  dtype: DType,
  threads: number,
  { measurement, environment }: Outcome,
): Measured {
  const speedup = measurement?.speedup;
  if (!speedup || !environment?.blas) {
    throw new AlphaTensorError('INTERNAL', 'There are too few samples for a speed-up; give a larger --budget.');
  }
  const against = environment.blas.thirdParty ? blasName(environment.blas) : 'the portable GEMM';
  const { relativeError, baselineRelativeError } = measurement;
  return { m, k, n, dtype, threads, ...laidOut(laid), ...speedup, against, relativeError, baselineRelativeError };
}
