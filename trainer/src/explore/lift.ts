import {
  AlphaTensorError,
  canonical,
  type Factorization,
  type FactorMatrix,
  growth,
  isExact,
  MODES,
  modeLengths,
  modulusOf,
  multiplicationTensor,
  type Random,
  reduced,
  symmetricResidue,
  type VerifiedFactorization,
  verify,
} from '@alphatensor-edge/shared';
import { Gf2System } from './gf2.js';
import { Gf3System } from './gf3.js';
import { isInteger } from './rank-records.js';
import { reconstructRationals } from './rational.js';

/**
 * Coefficients are searched modulo p … p^DIGITS. Integers of a lift are rarely larger than 2 in magnitude, and fractions are found from 3^4
 * on. Sums of products of three stay exact in doubles.
 */
const DIGITS = { 2: 10, 3: 9 } as const;
/** Orders of the variables that are tried. Modulo 3 most of them lead to fractions. */
const ATTEMPTS = { 2: 8, 3: 4 } as const;

/** The largest linear system that is set up, in 32-bit words: 1 GiB. */
const MAX_WORDS = 2 ** 28;

/** Tells whether the linear system of a lift fits into memory: to about <7,7,7>; modulo 3 it takes twice as much. */
export function isLiftable({ size, rank, arithmetic }: Pick<Factorization, 'size' | 'rank' | 'arithmetic'>): boolean {
  const [lengthU, lengthV, lengthW] = modeLengths(size);
  const variables = rank * (lengthU + lengthV + lengthW);
  const words = lengthU * lengthV * lengthW * Math.ceil(variables / 32);
  return (arithmetic === 'modulo-3' ? 2 * words : words) <= MAX_WORDS;
}

/** Describes one coefficient: its mode, its term and its place in the factor. */
interface Variable {
  readonly mode: number;
  readonly term: number;
  readonly entry: number;
}

/**
 * Lifts a factorization modulo p = 2 to the integers, or modulo p = 3 to the rationals (Hensel lifting; Kauers & Moosbauer 2022). For
 * factors u, v, w that are right modulo p^k it finds corrections u', v', w' with
 *
 *   sum over r of u'(x)v(x)w + u(x)v'(x)w + u(x)v(x)w' = (T - sum over r of u(x)v(x)w) / p^k   modulo p
 *
 * so that u + p^k u' … are right modulo p^(k+1). The matrix of this linear system is the same for every k. Coefficients are kept
 * in the symmetric range around 0. Before each step they are tried: as integers, then modulo 3 as the fractions with small numerators and
 * denominators that they are (see reconstructRationals). Modulo 2 there are no halves, and what other fractions there are is not wanted.
 *
 * The solution is not unique, and not every one leads to small integers or fractions: the last variables are free and keep their values.
 * In the first attempt nonzero coefficients come before zeros, so that signs are chosen and zeros stay zero if possible. Further
 * attempts use random orders, modulo 3 with zeros last. Integers end the search; of fractions those whose errors grow least are taken.
 *
 * Returns undefined if no attempt succeeds. Many factorizations modulo 2 cannot be lifted at all.
 */
export function lift(factorization: VerifiedFactorization, random: Random): VerifiedFactorization | undefined {
  const modulus = modulusOf(factorization.arithmetic);
  if (modulus === undefined) throw new Error('lift takes a factorization modulo 2 or 3');
  const lengths = modeLengths(factorization.size);
  const factors = MODES.map((mode) =>
    Float64Array.from(factorization[mode].coefficients, (x) => reduced(x, factorization.arithmetic)),
  );
  const nonzero: Variable[] = [];
  const zero: Variable[] = [];
  factors.forEach((factor, mode) => {
    factor.forEach((x, i) => {
      const variable = { mode, term: Math.floor(i / lengths[mode]), entry: i % lengths[mode] };
      (x === 0 ? zero : nonzero).push(variable);
    });
  });
  let variables = [...nonzero, ...zero];
  let best: VerifiedFactorization | undefined;
  for (let attempt = 0; attempt < ATTEMPTS[modulus]; attempt++) {
    if (attempt > 0 && modulus === 2) random.shuffle(variables);
    if (attempt > 0 && modulus === 3) variables = [...random.shuffle(nonzero), ...random.shuffle(zero)];
    const lifted = liftInOrder(factorization, { modulus, factors, variables });
    if (lifted === 'impossible') return undefined;
    if (lifted === undefined) continue;
    if (isInteger(lifted)) return lifted;
    if (best === undefined || growth(lifted) < growth(best)) best = lifted;
  }
  return best;
}

interface LiftProblem {
  readonly modulus: 2 | 3;
  /** The factors modulo it, [mode][rank * length]. */
  readonly factors: readonly Float64Array[];
  /** All coefficients, in the order in which they are solved for. */
  readonly variables: readonly Variable[];
}

