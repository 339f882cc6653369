import type { Summand } from './additions.js';
import type { Step, StraightLine } from './straight-line-program.js';

/**
 * Chooses signs that cost nothing: outputs get positive coefficients where possible, and few steps have two negative
 * operands, because -x - y needs one operation more than x - y. A positive operand comes first.
 */
export function chooseSigns(program: StraightLine): StraightLine {
  const { inputs, steps, outputs } = program;
  const signs = new Array<number>(inputs + steps.length).fill(1);
  const isFree = signs.map((_, value) => value >= inputs);
  for (const { source, coefficient } of outputs) {
    if (source < inputs || !isFree[source]) continue;
    signs[source] = Math.sign(coefficient);
    isFree[source] = false;
  }
  const users: number[][] = signs.map(() => []);
  steps.forEach(({ left, right }, index) => {
    users[left.source].push(index);
    users[right.source].push(index);
  });

  const signed = ({ source, coefficient }: Summand, sign: number): Summand => ({
    source,
    coefficient: coefficient * sign * (source < 0 ? 1 : signs[source]),
  });
  const isNegative = (index: number): boolean =>
    [steps[index].left, steps[index].right].every((side) => signed(side, signs[inputs + index]).coefficient < 0);
  const negativesAround = (value: number): number => [value - inputs, ...users[value]].filter(isNegative).length;

  // Every change leaves fewer steps negative, so this ends.
  for (let changed = true; changed; ) {
    changed = false;
    for (let value = inputs; value < signs.length; value++) {
      if (!isFree[value]) continue;
      const before = negativesAround(value);
      signs[value] = -signs[value];
      if (negativesAround(value) < before) changed = true;
      else signs[value] = -signs[value];
    }
  }

  const withSigns = ({ left, right }: Step, index: number): Step => {
    const sides = [left, right].map((side) => signed(side, signs[inputs + index]));
    const [first, second] = sides[0].coefficient < 0 ? [sides[1], sides[0]] : sides;
    return { left: first, right: second };
  };
  return { ...program, steps: steps.map(withSigns), outputs: outputs.map((output) => signed(output, 1)) };
}
