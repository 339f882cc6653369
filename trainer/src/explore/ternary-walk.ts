import { FlipWalk } from './flip-walk.js';

/**
 * Walks over the integers with coefficients -1, 0 and 1. For each 32 entries there are two words: one has a bit for each 1, the other
 * for each -1.
 */
export class TernaryWalk extends FlipWalk {
  protected add(left: number, right: number, sign: number, into: number): number {
    const { low, high } = this;
    if (this.width > 2) return this.#addWide(left, right, sign, into);
    const plus = low[left];
    const minus = high[left];
    const otherPlus = sign > 0 ? low[right] : high[right];
    const otherMinus = sign > 0 ? high[right] : low[right];
    // 1 + 1 and -1 - 1 cannot be represented.
    if (((plus & otherPlus) | (minus & otherMinus)) !== 0) return 0;
    const anyPlus = plus | otherPlus;
    const anyMinus = minus | otherMinus;
    const sumPlus = anyPlus & ~anyMinus;
    const sumMinus = anyMinus & ~anyPlus;
    const any = sumPlus | sumMinus;
    const first = any & -any;
    const isNegative = (sumMinus & first) !== 0;
    low[into] = isNegative ? sumMinus : sumPlus;
    high[into] = isNegative ? sumPlus : sumMinus;
    return isNegative ? -1 : 1;
  }

  protected parity(slot: number): Int32Array {
    const words = new Int32Array(this.width);
    this.table.read(slot, words, 0);
    return Int32Array.from({ length: this.width / 2 }, (_, i) => words[2 * i] | words[2 * i + 1]);
  }

  /** Adds factors of more than 32 entries. */
  #addWide(left: number, right: number, sign: number, into: number): number {
    const { low, high, rest, extra } = this.table;
    let taken = 0;
    for (let pair = -2; pair < extra; pair += 2) {
      const [plusAt, minusAt] = pair < 0 ? [low, high] : [rest, rest];
      const at = (slot: number): number => (pair < 0 ? slot : extra * slot + pair);
      const next = pair < 0 ? 0 : 1;
      const plus = plusAt[at(left)];
      const minus = minusAt[at(left) + next];
      const otherPlus = sign > 0 ? plusAt[at(right)] : minusAt[at(right) + next];
      const otherMinus = sign > 0 ? minusAt[at(right) + next] : plusAt[at(right)];
      if (((plus & otherPlus) | (minus & otherMinus)) !== 0) return 0;
      const sumPlus = (plus | otherPlus) & ~(minus | otherMinus);
      const sumMinus = (minus | otherMinus) & ~(plus | otherPlus);
      const any = sumPlus | sumMinus;
      // The first nonzero entry decides the sign of the whole factor.
      if (taken === 0 && any !== 0) taken = (sumMinus & (any & -any)) !== 0 ? -1 : 1;
      plusAt[at(into)] = taken < 0 ? sumMinus : sumPlus;
      minusAt[at(into) + next] = taken < 0 ? sumPlus : sumMinus;
    }
    return taken === 0 ? 1 : taken;
  }
}
