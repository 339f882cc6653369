import { FlipWalk } from './flip-walk.js';

/** Walks over the integers with coefficients -1, 0 and 1: `low` has a bit for each 1, `high` for each -1, of up to 32 entries. */
export class TernaryWalk extends FlipWalk {
  protected add(left: number, right: number, sign: number, into: number): number {
    const plus = this.low[left];
    const minus = this.high[left];
    const otherPlus = sign > 0 ? this.low[right] : this.high[right];
    const otherMinus = sign > 0 ? this.high[right] : this.low[right];
    // 1 + 1 and -1 - 1 cannot be represented.
    if (((plus & otherPlus) | (minus & otherMinus)) !== 0) return 0;
    const anyPlus = plus | otherPlus;
    const anyMinus = minus | otherMinus;
    const sumPlus = anyPlus & ~anyMinus;
    const sumMinus = anyMinus & ~anyPlus;
    const any = sumPlus | sumMinus;
    const first = any & -any;
    const isNegative = (sumMinus & first) !== 0;
    this.low[into] = isNegative ? sumMinus : sumPlus;
    this.high[into] = isNegative ? sumPlus : sumMinus;
    return isNegative ? -1 : 1;
  }
}
