import type { Summand, Sums } from './additions.js';
import { eliminatePairs } from './common-subexpressions.js';

/** One addition: coefficients are nonzero integers, and both sources precede it. */
export interface Step {
  readonly left: Summand;
  readonly right: Summand;
}

/**
 * Sums as a program of additions, nothing computed twice. Values are numbered: the inputs first, then the steps in
 * order, so that step i defines value inputs+i = left + right.
 */
export interface StraightLine {
  readonly inputs: number;
  readonly steps: readonly Step[];
  /** Each output = coefficient/denominator * value `source`; source -1: zero. */
  readonly outputs: readonly Summand[];
  readonly denominator: number;
}

/** Sums that may refer to each other: sum i is value inputs+i of the numbering that its summands use. */
export interface Network {
  readonly inputs: number;
  readonly sums: readonly (readonly Summand[])[];
  /** Each output is `coefficient` times value `source`; source -1: zero. */
  readonly outputs: readonly Summand[];
}

/** A program for the sums over `inputs` sources, deterministic for a seed. */
export function straightLine(
  sums: Sums,
  inputs: number,
  options: { seed?: number; effort?: number } = {},
): StraightLine {
  void options;
  const network = eliminatePairs(sums, inputs);
  return { ...linearize(network), denominator: sums.denominator };
}

/** The program expanded again: each output as a sum over the inputs, sources ascending. */
export function evaluate({ inputs, steps, outputs, denominator }: StraightLine): Sums {
  const values: Map<number, number>[] = [];
  for (let input = 0; input < inputs; input++) values.push(new Map([[input, 1]]));
  for (const step of steps) values.push(combine(values, [step.left, step.right]));
  return {
    denominator,
    sums: outputs.map((output) => {
      if (output.source < 0) return [];
      return [...combine(values, [output])]
        .sort(([left], [right]) => left - right)
        .map(([source, coefficient]) => ({ source, coefficient }));
    }),
  };
}

function combine(values: readonly Map<number, number>[], summands: readonly Summand[]): Map<number, number> {
  const result = new Map<number, number>();
  for (const { source, coefficient } of summands) {
    for (const [input, value] of values[source]) {
      const sum = (result.get(input) ?? 0) + coefficient * value;
      if (sum === 0) result.delete(input);
      else result.set(input, sum);
    }
  }
  return result;
}

/** Orders the sums so that each follows those it uses, and cuts them into single additions. */
function linearize({ inputs, sums, outputs }: Network): Omit<StraightLine, 'denominator'> {
  const steps: Step[] = [];
  /** What stands for each value of the network; a sum of one summand is that summand. */
  const values: (Summand | undefined)[] = [];
  for (let input = 0; input < inputs; input++) values.push({ source: input, coefficient: 1 });
  const resolve = ({ source, coefficient }: Summand): Summand => {
    const value = values[source] ?? define(source);
    return { source: value.source, coefficient: coefficient * value.coefficient };
  };
  const define = (value: number): Summand => {
    const [first, ...rest] = sums[value - inputs].map(resolve);
    const result = rest.reduce((left, right) => {
      steps.push({ left, right });
      return { source: inputs + steps.length - 1, coefficient: 1 };
    }, first);
    values[value] = result;
    return result;
  };
  return { inputs, steps, outputs: outputs.map((output) => (output.source < 0 ? output : resolve(output))) };
}