/** Tries one order of the variables. `impossible`: not even modulo p^2 are there corrections, so no order can succeed. */
function liftInOrder(
  { size, rank }: VerifiedFactorization,
  { modulus, factors: start, variables }: LiftProblem,
): VerifiedFactorization | 'impossible' | undefined {
  const lengths = modeLengths(size);
  const factors = start.map((factor) => factor.slice());
  const system = jacobian(factors, lengths, variables, modulus);
  const tensor = multiplicationTensor(size);
  let power: number = modulus;
  for (let k = 1; k <= DIGITS[modulus]; k++, power *= modulus) {
    for (const read of modulus === 2 ? [integers] : [integers, reconstructRationals]) {
      const matrices = factors.map((factor) => read(factor, power));
      if (matrices.includes(undefined)) continue;
      const [u, v, w] = matrices as FactorMatrix[];
      const candidate: Factorization = { size, rank, arithmetic: 'standard', u, v, w };
      if (isExact(candidate)) return withoutNeedlessFractions(verify(candidate));
    }
    const x = system.solve(residualDigits(tensor, factors, lengths, rank, { modulus, power }));
    if (x === undefined) return k === 1 ? 'impossible' : undefined;
    x.forEach((digit, i) => {
      if (digit === 0) return;
      const { mode, term, entry } = variables[i];
      const at = term * lengths[mode] + entry;
      factors[mode][at] = symmetricResidue(factors[mode][at] + digit * power, modulus * power);
    });
  }
  return undefined;
}

/** Computes the derivative of sum u(x)v(x)w by each variable, modulo 2 or 3: a row for each entry of the tensor, a column for each variable. */
function jacobian(
  factors: readonly Float64Array[],
  lengths: readonly number[],
  variables: readonly Variable[],
  modulus: 2 | 3,
): Gf2System | Gf3System {
  const [lengthU, lengthV, lengthW] = lengths;
  const rows = lengthU * lengthV * lengthW;
  const words = (variables.length + 31) >>> 5;
  const plus = new Int32Array(rows * words);
  const minus = modulus === 2 ? plus : new Int32Array(rows * words);
  const strides = [lengthV * lengthW, lengthW, 1];
  variables.forEach(({ mode, term, entry }, column) => {
    const [x, y] = [(mode + 1) % 3, (mode + 2) % 3];
    for (let i = 0; i < lengths[x]; i++) {
      const left = factors[x][term * lengths[x] + i];
      if (left === 0) continue;
      for (let j = 0; j < lengths[y]; j++) {
        const product = left * factors[y][term * lengths[y] + j];
        if (product === 0) continue;
        const row = entry * strides[mode] + i * strides[x] + j * strides[y];
        (product > 0 ? plus : minus)[row * words + (column >>> 5)] |= 1 << (column & 31);
      }
    }
  });
  return modulus === 2
    ? new Gf2System(plus, rows, variables.length)
    : new Gf3System(plus, minus, rows, variables.length);
}

/** Computes the digit of T - sum u(x)v(x)w that `power`, a power of the modulus, stands for. All lower digits are zero. */
function residualDigits(
  tensor: Int8Array,
  factors: readonly Float64Array[],
  lengths: readonly number[],
  rank: number,
  { modulus, power }: { readonly modulus: number; readonly power: number },
): Uint8Array {
  const [lengthU, lengthV, lengthW] = lengths;
  const [u, v, w] = factors;
  const residual = Float64Array.from(tensor);
  for (let r = 0; r < rank; r++) {
    for (let a = 0; a < lengthU; a++) {
      if (u[r * lengthU + a] === 0) continue;
      for (let b = 0; b < lengthV; b++) {
        const product = u[r * lengthU + a] * v[r * lengthV + b];
        if (product === 0) continue;
        const base = (a * lengthV + b) * lengthW;
        for (let c = 0; c < lengthW; c++) residual[base + c] -= product * w[r * lengthW + c];
      }
    }
  }
  return Uint8Array.from(residual, (x) => (((x / power) % modulus) + modulus) % modulus);
}

/**
 * Moves scales between the factors of each product, so that fractions stay only where they are needed: that a free variable stays 1 or -1 makes
 * (1/2, 1) of (1, 2).
 */
function withoutNeedlessFractions(lifted: VerifiedFactorization): VerifiedFactorization {
  if (isInteger(lifted)) return lifted;
  try {
    return canonical(lifted);
  } catch (error) {
    // The scales of a product together leave LIMITS.
    if (error instanceof AlphaTensorError) return lifted;
    throw error;
  }
}

function integers(factor: Float64Array): FactorMatrix {
  return { coefficients: Int32Array.from(factor), denominator: 1 };
}
