/**
 * Holds the terms of a factorization, packed: `words` has two or more 32-bit words for each factor, [rank][3 modes][width], and `signs`
 * has +1 or -1 for each term. The arithmetic decides what the words mean (see packed.ts).
 */
export interface PackedTerms {
  readonly rank: number;
  readonly words: Int32Array;
  readonly signs: Int8Array;
}

/** Gives the words of each factor. */
export function widthOf({ rank, words }: PackedTerms): number {
  return rank === 0 ? 2 : words.length / (3 * rank);
}
