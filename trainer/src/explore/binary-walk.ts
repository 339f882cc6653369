import { FlipWalk } from './flip-walk.js';

/** Walks modulo 2. The words of a factor are the bits of up to 64 entries, and no term has a sign. */
export class BinaryWalk extends FlipWalk {
  protected add(left: number, right: number, _sign: number, into: number): number {
    this.low[into] = this.low[left] ^ this.low[right];
    this.high[into] = this.high[left] ^ this.high[right];
    return 1;
  }
}
