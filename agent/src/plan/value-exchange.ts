import type { Random } from '@alphatensor-edge/shared';
import type { Summand } from './additions.js';
import { type Step, type StraightLine, valueVectors, ZERO } from './straight-line-program.js';
import { gcd, ValueSet } from './value-set.js';

/**
 * Local search for a shorter program: takes a new value into the set that two relations connect with the others, and
 * keeps it if another temporary then is needless; if more than one is, the program has become shorter. `trials` values are
 * tried. The program itself is returned if nothing is found.
 */
export function exchangeValues(program: StraightLine, trials: number, random: Random): StraightLine {
  if (program.steps.length === 0) return program;
  const coefficients = coefficientSizes(program);
  const set = new ValueSet(program.inputs, coefficients, random);
  const vectors = valueVectors(program).map((vector) => primitive(Int32Array.from(vector)));
  const isOutput = new Set(program.outputs.map(({ source }) => source));
  for (let value = 0; value < program.inputs; value++) set.add(vectors[value], 'input');
  for (const value of isOutput) if (value >= program.inputs) set.add(vectors[value], 'output');
  for (let value = program.inputs; value < vectors.length; value++) set.add(vectors[value], 'temporary');
  if (!set.reaches()) return program;
  const bound = vectors.reduce((most, vector) => Math.max(most, size(vector)), 0);

  const temporaries = (): number[] => {
    const slots = Array.from({ length: set.slots }, (_, slot) => slot);
    return random.shuffle(slots.filter((slot) => set.isTemporary(slot)));
  };
  const dropNeedless = (kept: number): boolean => {
    let dropped = false;
    for (const slot of temporaries()) {
      if (slot === kept || !set.isNeedless(slot)) continue;
      set.remove(slot);
      dropped = true;
    }
    return dropped;
  };
  dropNeedless(-1);
  for (let trial = 0; trial < trials; trial++) {
    const vector = proposal(set, coefficients, random);
    if (vector === undefined || size(vector) > bound) continue;
    const slot = set.add(vector, 'temporary');
    if (slot < 0) continue;
    if (set.relations(slot).length < 6 || !dropNeedless(slot)) set.remove(slot);
  }
  return programOf(set, program);
}

function proposal(set: ValueSet, coefficients: readonly number[], random: Random): Int32Array | undefined {
  const relations = set.relations(random.int(set.slots));
  const count = relations.length / 3;
  if (count < 2) return undefined;
  const [i, j] = [random.int(count), random.int(count)];
  if (i === j) return undefined;
  const x = set.vector(relations[3 * i + random.int(2)]) as Int32Array;
  const y = set.vector(relations[3 * j + random.int(2)]) as Int32Array;
  const p = coefficients[random.int(coefficients.length)];
  const q = coefficients[random.int(coefficients.length)] * (random.bernoulli(0.5) ? 1 : -1);
  const z = primitive(x.map((value, k) => p * value + q * y[k]));
  return z;
}

/** The set as a program with the outputs of the old one, which were given as vectors over the inputs. */
function programOf(set: ValueSet, old: StraightLine): StraightLine {
  const oldVectors = valueVectors(old);
  const numberOf = new Map<number, number>();
  for (let input = 0; input < old.inputs; input++) numberOf.set(set.find(Int32Array.from(oldVectors[input])), input);
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
    const vector = oldVectors[source];
    const slot = set.find(primitive(Int32Array.from(vector)));
    const position = vector.findIndex((x) => x !== 0);
    const factor = vector[position] / (set.vector(slot) as Int32Array)[position];
    return renumber({ source: slot, coefficient: coefficient * factor });
  });
  return { ...old, steps, outputs };
}

function coefficientSizes({ steps }: StraightLine): number[] {
  const sizes = new Set([1]);
  for (const { left, right } of steps) sizes.add(Math.abs(left.coefficient)).add(Math.abs(right.coefficient));
  return [...sizes].sort((a, b) => a - b).slice(0, 4);
}

function size(vector: Int32Array): number {
  return vector.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
}

function primitive(vector: Int32Array): Int32Array {
  const factor = vector.reduce((common, x) => gcd(common, Math.abs(x)), 0);
  return factor > 1 ? vector.map((x) => x / factor) : vector;
}
