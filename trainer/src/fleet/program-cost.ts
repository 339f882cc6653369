import type { PassCost, PlanResponse, ProgramCost } from '@alphatensor-edge/proto';
import {
  canonical,
  countNonzeros,
  modeLengths,
  standardRank,
  type VerifiedFactorization,
} from '@alphatensor-edge/shared';
import { boundedSentence } from './bounded-text.js';
import { matrixBytes, type ProblemSpec } from './measurement.js';
import { notBelieved } from './not-believed.js';
import type { PlanTask } from './request.js';

/** Holds what an agent says of a program, checked; or why there would be none. */
export type KnownProgram =
  | { readonly ok: true; readonly features: readonly number[] }
  | { readonly ok: false; readonly reason: string };

/** The most that the dimensions of blocks are rounded up by, elements: more than any register tile. */
const MOST_PADDING = 512;
/** The most bytes that a sum's element and its steps may be said to move, for each element: far more than any program. */
const MOST_BYTES = 64;

/**
 * Checks an agent's answer to a question about programs, and makes the features of a cost model from it: products and multiply-adds
 * relative to a plain product; additions for each element of A, B and C; the values alive in each pass; bytes of each pass, and of
 * the workspace, relative to those of the matrices. Length 12.
 * @returns of the first factorizations, in their order
 * @throws AlphaTensorError NOT_BELIEVED with the reason, if the answer cannot be true
 */
export function checkedPrograms({ costs }: PlanResponse, task: PlanTask): KnownProgram[] {
  if (costs.length > task.factorizations.length) {
    throw notBelieved(`it describes ${costs.length} programs, but ${task.factorizations.length} were asked for.`);
  }
  return costs.map((cost, index): KnownProgram => {
    if (cost.refusal !== '') return { ok: false, reason: boundedSentence(cost.refusal) };
    return { ok: true, features: checkedFeatures(cost, task.factorizations[index], task) };
  });
}

function checkedFeatures(
  cost: ProgramCost,
  factorization: VerifiedFactorization,
  { problem, depth }: Pick<PlanTask, 'problem' | 'depth'>,
): number[] {
  const bounds = boundsOf(canonical(factorization), problem, depth);
  requireBetween('products', cost.products, bounds.products, bounds.products);
  requireBetween('multiplyAdds', cost.multiplyAdds, ...bounds.multiplyAdds);
  const workspace = Number(cost.workspaceBytes);
  requireBetween('workspaceBytes', workspace, 0, Number.MAX_SAFE_INTEGER);
  const passes = (['a', 'b', 'c'] as const).map((name) => {
    const pass = cost[name];
    if (pass === null) throw notBelieved(`it has no pass ${name}.`);
    const { additions, bytes, valuesAlive } = bounds.passes[name];
    requireBetween(`${name}.additions`, pass.additions, ...additions);
    requireBetween(`${name}.bytes`, pass.bytes, 0, bytes);
    requireBetween(`${name}.valuesAlive`, pass.valuesAlive, 0, valuesAlive);
    return pass;
  });
  return featuresOf(cost, workspace, passes, problem);
}

function featuresOf(
  { products, multiplyAdds }: ProgramCost,
  workspace: number,
  passes: readonly PassCost[],
  problem: ProblemSpec,
): number[] {
  const { m, k, n } = problem;
  const elements = [m * k, k * n, m * n];
  const whole = matrixBytes(problem);
  return [
    products,
    multiplyAdds / (m * k * n),
    ...passes.map(({ additions }, index) => additions / elements[index]),
    ...passes.map(({ valuesAlive }) => valuesAlive),
    ...passes.map(({ bytes }) => bytes / whole),
    workspace / whole,
  ];
}

/** Holds what a true description lies within: [least, most]. */
interface Bounds {
  readonly products: number;
  readonly multiplyAdds: readonly [number, number];
  readonly passes: Readonly<Record<'a' | 'b' | 'c', PassBounds>>;
}

