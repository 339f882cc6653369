import type { Combination } from './combinations.js';

/** Holds what is expected of a combination for one problem. */
export interface Expected {
  readonly combination: Combination;
  /** Predicted seconds of one product. */
  readonly seconds: number;
  /** Predicted multiple of the error of a plain product (fleet/error-bound.ts). */
  readonly error: number;
}

/**
 * How much a combination is put back for each one of the same size and rank that is tried before it. Their predictions differ by less
 * than the model knows, so some of each kind tell more than all of one.
 */
const PUT_BACK = 0.03;
/** Predictions this close count as equal, and the more accurate combination comes first. */
const EQUALLY_FAST = 0.01;

/** How much a combination is put back whose predicted error is twice the bound. */
const TOO_INACCURATE = 0.5;

/**
 * Orders combinations by what to try first: by predicted time, the more accurate first where that is about equal, with those of the same
 * size and rank spread out, and those a little back that seem to be over the bound on the error.
 * @param maxError the bound; null: none
 * @param tried what was tried before
 */
export function inOrderOfTrial(
  expected: readonly Expected[],
  maxError: number | null,
  tried: readonly Combination[] = [],
): Expected[] {
  const triedKinds = new Map<string, number>();
  for (const one of tried) triedKinds.set(kindOf(one), (triedKinds.get(kindOf(one)) ?? 0) + 1);
  const doubtOf = ({ error }: Expected): number =>
    maxError === null ? 0 : TOO_INACCURATE * Math.max(0, error / maxError - 1);
  const kinds = new Map<string, Expected[]>();
  for (const one of expected) {
    const key = kindOf(one.combination);
    const kind = kinds.get(key);
    if (kind === undefined) kinds.set(key, [one]);
    else kind.push(one);
  }
  return [...kinds.values()]
    .flatMap((kind) =>
      frontFirst(kind).map((one, index) => ({
        one,
        score: one.seconds * (1 + PUT_BACK * (index + (triedKinds.get(kindOf(one.combination)) ?? 0)) + doubtOf(one)),
      })),
    )
    .sort((a, b) => a.score - b.score || a.one.error - b.one.error)
    .map(({ one }) => one);
}

function kindOf({ work: { n, m, p, rank } }: Combination): string {
  return [n, m, p, rank].join(' ');
}

/** Puts the most accurate of the fastest first, then the others by time. */
function frontFirst(kind: readonly Expected[]): Expected[] {
  const byTime = [...kind].sort((a, b) => a.seconds - b.seconds || a.error - b.error);
  const least = byTime[0].seconds * (1 + EQUALLY_FAST);
  const fastest = byTime.filter(({ seconds }) => seconds <= least).sort((a, b) => a.error - b.error);
  return [...fastest, ...byTime.filter(({ seconds }) => seconds > least)];
}

/**
 * Computes the error growth of an algorithm on a device: growth is relative to a plain product of the leaf's depth, and a shorter sum
 * rounds less, by the square root of its length, up to the depth that is summed up at a time (docs/notes/accuracy.md).
 * @param m blocks of the depth, all levels together
 * @param kc largest depth that is summed up at a time
 */
export function effectiveGrowth(growth: number, m: number, depth: number, kc: number): number {
  return growth * Math.sqrt(Math.min(Math.ceil(depth / m), kc) / Math.min(depth, kc));
}

/** Predicted errors are off by up to this factor before anything is measured, and by the second after some are. */
const [CLEAR_MARGIN, CLOSE_MARGIN] = [1.3, 1.12];
/** Measurements from which the closer margin holds. */
const ENOUGH = 3;

/**
 * Makes the function that predicts a combination's error from its effective growth and what was measured of the problem: growth times the
 * error of own <1,1,1>, times the typical factor between that and what was measured.
 * @param own multiple of own <1,1,1>; at least 1
 * @param measured effective growth and multiple of the measured ones
 */
export function errorPredictor(
  own: number,
  measured: readonly { readonly growth: number; readonly ratio: number }[],
): { readonly predict: (growth: number) => number; readonly margin: number } {
  const factors = measured.map(({ growth, ratio }) => ratio / (growth * own)).sort((a, b) => a - b);
  const factor = factors.length < ENOUGH ? 1 : factors[Math.floor(factors.length / 2)];
  return {
    predict: (growth) => Math.max(1, own * growth * factor),
    margin: factors.length < ENOUGH ? CLEAR_MARGIN : CLOSE_MARGIN,
  };
}
