import { gcd, type Random } from '@alphatensor-edge/shared';
import type { Summand } from './additions.js';
import { type Step, type StraightLine, valueVectors, ZERO } from './straight-line-program.js';
import { ValueSet } from './value-set.js';

/**
 * Bounds the number of different coefficients in relations. The smallest are used, because the time grows with the
 * square of their number.
 */
const MAX_COEFFICIENTS = 4;

/**
 * Bounds the length of a program. Longer ones stay as they are, because finding all relations takes time in proportion
 * to the square of the values.
 */
const MAX_STEPS = 2000;

/**
 * Searches locally for a shorter program with the same outputs. Each trial adds a new value to the set of values, one
 * that at least two relations connect with the others. If one neighbouring temporary is then no longer needed, it is
 * removed and the new value stays, so the set moves among programs of equal length. If two are no longer needed, the
 * program gets shorter. `effort` scales the number of trials; 1 takes about 10 ms for 50 steps and about 200 ms for
 * many.
 */
export function exchangeValues(program: StraightLine, effort: number, random: Random): StraightLine {
  const count = program.steps.length;
  if (count === 0 || count > MAX_STEPS) return program;
  const vectors = valueVectors(program).map(primitive);
  const coefficients = coefficientSizes(program);
  const set = valueSet(program, vectors, coefficients, random);
  // This fails if two values have the same hash, or if the program has coefficients that are not in the relations.
  if (!vectors.every((vector) => set.find(vector) >= 0) || !set.reaches()) return program;
  dropNeedless(set, range(set.slots), random);

  // A trial takes time in proportion to the number of values and of pairs of coefficients.
  const trials = effort * Math.min(40 * count, 600_000 / (count * coefficients.length ** 2));
  const bound = Math.max(...vectors.map(largest));
  for (let trial = 0; trial < trials; trial++) {
    const vector = proposal(set, coefficients, random);
    // Larger coefficients do not save additions, but they make rounding errors larger.
    if (vector === undefined || largest(vector) > bound) continue;
    const slot = set.add(vector, 'temporary');
    if (slot < 0) continue;
    if (set.relations(slot).length < 6 || !dropNeedless(set, neighbours(set, slot), random)) set.remove(slot);
  }
  dropNeedless(set, range(set.slots), random);
  return programOf(set, program);
}

/** Makes the set of the program's values. `vectors` holds them. */
function valueSet(
  { inputs, outputs }: StraightLine,
  vectors: readonly Int32Array[],
  coefficients: readonly number[],
  random: Random,
): ValueSet {
  const set = new ValueSet(inputs, coefficients, random);
  const isOutput = new Set(outputs.map(({ source }) => source));
  const steps = range(vectors.length).slice(inputs);
  for (const input of range(inputs)) set.add(vectors[input], 'input');
  for (const step of steps) if (isOutput.has(step)) set.add(vectors[step], 'output');
  for (const step of steps) if (!isOutput.has(step)) set.add(vectors[step], 'temporary');
  return set;
}

/** Removes, in random order, the given values that are temporaries and not needed. Tells whether there were any. */
function dropNeedless(set: ValueSet, values: readonly number[], random: Random): boolean {
  let dropped = false;
  for (const slot of random.shuffle(values.filter((value) => set.isTemporary(value)))) {
    if (!set.isNeedless(slot)) continue;
    set.remove(slot);
    dropped = true;
  }
  return dropped;
}

/**
 * Lists the values that share a relation with the value, and those that share one with them, without the value itself.
 */
function neighbours(set: ValueSet, value: number): number[] {
  const near = related(set, value);
  const all = new Set(near);
  for (const other of near) for (const next of related(set, other)) all.add(next);
  all.delete(value);
  return [...all];
}

function related(set: ValueSet, value: number): number[] {
  return set.relations(value).filter((_, i) => i % 3 !== 2);
}

/**
 * Combines two values that each share a relation with a third. Undefined if the third has only one relation. For
 * example, with s = x + x' = y + y', the proposal x - y equals y' - x' and so has two relations.
 */
function proposal(set: ValueSet, coefficients: readonly number[], random: Random): Int32Array | undefined {
  const relations = set.relations(random.int(set.slots));
  const count = relations.length / 3;
  if (count < 2) return undefined;
  const [first, second] = [random.int(count), random.int(count)];
  if (first === second) return undefined;
  const x = set.vector(relations[3 * first + random.int(2)]) as Int32Array;
  const y = set.vector(relations[3 * second + random.int(2)]) as Int32Array;
  const p = coefficients[random.int(coefficients.length)];
  const q = coefficients[random.int(coefficients.length)] * (random.bernoulli(0.5) ? 1 : -1);
  return primitive(x.map((value, i) => p * value + q * y[i]));
}

/** Turns the set into a program with the outputs of the old one. */
function programOf(set: ValueSet, old: StraightLine): StraightLine {
  const vectors = valueVectors(old);
  const numberOf = new Map(range(old.inputs).map((input) => [set.find(primitive(vectors[input])), input]));
  const renumber = ({ source, coefficient }: Summand): Summand => ({
    source: numberOf.get(source) as number,
    coefficient,
  });
  const steps: Step[] = [];
  for (const { value, left, right } of set.additions()) {
    numberOf.set(value, old.inputs + steps.length);
    steps.push({ left: renumber(left), right: renumber(right) });
  }
  const outputs = old.outputs.map(({ source, coefficient }) => {
    if (source < 0) return ZERO;
    const slot = set.find(primitive(vectors[source]));
    const position = vectors[source].findIndex((x) => x !== 0);
    const factor = vectors[source][position] / (set.vector(slot) as Int32Array)[position];
    return renumber({ source: slot, coefficient: coefficient * factor });
  });
  return { ...old, steps, outputs };
}

/** Lists the sizes of the coefficients in use, ascending. 1 is always among them. */
function coefficientSizes({ steps }: StraightLine): number[] {
  const sizes = new Set([1]);
  for (const { left, right } of steps) sizes.add(Math.abs(left.coefficient)).add(Math.abs(right.coefficient));
  return [...sizes].sort((a, b) => a - b).slice(0, MAX_COEFFICIENTS);
}

function largest(vector: Int32Array): number {
  return vector.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
}

/** Divides the vector by the greatest common divisor of its entries. */
function primitive(vector: ArrayLike<number>): Int32Array {
  const whole = Int32Array.from(vector);
  const factor = whole.reduce((common, x) => gcd(common, x), 0);
  return factor > 1 ? whole.map((x) => x / factor) : whole;
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
