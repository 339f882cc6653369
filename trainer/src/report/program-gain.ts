import { type DispatchEntry, type DispatchTable, type LaidOut, laidOut } from '@alphatensor-edge/shared';
import { isSameProblem } from '../fleet/measurement.js';
import type { TunedProgram } from '../run/tuned-program.js';

/** What a product of a program gains. */
export interface ProductGain extends LaidOut {
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly dtype: string;
  readonly threads: number;
  readonly calls: number;
  /** How many shapes are put together in this one. */
  readonly shapes: number;
  /** Of the program's time in the profile, from 0 to 1. */
  readonly share: number;
  /** Null: the baseline. */
  readonly algorithm: string | null;
  /** Null: not measured. */
  readonly speedup: number | null;
  /** What part of the program's time it saves, from 0 to 1. */
  readonly saved: number;
  /** Why it keeps the baseline, a clause or a sentence; else ''. */
  readonly reason: string;
}

/** What a program is predicted to gain. */
export interface ProgramGain {
  readonly run: string;
  /** Of the agent. */
  readonly deviceId: string;
  readonly command: readonly string[];
  /** Time of the program in its profile. */
  readonly seconds: number;
  readonly products: readonly ProductGain[];
  /** Share of the program's time in the products that were measured. */
  readonly measuredShare: number;
  /** Share of the products that keep the baseline because they are not tuned, and of functions that no library takes. */
  readonly leftOutShare: number;
  readonly othersShare: number;
  /** The program's time before over that after, if what was saved of each product is as in the measurements. */
  readonly speedup: number;
}

/** Joins a program's products with what tuning chose for them. Shares of several threads at once are at most all of the time. */
export function programGain(
  run: string,
  { command, seconds, products, othersShare }: TunedProgram,
  { device, entries }: Pick<DispatchTable, 'device' | 'entries'>,
): ProgramGain {
  const gains = products.map((product): ProductGain => {
    const { m, k, n, dtype, threads, calls, shapes, share } = product;
    const { algorithm, speedup, reason } = resultOf(product, entries);
    const saved = speedup === null ? 0 : share * (1 - 1 / speedup);
    const problem = { m, k, n, dtype, threads, ...laidOut(product) };
    return { ...problem, calls, shapes, share, algorithm, speedup, saved, reason };
  });
  const sum = (of: (gain: ProductGain) => number): number => gains.reduce((total, gain) => total + of(gain), 0);
  return {
    ...{ run, deviceId: String(device.deviceId ?? ''), command, seconds, products: gains, othersShare },
    measuredShare: sum(({ share, speedup }) => (speedup === null ? 0 : share)),
    leftOutShare: sum(({ share, speedup }) => (speedup === null ? share : 0)),
    speedup: 1 / (1 - sum(({ saved }) => saved)),
  };
}

function resultOf(
  product: TunedProgram['products'][number],
  entries: readonly DispatchEntry[],
): Pick<ProductGain, 'algorithm' | 'speedup' | 'reason'> {
  if (product.leftOut !== '') return { algorithm: null, speedup: null, reason: product.leftOut };
  const entry = entries.find(({ problem }) => isSameProblem(problem, product));
  if (entry === undefined || entry.finalists.length === 0) {
    return { algorithm: null, speedup: null, reason: entry?.reason ?? 'It was not reached.' };
  }
  const { winner, reason } = entry;
  if (winner === null) return { algorithm: null, speedup: 1, reason };
  return { algorithm: winner.label, speedup: winner.speedup.estimate, reason: '' };
}
