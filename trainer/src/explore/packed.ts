import {
  AlphaTensorError,
  type Arithmetic,
  type Factorization,
  formatSize,
  fromRows,
  MODES,
  modeLengths,
  moduloWords,
  modulusOf,
  type Random,
  reduced,
  type Size,
  type VerifiedFactorization,
  verify,
} from '@alphatensor-edge/shared';
import { BinaryWalk } from './binary-walk.js';
import type { FlipWalk } from './flip-walk.js';
import { ModuloThreeWalk } from './modulo-three-walk.js';
import { type PackedTerms, widthOf } from './packed-terms.js';
import { TernaryWalk } from './ternary-walk.js';

// A factor is two or more 32-bit words. Modulo 2 they are the bits of its entries, low word first. Modulo 3 and in standard arithmetic
// there are two for each 32 entries: the first has a bit for each entry 1 and the second for each entry -1.

const WALKS = { standard: TernaryWalk, 'modulo-2': BinaryWalk, 'modulo-3': ModuloThreeWalk } as const;

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
  else checkDenominators(factorization, arithmetic);
}

/** Makes an empty walk with room for `capacity` terms of `width` words a factor. */
export function createWalk(arithmetic: Arithmetic, capacity: number, random: Random, width = 2): FlipWalk {
  return new WALKS[arithmetic](capacity, random, width);
}

function wordsFor(size: Size, arithmetic: Arithmetic): number {
  const words = Math.ceil(Math.max(...modeLengths(size)) / 32);
  return arithmetic === 'modulo-2' ? Math.max(2, words) : 2 * words;
}

/**
 * Packs a factorization for a search in `arithmetic`. For modulo 2 and 3, integers are reduced, and fractions whose denominator has an
 * inverse.
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
    const { coefficients, denominator } = factorization[MODES[mode]];
    /** Taken out so that the first nonzero entry is positive. */
    let sign = 0;
    for (let i = 0; i < lengths[mode]; i++) {
      // 1 and -1 are the only inverses modulo 2 and 3, and each is its own.
      const x = reduced(coefficients[term * lengths[mode] + i] * denominator, arithmetic);
      if (arithmetic === 'modulo-2') {
        if (x !== 0) words[width * slot + (i >> 5)] |= 1 << (i & 31);
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
  if (factorization.arithmetic !== 'standard') {
    refuse(`A factorization ${moduloWords(factorization.arithmetic)} cannot begin a search in standard arithmetic.`);
  }
  const isTernary = MODES.every(
    (mode) => factorization[mode].denominator === 1 && factorization[mode].coefficients.every((x) => Math.abs(x) <= 1),
  );
  if (isTernary) return;
  refuse('A search in standard arithmetic begins with coefficients -1, 0 and 1, but this factorization has others.');
}

/** Checks that a factorization can be read modulo 2 or 3. */
function checkDenominators(factorization: Factorization, arithmetic: Exclude<Arithmetic, 'standard'>): void {
  const [modulus, words] = [modulusOf(arithmetic) as 2 | 3, moduloWords(arithmetic)];
  if (factorization.arithmetic !== 'standard' && factorization.arithmetic !== arithmetic) {
    refuse(`A factorization ${moduloWords(factorization.arithmetic)} cannot begin a search ${words}.`);
  }
  if (MODES.every((mode) => factorization[mode].denominator % modulus !== 0)) return;
  const kinds =
    modulus === 2
      ? 'odd denominators, but this factorization has halves'
      : 'denominators that 3 does not divide, but this factorization has thirds';
  refuse(`A search ${words} begins with whole numbers and ${kinds}.`);
}

function refuse(message: string): never {
  throw new AlphaTensorError('INVALID_ARGUMENT', message, { field: '--from' });
}
