import { gcd, Random } from '@alphatensor-edge/shared';
import type { Summand } from './additions.js';
import { chooseSigns } from './step-signs.js';
import type { Step, StraightLine } from './straight-line-program.js';

/** Holds the transforms of a level: from blocks of A and of B to operands, and from products to blocks of C. */
export interface Transforms {
  readonly a: StraightLine;
  readonly b: StraightLine;
  readonly c: StraightLine;
}

/** What it costs that neither operand of an addition, or no output, is taken as it is: one multiplication. */
const SCALING = 1;
/** What a multiply-add costs over an addition: as good as nothing, but a processor without it multiplies. */
const MULTIPLY_ADD = 0.01;
/** What each doubling costs by which an operand of a product is off its size: range, in formats that have little. */
const OFF_SIZE = 1e-4;
/** Sweeps over all values at most. Most levels need three. */
const MAX_SWEEPS = 12;
/** Sweeps of annealing where multiplications are left, and its temperatures. */
const ANNEALING = { sweeps: 200, first: 0.6, last: 0.02 } as const;

/**
 * Folds powers of two, signs and whole factors of the sums into multiply-adds, so that as few multiplications as possible stand alone. Each
 * value of the programs may be kept doubled or halved any number of times: of p x + q y it is then enough that one factor becomes 1 or
 * -1. The outputs of a and b have no factors left: a product may have any scale, which the additions of c undo. Odd denominators, such as
 * those of thirds, are gathered in c. The same sums are computed, up to these scales of the products.
 */
export function foldScales({ a, b, c }: Transforms): Transforms {
  const [left, right] = [a, b].map(splitDenominator);
  const merged = splitDenominator(c);
  // Product r is kappa[r] * 2^-(exponent of its operands) times the product of what is kept, over the odd denominators.
  // One that is zero may be taken any number of times.
  const kappa = left.outputs.map(({ coefficient }, r) => coefficient * right.outputs[r].coefficient || 1);
  const isProduct = ({ source }: Summand): boolean => source >= 0 && source < c.inputs;
  const factorOf = ({ source, coefficient }: Summand): number => coefficient * kappa[source];
  const all = left.denominator * right.denominator * merged.denominator;
  // A factor that all products have cancels with the denominators.
  const common = [...merged.steps.flatMap((step) => [step.left, step.right]), ...merged.outputs]
    .filter(isProduct)
    .reduce((divisor, side) => gcd(divisor, oddPartOf(factorOf(side))), all);
  const undo = (side: Summand): Summand =>
    isProduct(side) ? { source: side.source, coefficient: factorOf(side) / common } : side;
  const undone = chooseSigns({
    ...merged,
    denominator: all / common,
    steps: merged.steps.map((step) => ({ left: undo(step.left), right: undo(step.right) })),
    outputs: merged.outputs.map(undo),
  });
  const scales = new Scales(left, right, undone);
  scales.settle();
  const kept = (program: StraightLine, name: Name): Step[] =>
    program.steps.map(({ left: one, right: other }, index) => ({
      left: scales.kept(name, one, scales.of(name, program.inputs + index)),
      right: scales.kept(name, other, scales.of(name, program.inputs + index)),
    }));
  const asTheyAre = ({ outputs }: StraightLine): Summand[] =>
    outputs.map(({ source }) => ({ source, coefficient: source < 0 ? 0 : 1 }));
  return {
    a: { ...left, denominator: 1, steps: kept(left, 'a'), outputs: asTheyAre(left) },
    b: { ...right, denominator: 1, steps: kept(right, 'b'), outputs: asTheyAre(right) },
    c: { ...undone, steps: kept(undone, 'c'), outputs: undone.outputs.map((output) => scales.kept('c', output, 0)) },
  };
}

/** Moves the powers of two of the denominator into the outputs. Doubles hold them exactly. */
function splitDenominator(program: StraightLine): StraightLine {
  let odd = program.denominator;
  while (odd % 2 === 0) odd /= 2;
  const power = program.denominator / odd;
  const outputs = program.outputs.map(({ source, coefficient }) => ({ source, coefficient: coefficient / power }));
  return { ...program, outputs, denominator: odd };
}

type Name = 'a' | 'b' | 'c';

