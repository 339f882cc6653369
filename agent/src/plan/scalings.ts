import type { StraightLine } from './straight-line-program.js';

/**
 * Counts the multiplications that stand alone: those of outputs with a factor, and one for each addition that has a factor on both sides.
 * An addition with one factor is a multiply-add, which takes no longer.
 */
export function countScalings({ steps, outputs, denominator }: StraightLine): number {
  const both = steps.filter(({ left, right }) => !isSign(left.coefficient) && !isSign(right.coefficient));
  const scaled = outputs.filter(({ source, coefficient }) => source >= 0 && coefficient !== denominator);
  return both.length + scaled.length;
}

function isSign(coefficient: number): boolean {
  return Math.abs(coefficient) === 1;
}
