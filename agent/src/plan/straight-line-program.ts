import type { Summand, Sums } from './additions.js';

/** Holds one addition. Both coefficients are nonzero: integers, or such over a power of two, which doubles hold exactly. */
export interface Step {
  readonly left: Summand;
  readonly right: Summand;
}

/**
 * Holds sums as a program of additions. Values are numbered: first the inputs, then the steps in order. Step i defines
 * the value inputs+i = left + right, and its sources come before it.
 */
export interface StraightLine {
  readonly inputs: number;
  readonly steps: readonly Step[];
  /** Each output is coefficient/denominator * value `source`. The source -1 means zero. */
  readonly outputs: readonly Summand[];
  readonly denominator: number;
}

/** Stands for an output that is zero. */
export const ZERO: Summand = { source: -1, coefficient: 0 };

/** Multiplies the program out: gives each output as a sum over the inputs, sources ascending. */
export function evaluate(program: StraightLine): Sums {
  const values = valueVectors(program);
  const sums = program.outputs.map(({ source, coefficient }) => {
    const sum: Summand[] = [];
    if (source < 0) return sum;
    values[source].forEach((x, input) => {
      if (x !== 0) sum.push({ source: input, coefficient: coefficient * x });
    });
    return sum;
  });
  return { denominator: program.denominator, sums };
}

/** Gives every value of the program, inputs first, as its coefficients over the inputs. */
export function valueVectors({ inputs, steps }: StraightLine): Float64Array[] {
  const values = Array.from({ length: inputs }, (_, input) => {
    const unit = new Float64Array(inputs);
    unit[input] = 1;
    return unit;
  });
  for (const { left, right } of steps) {
    const other = values[right.source];
    values.push(values[left.source].map((x, i) => left.coefficient * x + right.coefficient * other[i]));
  }
  return values;
}

/**
 * Holds sums of any length. A sum may refer to earlier ones: sum i is the value inputs+i. The rest is as in
 * StraightLine.
 */
export interface Network {
  readonly inputs: number;
  readonly sums: readonly (readonly Summand[])[];
  readonly outputs: readonly Summand[];
  readonly denominator: number;
}

/** Cuts a network's sums into single additions. No sum may refer to an empty one. */
export function linearize({ inputs, sums, outputs, denominator }: Network): StraightLine {
  const steps: Step[] = [];
  /** Gives the summand that stands for each value of the network. A sum of one summand stands for that summand. */
  const standsFor: Summand[] = [];
  for (let input = 0; input < inputs; input++) standsFor.push({ source: input, coefficient: 1 });
  const resolve = ({ source, coefficient }: Summand): Summand =>
    source < 0
      ? { source, coefficient }
      : { source: standsFor[source].source, coefficient: coefficient * standsFor[source].coefficient };
  const append = (left: Summand, right: Summand): Summand => {
    steps.push({ left, right });
    return { source: inputs + steps.length - 1, coefficient: 1 };
  };
  for (const sum of sums) standsFor.push(sum.length === 0 ? ZERO : sum.map(resolve).reduce(append));
  return { inputs, steps, outputs: outputs.map(resolve), denominator };
}

/**
 * Makes the program for the transposed sums. With the edges of the graph reversed, outputs become inputs, and each
 * value becomes the sum of what it was used for (Tellegen's principle; Bürgisser, Clausen & Shokrollahi, "Algebraic
 * Complexity Theory", 1997, theorem 13.20). If no sum is zero and every input is used, the number of additions changes
 * by outputs - inputs.
 */
export function transpose({ inputs, steps, outputs, denominator }: StraightLine): StraightLine {
  const count = inputs + steps.length;
  /** Lists the uses of each value. Value x becomes sum count-1-x, after the sums of the values computed from it. */
  const uses: Summand[][] = Array.from({ length: count }, () => []);
  const use = (by: number, { source, coefficient }: Summand): void => {
    if (source >= 0) uses[source].push({ source: by, coefficient });
  };
  const numberOf = (value: number): number => outputs.length + count - 1 - value;
  for (const [index, output] of outputs.entries()) use(index, output);
  for (let value = count - 1; value >= inputs; value--) {
    if (uses[value].length === 0) continue;
    const { left, right } = steps[value - inputs];
    use(numberOf(value), left);
    use(numberOf(value), right);
  }
  return linearize({
    inputs: outputs.length,
    sums: uses.toReversed(),
    outputs: Array.from({ length: inputs }, (_, input) =>
      uses[input].length === 0 ? ZERO : { source: numberOf(input), coefficient: 1 },
    ),
    denominator,
  });
}
