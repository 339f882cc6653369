import type { LaidOut } from '@alphatensor-edge/shared';
import type { Dimensions, DType } from '../plan/plan.js';

/** Holds how much faster than the device's GEMM the algorithm was for one problem. */
export interface Measured extends Dimensions, LaidOut {
  readonly dtype: DType;
  readonly threads: number;
  /** The GEMM's time over the algorithm's, with its interval. */
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
  /** The GEMM that it was compared with, for example `OpenBLAS 0.3.21`. */
  readonly against: string;
  /** Relative Frobenius errors of the algorithm and of the GEMM on zero-mean inputs. Absent: unknown. */
  readonly relativeError?: number | undefined;
  readonly baselineRelativeError?: number | undefined;
}

/** Says from which size on the algorithm is used. */
export interface Crossover {
  /** The smallest of m, n, k. Undefined: never. */
  readonly size: number | undefined;
  /** Where the size comes from, as a sentence. */
  readonly origin: string;
}

/** The block size from which the product saved is worth the additions. A rule of thumb. */
const SENSIBLE_BLOCK = 256;

/**
 * Finds the smallest measured size from which on the algorithm was faster at every size and with every number of
 * threads. Faster means that the lower end of the interval is above 1.
 * @param measured of the number format in question
 */
export function measuredCrossover(measured: readonly Measured[]): Crossover {
  const sizeOf = ({ m, k, n }: Dimensions): number => Math.min(m, k, n);
  const sizes = [...new Set(measured.map(sizeOf))].sort((x, y) => y - x);
  let crossover: number | undefined;
  for (const size of sizes) {
    if (!measured.filter((entry) => sizeOf(entry) === size).every(({ low }) => low > 1)) break;
    crossover = size;
  }
  const against = [...new Set(measured.map((entry) => entry.against))].join(', ');
  if (crossover === undefined) {
    return {
      size: crossover,
      origin: `Measured: at ${sizes[0]}, the largest size, it was not faster than ${against}.`,
    };
  }
  const next = sizes.find((size) => size < (crossover as number));
  return {
    size: crossover,
    origin:
      `Measured: from ${crossover} on it was faster than ${against}, ` +
      (next === undefined ? 'and smaller sizes were not tried.' : `and at ${next} it was not.`),
  };
}

/** Assumes a crossover where nothing was measured. */
export function assumedCrossover({ n, m, p }: { n: number; m: number; p: number }): Crossover {
  return {
    size: SENSIBLE_BLOCK * Math.max(n, m, p),
    origin: `Not measured: blocks of at least ${SENSIBLE_BLOCK} are assumed to be worth it.`,
  };
}

/** Makes the crossover that was chosen by hand. */
export function chosenCrossover(size: number): Crossover {
  return { size, origin: 'Chosen with --crossover.' };
}
