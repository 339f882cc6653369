import { FlipWalk } from './flip-walk.js';

/** Walks modulo 2. The words of a factor are the bits of its entries, and no term has a sign. */
export class BinaryWalk extends FlipWalk {
  protected add(left: number, right: number, _sign: number, into: number): number {
    if (this.width > 2) this.table.xor(left, right, into);
    this.low[into] = this.low[left] ^ this.low[right];
    this.high[into] = this.high[left] ^ this.high[right];
    return 1;
  }

  protected parity(slot: number): Int32Array {
    const words = new Int32Array(this.width);
    this.table.read(slot, words, 0);
    return words;
  }
}
