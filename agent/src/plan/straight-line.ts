import { Random } from '@alphatensor-edge/shared';
import type { Summand, Sums } from './additions.js';
import { eliminatePairs } from './common-pairs.js';
import { type StraightLine, transpose } from './straight-line-program.js';
import { exchangeValues } from './value-exchange.js';

export { evaluate, type Step, type StraightLine } from './straight-line-program.js';

export function straightLine(
  sums: Sums,
  inputs: number,
  { seed = 0, effort = 1 }: { seed?: number; effort?: number } = {},
): StraightLine {
  const random = new Random(seed);
  const turned = sums.sums.length < inputs;
  const problem = turned ? transposeSums(sums, inputs) : sums;
  let best: StraightLine | undefined;
  for (let start = 0; start < effort; start++) {
    const program = exchangeValues(eliminatePairs(problem, turned ? sums.sums.length : inputs, random), 1500, random);
    if (best === undefined || program.steps.length < best.steps.length) best = program;
  }
  return turned ? transpose(best as StraightLine) : (best as StraightLine);
}

function transposeSums({ sums, denominator }: Sums, inputs: number): Sums {
  const columns: Summand[][] = Array.from({ length: inputs }, () => []);
  sums.forEach((sum, row) => {
    for (const { source, coefficient } of sum) columns[source].push({ source: row, coefficient });
  });
  return { denominator, sums: columns };
}
