import type { PackedLevel } from './packed.js';
import type { StraightLine } from './straight-line.js';

/** What a bound on the rounding error of a packed program needs. */
export interface ErrorGrowth {
  /** E: how many times the largest product of blocks, computed term by term, any intermediate result can become. */
  readonly values: number;
  /** q: additions and scalings between an element of A or B and one of C, at most. */
  readonly roundings: number;
}

/**
 * With entries of A and B of at most 1 and d the depth of a block product, an element of C is off by at most
 * u E d (d + q) in first order, u the unit roundoff (Ballard, Benson, Druinsky, Lipshitz & Schwartz, "Improving the
 * numerical stability of fast matrix multiplication", SIAM J. Matrix Anal. Appl. 37, 2016; here of the transforms as they
 * are computed, common subexpressions included). Levels multiply E and add q.
 */
export function errorGrowth(levels: readonly PackedLevel[]): ErrorGrowth {
  return levels.reduce<ErrorGrowth>(
    ({ values, roundings }, { a, b, c }) => {
      const ones = (length: number): number[] => new Array(length).fill(1);
      const left = bounds(a, ones(a.inputs));
      const right = bounds(b, ones(b.inputs));
      const products = left.outputs.map((x, r) => x * right.outputs[r]);
      return {
        values: values * Math.max(...bounds(c, products).all),
        roundings: roundings + length(a) + length(b) + length(c),
      };
    },
    { values: 1, roundings: 0 },
  );
}

/** Bounds on the size of the outputs, and of every value, where those of the inputs are given. */
function bounds({ steps, outputs, denominator }: StraightLine, inputs: readonly number[]) {
  const all = [...inputs];
  const scaled = ({ source, coefficient }: { source: number; coefficient: number }): number =>
    source < 0 ? 0 : Math.abs(coefficient) * all[source];
  for (const { left, right } of steps) all.push(scaled(left) + scaled(right));
  const results = outputs.map((output) => scaled(output) / denominator);
  return { outputs: results, all: [...all.slice(inputs.length), ...results] };
}

/** The longest chain of operations from an input to an output. */
function length({ inputs, steps, outputs }: StraightLine): number {
  const depths: number[] = new Array(inputs).fill(0);
  for (const { left, right } of steps) depths.push(1 + Math.max(depths[left.source], depths[right.source]));
  return 1 + Math.max(...outputs.map(({ source }) => (source < 0 ? 0 : depths[source])));
}
