import { Random } from '@alphatensor-edge/shared';
import type { Summand, Sums } from './additions.js';
import { eliminatePairs } from './common-pairs.js';
import { orderSteps } from './step-order.js';
import { chooseSigns } from './step-signs.js';
import { type StraightLine, transpose } from './straight-line-program.js';
import { exchangeValues } from './value-exchange.js';

export { evaluate, type Step, type StraightLine } from './straight-line-program.js';

/** Says how long to search for a short program, and from which seed. */
interface StraightLineOptions {
  /** The same seed and effort give the same program. */
  readonly seed?: number | undefined;
  /**
   * At effort 1 a factor matrix of rank 50 takes about ten milliseconds. The time grows in proportion to the effort.
   */
  readonly effort?: number | undefined;
}

/**
 * Finds a short straight-line program for the sums over `inputs` sources. Common pairs are eliminated greedily, then a
 * local search also finds cancellations. Effort beyond 1 goes equally into more and into longer searches. Among the
 * programs of that length it gives one that keeps few values alive, with positive outputs and operands where possible.
 */
export function straightLine(sums: Sums, inputs: number, options: StraightLineOptions = {}): StraightLine {
  const { seed = 0, effort = 1 } = options;
  const random = new Random(seed);
  // A program for the transposed sums, transposed back, has as few additions. With fewer inputs, more of its values
  // relate.
  const count = sums.sums.length;
  const isTurned = count < inputs;
  const [problem, sources] = isTurned ? [transposeSums(sums, inputs), count] : [sums, inputs];
  const searches = Math.max(1, Math.round(Math.sqrt(effort)));
  const search = (): StraightLine =>
    exchangeValues(eliminatePairs(problem, sources, random), effort / searches, random);

  let best = search();
  for (let i = 1; i < searches; i++) {
    const other = search();
    if (other.steps.length < best.steps.length) best = other;
  }
  return chooseSigns(orderSteps(isTurned ? transpose(best) : best));
}

function transposeSums({ sums, denominator }: Sums, inputs: number): Sums {
  const columns: Summand[][] = Array.from({ length: inputs }, () => []);
  sums.forEach((sum, row) => {
    for (const { source, coefficient } of sum) columns[source].push({ source: row, coefficient });
  });
  return { denominator, sums: columns };
}