/** Chooses for each value the power of two that it is kept at, by descent on one value after the other, then by annealing. */
class Scales {
  readonly #programs: Readonly<Record<Name, StraightLine>>;
  /** For each value of a program the exponent of what is kept over what is meant. Those of the inputs of c follow from a and b. */
  readonly #exponents: Readonly<Record<Name, Int32Array>>;
  /** For each value the steps that use it. */
  readonly #users: Readonly<Record<Name, readonly (readonly number[])[]>>;
  /** For each value of a and b the products, and of c the blocks, that it is an output for. */
  readonly #outputs: Readonly<Record<Name, readonly (readonly number[])[]>>;

  constructor(a: StraightLine, b: StraightLine, c: StraightLine) {
    this.#programs = { a, b, c };
    this.#exponents = { a: blank(a), b: blank(b), c: blank(c) };
    this.#users = { a: usersOf(a), b: usersOf(b), c: usersOf(c) };
    this.#outputs = { a: outputsOf(a), b: outputsOf(b), c: outputsOf(c) };
  }

  /** Gives the exponent of a value. */
  of(name: Name, value: number): number {
    if (name !== 'c' || value >= this.#programs.c.inputs) return this.#exponents[name][value];
    const { a, b } = this.#programs;
    const [left, right] = [a.outputs[value].source, b.outputs[value].source];
    return (left < 0 ? 0 : this.of('a', left)) + (right < 0 ? 0 : this.of('b', right));
  }

  /** Gives the summand that takes what is kept, for a value that is kept at `exponent`. */
  kept(name: Name, { source, coefficient }: Summand, exponent: number): Summand {
    return source < 0
      ? { source, coefficient }
      : { source, coefficient: coefficient * 2 ** (exponent - this.of(name, source)) };
  }

  /** Lowers the cost until no single change does. Blocks of C come first, then what they are made of. */
  settle(): void {
    this.#descend(true);
    if (this.#cost() < SCALING) return;
    const random = new Random(0);
    let [least, best] = [this.#cost(), this.#copy()];
    const cooling = (ANNEALING.last / ANNEALING.first) ** (1 / ANNEALING.sweeps);
    for (let sweep = 0, temperature = ANNEALING.first; sweep < ANNEALING.sweeps; sweep++, temperature *= cooling) {
      this.#sweep((name, value) => this.#jump(name, value, temperature, random));
      if (this.#cost() >= least) continue;
      [least, best] = [this.#cost(), this.#copy()];
    }
    for (const name of ['a', 'b', 'c'] as const) this.#exponents[name].set(best[name]);
    this.#descend(false);
  }

  #copy(): Record<Name, Int32Array> {
    const { a, b, c } = this.#exponents;
    return { a: a.slice(), b: b.slice(), c: c.slice() };
  }

  #cost(): number {
    let cost = 0;
    for (const name of ['a', 'b', 'c'] as const) {
      this.#programs[name].steps.forEach((_, index) => {
        cost += this.#stepCost(name, index);
      });
    }
    this.#programs.c.outputs.forEach((_, block) => {
      cost += this.#blockCost(block);
    });
    return cost;
  }

  #sweep(visit: (name: Name, value: number) => void): void {
    for (const name of ['c', 'b', 'a'] as const) {
      const { inputs, steps } = this.#programs[name];
      for (let value = inputs + steps.length - 1; value >= inputs; value--) visit(name, value);
    }
  }

  /** @param isFirst nothing was chosen yet: a value then follows those that use it, not those that it is made of */
  #descend(isFirst: boolean): void {
    for (let sweep = 0, changed = true; changed && sweep < MAX_SWEEPS; sweep++) {
      changed = false;
      this.#sweep((name, value) => {
        if (this.#improve(name, value, isFirst && sweep === 0)) changed = true;
      });
    }
  }

  /** Changes one exponent by Metropolis' rule. */
  #jump(name: Name, value: number, temperature: number, random: Random): void {
    const exponents = this.#exponents[name];
    const before = exponents[value];
    const candidates = [...this.#candidates(name, value, false)];
    const cost = this.#costAround(name, value, false);
    exponents[value] = candidates[random.int(candidates.length)];
    const limit = cost - temperature * Math.log(1 - random.float());
    if (this.#costAround(name, value, false) > limit) exponents[value] = before;
  }

  /** @param isFirst the operands of the value have no exponents yet that mean anything */
  #improve(name: Name, value: number, isFirst: boolean): boolean {
    const exponents = this.#exponents[name];
    const before = exponents[value];
    let [best, least] = [before, this.#costAround(name, value, isFirst)];
    for (const candidate of this.#candidates(name, value, isFirst)) {
      exponents[value] = candidate;
      const cost = this.#costAround(name, value, isFirst);
      if (cost < least - 1e-9) [best, least] = [candidate, cost];
    }
    exponents[value] = best;
    return best !== before;
  }

  /** Lists the exponents with which one of the factors around the value becomes 1 or -1. */
  #candidates(name: Name, value: number, isFirst: boolean): Set<number> {
    const { inputs, steps, outputs } = this.#programs[name];
    const found = new Set<number>();
    const { left, right } = steps[value - inputs];
    if (!isFirst)
      for (const side of [left, right]) found.add(this.of(name, side.source) - exponentOf(side.coefficient));
    for (const user of this.#users[name][value]) {
      for (const side of [steps[user].left, steps[user].right]) {
        if (side.source === value) found.add(this.of(name, inputs + user) + exponentOf(side.coefficient));
      }
    }
    for (const output of this.#outputs[name][value]) {
      found.add(exponentOf(outputs[output].coefficient));
      if (name === 'c') continue;
      const { inputs: products, steps: merging, outputs: blocks } = this.#programs.c;
      const rest = this.of('c', output) - this.#exponents[name][value];
      for (const user of this.#users.c[output]) {
        for (const side of [merging[user].left, merging[user].right]) {
          if (side.source === output) found.add(this.of('c', products + user) + exponentOf(side.coefficient) - rest);
        }
      }
      for (const block of this.#outputs.c[output]) found.add(exponentOf(blocks[block].coefficient) - rest);
    }
    return found;
  }

  #costAround(name: Name, value: number, isFirst: boolean): number {
    const { inputs, outputs } = this.#programs[name];
    let cost = isFirst ? 0 : this.#stepCost(name, value - inputs);
    for (const user of this.#users[name][value]) cost += this.#stepCost(name, user);
    for (const output of this.#outputs[name][value]) {
      if (name === 'c') {
        cost += this.#blockCost(output);
        continue;
      }
      cost += OFF_SIZE * Math.abs(exponentOf(outputs[output].coefficient) - this.of(name, value));
      for (const user of this.#users.c[output]) cost += this.#stepCost('c', user);
      for (const block of this.#outputs.c[output]) cost += this.#blockCost(block);
    }
    return cost;
  }

  #stepCost(name: Name, index: number): number {
    const { inputs, steps } = this.#programs[name];
    const exponent = this.of(name, inputs + index);
    const one = this.#isWhole(name, steps[index].left, exponent);
    const other = this.#isWhole(name, steps[index].right, exponent);
    if (one && other) return 0;
    return one || other ? MULTIPLY_ADD : SCALING;
  }

  #isWhole(name: Name, { source, coefficient }: Summand, exponent: number): boolean {
    return Math.abs(coefficient) * 2 ** (exponent - this.of(name, source)) === 1;
  }

  #blockCost(block: number): number {
    const { outputs, denominator } = this.#programs.c;
    if (outputs[block].source < 0) return 0;
    return this.kept('c', outputs[block], 0).coefficient === denominator ? 0 : SCALING;
  }
}

function blank({ inputs, steps }: StraightLine): Int32Array {
  return new Int32Array(inputs + steps.length);
}

function usersOf({ inputs, steps }: StraightLine): number[][] {
  const users: number[][] = Array.from({ length: inputs + steps.length }, () => []);
  steps.forEach(({ left, right }, index) => {
    for (const source of new Set([left.source, right.source])) users[source].push(index);
  });
  return users;
}

function outputsOf({ inputs, steps, outputs }: StraightLine): number[][] {
  const found: number[][] = Array.from({ length: inputs + steps.length }, () => []);
  outputs.forEach(({ source }, index) => {
    if (source >= 0) found[source].push(index);
  });
  return found;
}

function oddPartOf(x: number): number {
  return Math.abs(x) / 2 ** exponentOf(x);
}

/** The exponent of the power of two in a dyadic number, which is not 0. */
function exponentOf(x: number): number {
  let [odd, exponent] = [Math.abs(x), 0];
  while (!Number.isInteger(odd)) [odd, exponent] = [odd * 2, exponent - 1];
  while (odd % 2 === 0) [odd, exponent] = [odd / 2, exponent + 1];
  return exponent;
}
