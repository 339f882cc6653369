import type { PackedLevel } from './packed.js';
import type { StraightLine } from './straight-line.js';

/** Holds what a bound on the rounding error of a packed program needs. */
export interface ErrorGrowth {
  /** E: the largest intermediate result, as a multiple of the largest product of blocks computed term by term. */
  readonly values: number;
  /** q: the most additions and scalings between an element of A or B and an element of C. */
  readonly roundings: number;
}

/**
 * Computes E and q of a bound on the rounding error. With entries of A and B of at most 1, unit roundoff u and block
 * products of depth d, an element of C is off by at most u E d (d + q) in first order (Ballard, Benson, Druinsky,
 * Lipshitz & Schwartz, "Improving the numerical stability of fast matrix multiplication", SIAM J. Matrix Anal. Appl.
 * 37, 2016). Here the bound is of the transforms as they are computed, common subexpressions included. Over several
 * levels the E are multiplied and the q added.
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

/** Bounds the size of the outputs, and of every value, from the bounds of the inputs. */
function bounds({ steps, outputs, denominator }: StraightLine, inputs: readonly number[]) {
  const all = [...inputs];
  const scaled = ({ source, coefficient }: { source: number; coefficient: number }): number =>
    source < 0 ? 0 : Math.abs(coefficient) * all[source];
  for (const { left, right } of steps) all.push(scaled(left) + scaled(right));
  const results = outputs.map((output) => scaled(output) / denominator);
  return { outputs: results, all: [...all.slice(inputs.length), ...results] };
}

/** Counts the operations on the longest chain from an input to an output. */
function length({ inputs, steps, outputs }: StraightLine): number {
  const depths: number[] = new Array(inputs).fill(0);
  for (const { left, right } of steps) depths.push(1 + Math.max(depths[left.source], depths[right.source]));
  return 1 + Math.max(...outputs.map(({ source }) => (source < 0 ? 0 : depths[source])));
}
