import { type DispatchProblem, laidOut, transposedOf } from '@alphatensor-edge/shared';
import type { ReadProfile } from './gemm-profile.js';
import { placesIn, unfitFor } from './model-problems.js';

/** Products of a program that are tuned together, or not at all. */
export interface ProgramProduct extends DispatchProblem {
  readonly calls: number;
  readonly seconds: number;
  /** Of the program's time, from 0 to 1. */
  readonly share: number;
  /** How many shapes are put together here: m, k and n are those with the most time. */
  readonly shapes: number;
  /** Why they are not tuned, a clause; '': they are. */
  readonly leftOut: string;
}

/** The least share of the program's time of a problem: with less, no algorithm changes the program's time by what can be noticed. */
const LEAST_SHARE = 0.01;
/** How much longer each dimension of one shape may be than that of another that is tuned with it. */
const NEIGHBOUR = 1.15;

/**
 * Chooses which products of a program are tuned: those that an algorithm can make faster, the most time first, as many as the budget
 * is long enough for. Column-major products are named as the row-major ones that they are; what is left out comes last.
 * @param seconds of the budget; undefined: as long as it takes
 */
export function profileProblems(profile: ReadProfile, seconds: number | undefined): ProgramProduct[] {
  const same = new Map<string, ProgramProduct>();
  for (const { calls, seconds: took, ...product } of profile.products) {
    const problem = rowMajor(product);
    const key = JSON.stringify(Object.values(problem));
    const earlier = same.get(key) ?? { ...problem, calls: 0, seconds: 0, share: 0, shapes: 1, leftOut: '' };
    same.set(key, joined(earlier, { calls, seconds: took, shapes: 0 }, profile));
  }
  const groups: ProgramProduct[] = [];
  for (const one of [...same.values()].sort(byTime)) {
    const near = groups.findIndex((group) => isNeighbour(group, one));
    if (near < 0) groups.push(one);
    else groups[near] = joined(groups[near], one, profile);
  }
  const places = placesIn(seconds);
  let tuned = 0;
  const chosen = groups.sort(byTime).map((group): ProgramProduct => {
    const leftOut = reasonFor(group) ?? (tuned < places ? '' : 'the budget is too short for it');
    if (leftOut === '') tuned++;
    return { ...group, leftOut };
  });
  return chosen.sort((a, b) => Number(a.leftOut !== '') - Number(b.leftOut !== ''));
}

/** Gives a product as the row-major one that it is: of column-major matrices, C' = op(B)' op(A)'. */
function rowMajor(product: Omit<ReadProfile['products'][number], 'calls' | 'seconds'>): DispatchProblem {
  const { dtype, layout, transA, transB, m, n, k, threads } = product;
  return layout === 'row'
    ? { m, k, n, dtype, threads, ...laidOut({ transposed: transposedOf(transA, transB) }) }
    : { m: n, k, n: m, dtype, threads, ...laidOut({ transposed: transposedOf(transB, transA) }) };
}

function joined(
  group: ProgramProduct,
  other: Pick<ProgramProduct, 'calls' | 'seconds' | 'shapes'>,
  profile: ReadProfile,
): ProgramProduct {
  const seconds = group.seconds + other.seconds;
  return {
    ...group,
    ...{ calls: group.calls + other.calls, seconds, shapes: group.shapes + other.shapes },
    share: seconds / profile.seconds,
  };
}

function isNeighbour(a: DispatchProblem, b: DispatchProblem): boolean {
  const isNear = (x: number, y: number): boolean => Math.max(x, y) <= NEIGHBOUR * Math.min(x, y);
  const isSameKind = a.dtype === b.dtype && a.threads === b.threads && a.transposed === b.transposed;
  // What is too short for an algorithm does not become longer with others, or the reverse.
  const isSameFit =
    (unfitFor({ ...a, type: a.dtype }) === undefined) === (unfitFor({ ...b, type: b.dtype }) === undefined);
  return isSameKind && isSameFit && isNear(a.m, b.m) && isNear(a.k, b.k) && isNear(a.n, b.n);
}

function reasonFor({ share, ...problem }: ProgramProduct): string | undefined {
  const unfit = unfitFor({ ...problem, type: problem.dtype });
  if (unfit !== undefined) return unfit;
  return share < LEAST_SHARE ? `it takes less than ${100 * LEAST_SHARE} % of the program's time` : undefined;
}

function byTime(a: { readonly seconds: number }, b: { readonly seconds: number }): number {
  return b.seconds - a.seconds;
}
