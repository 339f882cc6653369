import {
  type Factorization,
  fromRows,
  isExact,
  MODES,
  modeLengths,
  multiplicationTensor,
  type Random,
  type VerifiedFactorization,
  verify,
} from '@alphatensor-edge/shared';
import { Gf2System } from './gf2.js';

/** Coefficients are searched modulo 2 … 2^MAX_BITS. Those of a lift are rarely larger than 2 in magnitude. */
const MAX_BITS = 10;
/** Orders of the variables that are tried. */
const ATTEMPTS = 8;

/** The largest linear system that is set up, in 32-bit words: 1 GiB. */
const MAX_WORDS = 2 ** 28;

/** Tells whether the linear system of a lift fits into memory: to about <7,7,7>. */
export function isLiftable({ size, rank }: Pick<Factorization, 'size' | 'rank'>): boolean {
  const [lengthU, lengthV, lengthW] = modeLengths(size);
  const variables = rank * (lengthU + lengthV + lengthW);
  return lengthU * lengthV * lengthW * Math.ceil(variables / 32) <= MAX_WORDS;
}

/** Describes one coefficient: its mode, its term and its place in the factor. */
interface Variable {
  readonly mode: number;
  readonly term: number;
  readonly entry: number;
}

/**
 * Lifts a factorization modulo 2 to the integers (Hensel lifting; Kauers & Moosbauer 2022). For factors u, v, w that are right
 * modulo 2^k it finds corrections u', v', w' with
 *
 *   sum over r of u'(x)v(x)w + u(x)v'(x)w + u(x)v(x)w' = (T - sum over r of u(x)v(x)w) / 2^k   modulo 2
 *
 * so that u + 2^k u' … are right modulo 2^(k+1). The matrix of this linear system is the same for every k. Coefficients are kept
 * in the symmetric range around 0. Before each step they are tried over the integers.
 *
 * The solution is not unique, and not every one leads to small integers: the last variables are free and keep their values. In
 * the first attempt odd coefficients come before even ones, so that signs are chosen and zeros stay zero if possible. Further
 * attempts use random orders.
 *
 * Returns undefined if no attempt succeeds. Many factorizations modulo 2 cannot be lifted at all.
 */
export function lift(factorization: VerifiedFactorization, random: Random): VerifiedFactorization | undefined {
  if (factorization.arithmetic !== 'modulo-2') throw new Error('lift takes a factorization modulo 2');
  const lengths = modeLengths(factorization.size);
  const odd: Variable[] = [];
  const even: Variable[] = [];
  MODES.forEach((name, mode) => {
    factorization[name].coefficients.forEach((x, i) => {
      const variable = { mode, term: Math.floor(i / lengths[mode]), entry: i % lengths[mode] };
      (x % 2 === 0 ? even : odd).push(variable);
    });
  });
  const variables = [...odd, ...even];
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (attempt > 0) random.shuffle(variables);
    const lifted = liftInOrder(factorization, variables);
    if (lifted === 'impossible') return undefined;
    if (lifted !== undefined) return lifted;
  }
  return undefined;
}

/** Tries one order of the variables. `impossible`: not even modulo 4 are there corrections, so no order can succeed. */
function liftInOrder(
  factorization: VerifiedFactorization,
  variables: readonly Variable[],
): VerifiedFactorization | 'impossible' | undefined {
  const { size, rank } = factorization;
  const lengths = modeLengths(size);
  const factors = MODES.map((mode) => factorization[mode].coefficients.map((x) => x & 1));
  const system = jacobian(factors, lengths, variables);
  const tensor = multiplicationTensor(size);
  for (let k = 1; k <= MAX_BITS; k++) {
    const candidate = asFactorization(factorization, factors);
    if (isExact(candidate)) return verify(candidate);
    const x = system.solve(residualBits(tensor, factors, lengths, rank, k));
    if (x === undefined) return k === 1 ? 'impossible' : undefined;
    x.forEach((bit, i) => {
      if (bit === 0) return;
      const { mode, term, entry } = variables[i];
      const at = term * lengths[mode] + entry;
      factors[mode][at] = symmetric(factors[mode][at] + 2 ** k, k + 1);
    });
  }
  return undefined;
}

/** Computes the derivative of sum u(x)v(x)w by each variable, modulo 2: a row for each entry of the tensor, a column for each variable. */
function jacobian(
  factors: readonly Int32Array[],
  lengths: readonly number[],
  variables: readonly Variable[],
): Gf2System {
  const [lengthU, lengthV, lengthW] = lengths;
  const rows = lengthU * lengthV * lengthW;
  const words = (variables.length + 31) >>> 5;
  const entries = new Int32Array(rows * words);
  const strides = [lengthV * lengthW, lengthW, 1];
  variables.forEach(({ mode, term, entry }, column) => {
    const [x, y] = [(mode + 1) % 3, (mode + 2) % 3];
    for (let i = 0; i < lengths[x]; i++) {
      if ((factors[x][term * lengths[x] + i] & 1) === 0) continue;
      for (let j = 0; j < lengths[y]; j++) {
        if ((factors[y][term * lengths[y] + j] & 1) === 0) continue;
        const row = entry * strides[mode] + i * strides[x] + j * strides[y];
        entries[row * words + (column >>> 5)] ^= 1 << (column & 31);
      }
    }
  });
  return new Gf2System(entries, rows, variables.length);
}

/** Computes bit k of T - sum u(x)v(x)w, whose lower bits are zero. Sums wrap modulo 2^32, which does not change the bit. */
function residualBits(
  tensor: Int8Array,
  factors: readonly Int32Array[],
  lengths: readonly number[],
  rank: number,
  k: number,
): Uint8Array {
  const [lengthU, lengthV, lengthW] = lengths;
  const [u, v, w] = factors;
  const residual = Int32Array.from(tensor);
  for (let r = 0; r < rank; r++) {
    for (let a = 0; a < lengthU; a++) {
      if (u[r * lengthU + a] === 0) continue;
      for (let b = 0; b < lengthV; b++) {
        const product = Math.imul(u[r * lengthU + a], v[r * lengthV + b]);
        if (product === 0) continue;
        const base = (a * lengthV + b) * lengthW;
        for (let c = 0; c < lengthW; c++) residual[base + c] -= Math.imul(product, w[r * lengthW + c]);
      }
    }
  }
  return Uint8Array.from(residual, (x) => (x >>> k) & 1);
}

/** Computes the representative of x modulo 2^bits in -2^(bits-1) < x <= 2^(bits-1). */
function symmetric(x: number, bits: number): number {
  const modulus = 2 ** bits;
  const rest = ((x % modulus) + modulus) % modulus;
  return rest > modulus / 2 ? rest - modulus : rest;
}

function asFactorization({ size, rank }: Factorization, factors: readonly Int32Array[]): Factorization {
  const lengths = modeLengths(size);
  const [u, v, w] = factors.map((factor, mode) =>
    Array.from({ length: rank }, (_, r) => factor.subarray(r * lengths[mode], (r + 1) * lengths[mode])),
  );
  return fromRows(size, u, v, w);
}
