import {
  AlphaTensorError,
  type Arithmetic,
  type Factorization,
  formatSize,
  fromRows,
  MODES,
  modeLengths,
  type Random,
  type Size,
  type VerifiedFactorization,
  verify,
} from '@alphatensor-edge/shared';
import { BinaryWalk } from './binary-walk.js';
import type { FlipWalk } from './flip-walk.js';
import { type PackedTerms, widthOf } from './packed-terms.js';
import { TernaryWalk } from './ternary-walk.js';

// A factor is two or more 32-bit words. Modulo 2 they are the bits of its entries, low word first. In standard arithmetic there are two
// for each 32 entries: the first has a bit for each entry 1 and the second for each entry -1.

/** The most entries of a matrix. */
const MAX_ENTRIES = 256;

/** Checks the size of a search. @throws AlphaTensorError INVALID_ARGUMENT if a matrix has too many entries */
export function checkPackable(size: Size): void {
  if (isPackable(size)) return;
  const longest = Math.max(...modeLengths(size));
  const message = `${formatSize(size)} has matrices of ${longest} entries; a flip graph search takes at most ${MAX_ENTRIES}; choose a smaller size.`;
  throw new AlphaTensorError('INVALID_ARGUMENT', message, { field: '--size' });
}

/** Tells whether a search takes a size. */
export function isPackable(size: Size): boolean {
  return Math.max(...modeLengths(size)) <= MAX_ENTRIES;
}

/** Checks a start. @throws AlphaTensorError INVALID_ARGUMENT if a search in `arithmetic` cannot begin with the factorization */
export function checkStart(factorization: Factorization, arithmetic: Arithmetic): void {
  checkPackable(factorization.size);
  if (arithmetic === 'standard') checkTernary(factorization);
  else checkOddDenominators(factorization);
}

/** Makes an empty walk with room for `capacity` terms of `width` words a factor. */
export function createWalk(arithmetic: Arithmetic, capacity: number, random: Random, width = 2): FlipWalk {
  return arithmetic === 'modulo-2' ? new BinaryWalk(capacity, random, width) : new TernaryWalk(capacity, random, width);
}

function wordsFor(size: Size, arithmetic: Arithmetic): number {
  const words = Math.ceil(Math.max(...modeLengths(size)) / 32);
  return arithmetic === 'modulo-2' ? Math.max(2, words) : 2 * words;
}

/**
 * Packs a factorization for a search in `arithmetic`. For modulo 2, integers and fractions with odd denominators are reduced
 * modulo 2.
 * @throws AlphaTensorError INVALID_ARGUMENT if it cannot be packed
 */
export function pack(factorization: Factorization, arithmetic: Arithmetic): PackedTerms {
  checkStart(factorization, arithmetic);
  const { rank } = factorization;
  const lengths = modeLengths(factorization.size);
  const width = wordsFor(factorization.size, arithmetic);
  const words = new Int32Array(3 * width * rank);
  const signs = new Int8Array(rank).fill(1);
  for (let slot = 0; slot < 3 * rank; slot++) {
    const mode = slot % 3;
    const term = (slot - mode) / 3;
    const { coefficients } = factorization[MODES[mode]];
    /** Taken out so that the first nonzero entry is positive. */
    let sign = 0;
    for (let i = 0; i < lengths[mode]; i++) {
      const x = coefficients[term * lengths[mode] + i];
      if (arithmetic === 'modulo-2') {
        if (x % 2 !== 0) words[width * slot + (i >> 5)] |= 1 << (i & 31);
      } else if (x !== 0) {
        sign ||= x;
        words[width * slot + 2 * (i >> 5) + (x === sign ? 0 : 1)] |= 1 << (i & 31);
      }
    }
    if (sign < 0) signs[term] = -signs[term];
  }
  return { rank, words, signs };
}

/** Unpacks terms and verifies that they are a factorization. @throws AlphaTensorError NOT_A_FACTORIZATION */
export function unpack(terms: PackedTerms, size: Size, arithmetic: Arithmetic): VerifiedFactorization {
  const { rank, words, signs } = terms;
  const width = widthOf(terms);
  const bit = (word: number, i: number): number => (words[word] >>> (i & 31)) & 1;
  const [u, v, w] = modeLengths(size).map((length, mode) =>
    Array.from({ length: rank }, (_, term) =>
      Int32Array.from({ length }, (_, i) => {
        const word = width * (3 * term + mode);
        if (arithmetic === 'modulo-2') return bit(word + (i >> 5), i);
        const [plus, minus] = [word + 2 * (i >> 5), word + 2 * (i >> 5) + 1];
        // The sign of the term goes into w.
        return (bit(plus, i) - bit(minus, i)) * (mode === 2 ? signs[term] : 1);
      }),
    ),
  );
  return verify(fromRows(size, u, v, w, arithmetic));
}

function checkTernary(factorization: Factorization): void {
  if (factorization.arithmetic === 'modulo-2') {
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      'A factorization modulo 2 cannot begin a search in standard arithmetic.',
      { field: '--from' },
    );
  }
  const isTernary = MODES.every(
    (mode) => factorization[mode].denominator === 1 && factorization[mode].coefficients.every((x) => Math.abs(x) <= 1),
  );
  if (isTernary) return;
  throw new AlphaTensorError(
    'INVALID_ARGUMENT',
    'A search in standard arithmetic begins with coefficients -1, 0 and 1, but this factorization has others.',
    { field: '--from' },
  );
}

function checkOddDenominators(factorization: Factorization): void {
  if (MODES.every((mode) => factorization[mode].denominator % 2 === 1)) return;
  throw new AlphaTensorError(
    'INVALID_ARGUMENT',
    'A search modulo 2 begins with whole numbers and odd denominators, but this factorization has halves.',
    { field: '--from' },
  );
}
