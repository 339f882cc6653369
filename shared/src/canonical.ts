import { createHash } from 'node:crypto';
import { reduced } from './arithmetic.js';
import {
  checkShape,
  type Factorization,
  type FactorMatrix,
  fromRows,
  type VerifiedFactorization,
} from './factorization.js';
import { gcd } from './integers.js';
import { modeLengths } from './tensor.js';

/**
 * Chooses one representative of all factorizations that differ only in the order of their terms and in how a term's scale is
 * spread over its three factors: every u_r and v_r is a primitive integer vector with its first nonzero positive, the
 * rest of the scale is in w_r, and the terms are in lexicographic order. Modulo 2 and 3, coefficients are reduced first.
 * @throws AlphaTensorError INVALID_ARGUMENT if gathering the scale in w leaves LIMITS
 */
export function canonical(factorization: VerifiedFactorization): VerifiedFactorization;
export function canonical(factorization: Factorization): Factorization;
export function canonical(factorization: Factorization): Factorization {
  const { size, rank, arithmetic, u, v, w } = factorization;
  const [lengthU, lengthV, lengthW] = modeLengths(size);
  const row = (matrix: FactorMatrix, length: number, r: number): number[] =>
    Array.from(matrix.coefficients.subarray(r * length, (r + 1) * length), (x) => reduced(x, arithmetic));
  const terms = Array.from({ length: rank }, (_, r) => {
    const primitiveU = primitive(row(u, lengthU, r));
    const primitiveV = primitive(row(v, lengthV, r));
    const numerator = primitiveU.scale * primitiveV.scale;
    return { u: primitiveU.vector, v: primitiveV.vector, w: row(w, lengthW, r).map((x) => x * numerator) };
  }).sort(compareTerms);
  // All w share the denominator; reduce it by what divides every entry.
  const denominator = u.denominator * v.denominator * w.denominator;
  const common = terms.reduce((divisor, term) => term.w.reduce(gcd, divisor), denominator);
  const result = fromRows(
    size,
    terms.map((t) => t.u),
    terms.map((t) => t.v),
    terms.map((t) => t.w.map((x) => x / common)),
    arithmetic,
  );
  const inLowestTerms = { ...result, w: { ...result.w, denominator: denominator / common } };
  checkShape(inLowestTerms);
  return inLowestTerms;
}

/** Computes the SHA-256 (hex) of the canonical form: the identity of an algorithm in caches, files and reports. */
export function contentHash(factorization: Factorization): string {
  const { size, rank, arithmetic, u, v, w } = canonical(factorization);
  const parts = [u, v, w].map((matrix) => `${matrix.denominator}:${matrix.coefficients.join(',')}`);
  return createHash('sha256')
    .update(`${arithmetic} ${size.n},${size.m},${size.p} ${rank} ${parts.join(' ')}`)
    .digest('hex');
}

/** Counts the nonzero coefficients of u, v and w together. */
export function countNonzeros({ u, v, w }: Factorization): number {
  let count = 0;
  for (const { coefficients } of [u, v, w]) for (const x of coefficients) if (x !== 0) count++;
  return count;
}

function primitive(vector: number[]): { vector: number[]; scale: number } {
  const divisor = vector.reduce(gcd, 0);
  if (divisor === 0) return { vector, scale: 0 };
  const first = vector.find((x) => x !== 0) ?? 1;
  const scale = first < 0 ? -divisor : divisor;
  return { vector: vector.map((x) => x / scale), scale };
}

interface Term {
  readonly u: number[];
  readonly v: number[];
  readonly w: number[];
}

function compareTerms(a: Term, b: Term): number {
  return compareVectors(a.u, b.u) || compareVectors(a.v, b.v) || compareVectors(a.w, b.w);
}

function compareVectors(a: number[], b: number[]): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i] - b[i];
  return 0;
}
