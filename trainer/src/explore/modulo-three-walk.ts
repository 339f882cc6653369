import { TernaryWalk } from './ternary-walk.js';

/**
 * Walks modulo 3, in the words of a TernaryWalk: -1 is 2, and 1 + 1 is -1, so that no sum is refused. 2 has an inverse, so that
 * algorithms with halves are reached.
 */
export class ModuloThreeWalk extends TernaryWalk {
  protected override add(left: number, right: number, sign: number, into: number): number {
    if (this.width > 2) return this.#addWide(left, right, sign, into);
    const { low, high } = this;
    const [plus, minus] = [low[left], high[left]];
    const otherPlus = sign > 0 ? low[right] : high[right];
    const otherMinus = sign > 0 ? high[right] : low[right];
    const sumPlus = plusOfSum(plus, minus, otherPlus, otherMinus);
    const sumMinus = plusOfSum(minus, plus, otherMinus, otherPlus);
    const any = sumPlus | sumMinus;
    const isNegative = (sumMinus & (any & -any)) !== 0;
    low[into] = isNegative ? sumMinus : sumPlus;
    high[into] = isNegative ? sumPlus : sumMinus;
    return isNegative ? -1 : 1;
  }

  /** Finds nothing: dependence is looked for modulo 2. */
  override reduceByDependence(): boolean {
    return false;
  }

  /** Adds factors of more than 32 entries. */
  #addWide(left: number, right: number, sign: number, into: number): number {
    const words = [left, right].map((slot) => {
      const read = new Int32Array(this.width);
      this.table.read(slot, read, 0);
      return read;
    });
    const [first, second] = words;
    const sum = new Int32Array(this.width);
    let taken = 0;
    for (let at = 0; at < this.width; at += 2) {
      const [otherPlus, otherMinus] = sign > 0 ? [second[at], second[at + 1]] : [second[at + 1], second[at]];
      const sumPlus = plusOfSum(first[at], first[at + 1], otherPlus, otherMinus);
      const sumMinus = plusOfSum(first[at + 1], first[at], otherMinus, otherPlus);
      const any = sumPlus | sumMinus;
      // The first nonzero entry decides the sign of the whole factor.
      if (taken === 0 && any !== 0) taken = (sumMinus & (any & -any)) !== 0 ? -1 : 1;
      sum[at] = taken < 0 ? sumMinus : sumPlus;
      sum[at + 1] = taken < 0 ? sumPlus : sumMinus;
    }
    this.table.write(into, sum, 0);
    return taken === 0 ? 1 : taken;
  }
}

/** Says where a sum modulo 3 is 1: 1 + 0, 0 + 1 or -1 + -1. With plus and minus exchanged it says where the sum is -1. */
function plusOfSum(plus: number, minus: number, otherPlus: number, otherMinus: number): number {
  return (plus & ~(otherPlus | otherMinus)) | (otherPlus & ~(plus | minus)) | (minus & otherMinus);
}