interface PassBounds {
  readonly additions: readonly [number, number];
  /** The most. */
  readonly bytes: number;
  readonly valuesAlive: number;
}

/**
 * Computes what no program of the factorization can go beyond. Each sum of two or more summands that no other equals needs an addition
 * of its own; without common sums they need one less than they have summands.
 */
function boundsOf(factorization: VerifiedFactorization, { m, k, n }: ProblemSpec, depth: number): Bounds {
  const { size, rank, u, v, w } = factorization;
  const [lengthU, lengthV, lengthW] = modeLengths(size);
  const rowsOf = (values: Int32Array, length: number): number[][] =>
    Array.from({ length: rank }, (_, r) => Array.from(values.subarray(r * length, (r + 1) * length)));
  const sums = { a: rowsOf(u.coefficients, lengthU), b: rowsOf(v.coefficients, lengthV) };
  const ofC = rowsOf(w.coefficients, lengthW);
  const used = sums.a.map((row, r) => [row, sums.b[r], ofC[r]].every((factor) => factor.some((x) => x !== 0)));
  const products = used.filter(Boolean).length;
  const columns = Array.from({ length: lengthW }, (_, x) => ofC.map((row) => row[x]));
  const blocks = { a: lengthU, b: lengthV, c: lengthW };
  const least = [m / size.n ** depth, k / size.m ** depth, n / size.p ** depth];
  const most = least.map((dimension) => Math.ceil(dimension) + MOST_PADDING);
  const all = products ** depth;
  const summands = countNonzeros(factorization);
  const pass = (rows: readonly number[][], own: number, least2: number, most2: number): PassBounds => {
    const count = additionsOf(rows);
    // An outer level goes over the blocks of the levels inside it, an inner one over the results of those outside.
    const inLevels = (each: number): number =>
      Array.from({ length: depth }, (_, level) => each * products ** level * own ** (depth - 1 - level)).reduce(
        (sum, x) => sum + x,
        0,
      );
    return {
      // The additions of outer levels are of larger blocks, which padding may leave a little smaller than this.
      additions: [0.99 * inLevels(count.least) * least2, inLevels(count.most) * most2],
      bytes: MOST_BYTES * (inLevels(count.most) + 2 * all + own ** depth) * most2,
      valuesAlive: inLevels(count.most) + all + own ** depth + summands,
    };
  };
  return {
    products: all,
    multiplyAdds: [(1 - 1e-9) * all * ((m * k * n) / standardRank(size) ** depth), all * most[0] * most[1] * most[2]],
    passes: {
      a: pass(
        sums.a.filter((_, r) => used[r]),
        blocks.a,
        least[0] * least[1],
        most[0] * most[1],
      ),
      b: pass(
        sums.b.filter((_, r) => used[r]),
        blocks.b,
        least[1] * least[2],
        most[1] * most[2],
      ),
      c: pass(columns, blocks.c, least[0] * least[2], most[0] * most[2]),
    },
  };
}

/** Counts the additions of one element: of sums that are different, at least one each; of all as they are written, at most. */
function additionsOf(rows: readonly number[][]): { readonly least: number; readonly most: number } {
  const different = new Set<string>();
  let most = 0;
  for (const row of rows) {
    const nonzeros = row.filter((x) => x !== 0).length;
    if (nonzeros < 2) continue;
    most += nonzeros - 1;
    different.add(directionOf(row));
  }
  return { least: different.size, most };
}

/** Writes a row so that its multiples are written alike. */
function directionOf(row: readonly number[]): string {
  const first = row.find((x) => x !== 0) ?? 1;
  return row.map((x) => (x / first).toFixed(9)).join();
}

function requireBetween(name: string, value: number, least: number, most: number): void {
  if (value >= least && value <= most) return;
  throw notBelieved(`its ${name} is ${value}, which no program of this algorithm has (${least} to ${most}).`);
}
