import { gcd, type Size } from '@alphatensor-edge/shared';
import { type Action, factorsOf } from './action.js';

/**
 * Holds terms of which no two merge. Two terms merge when two of their factors are equal up to scale: their sum is then a single
 * term, so that a sum of R terms among which two merge has a lower rank than R.
 */
export class UnmergedTerms {
  readonly #size: Size;
  /** For each pair of modes, the pairs of factors that the terms have, each factor up to scale. */
  readonly #pairs: readonly [Set<string>, Set<string>, Set<string>] = [new Set(), new Set(), new Set()];

  constructor(size: Size, terms: Iterable<Action> = []) {
    this.#size = size;
    for (const term of terms) this.add(term);
  }

  /** Tells whether the term merges with one that is held. */
  mergesWith(term: Action): boolean {
    return this.#keysOf(term).some((key, index) => this.#pairs[index].has(key));
  }

  add(term: Action): void {
    for (const [index, key] of this.#keysOf(term).entries()) this.#pairs[index].add(key);
  }

  #keysOf(term: Action): string[] {
    const [u, v, w] = factorsOf(term, this.#size).map(directionOf);
    return [`${u}|${v}`, `${v}|${w}`, `${w}|${u}`];
  }
}

/** Limits the draws for one term. Where the size has no room for another, a game has fewer terms. */
const MAX_DRAWS = 100;

/** Draws `count` terms, none of which merges with another or with one of `beside`; fewer if `MAX_DRAWS` draws give no further one. */
export function drawUnmerged(count: number, draw: () => Action, size: Size, beside: readonly Action[] = []): Action[] {
  const held = new UnmergedTerms(size, beside);
  const drawn: Action[] = [];
  let failures = 0;
  while (drawn.length < count && failures < MAX_DRAWS) {
    const term = draw();
    if (held.mergesWith(term)) {
      failures++;
    } else {
      held.add(term);
      drawn.push(term);
      failures = 0;
    }
  }
  return drawn;
}

/** Spells a nonzero factor up to scale: its entries without their common divisor, the first nonzero one positive. */
function directionOf(factor: Int8Array): string {
  let divisor = 0;
  for (const x of factor) divisor = gcd(divisor, Math.abs(x));
  const first = factor.find((x) => x !== 0) as number;
  return factor.map((x) => (first < 0 ? -x : x) / divisor).join();
}
