/** Most vectors of one set: their combinations are bits of a word. */
const MOST = 30;

/**
 * Finds vectors over the field of two elements that add up to zero: a smallest prefix of the list that has some.
 * @param vectors the words of each, all of one length
 * @returns the indices of the vectors, at least one; undefined if they are independent. Only the first 30 are looked at
 */
export function dependence(vectors: readonly Int32Array[]): number[] | undefined {
  /** Reduced vectors with the bit that each alone has first, and the vectors that they are the sum of, as bits. */
  const basis: { readonly words: Int32Array; readonly word: number; readonly bit: number; readonly sum: number }[] = [];
  for (let index = 0; index < Math.min(vectors.length, MOST); index++) {
    const words = vectors[index].slice();
    let sum = 1 << index;
    for (const each of basis) {
      if ((words[each.word] & each.bit) === 0) continue;
      for (let i = 0; i < words.length; i++) words[i] ^= each.words[i];
      sum ^= each.sum;
    }
    const word = words.findIndex((x) => x !== 0);
    if (word < 0) return Array.from({ length: index + 1 }, (_, i) => i).filter((i) => ((sum >>> i) & 1) === 1);
    basis.push({ words, word, bit: words[word] & -words[word], sum });
  }
  return undefined;
}
