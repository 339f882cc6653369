import type { Factorization } from '@alphatensor-edge/shared';
import { type Action, makeSignCanonical } from './action.js';
import { type Basis, mapInto, type Term } from './basis.js';
import type { GameRules } from './state.js';

/** Gives the terms of a factorization, or undefined if it has fractions. */
export function termsOf({ rank, u, v, w }: Factorization): Term[] | undefined {
  if (u.denominator * v.denominator * w.denominator !== 1) return undefined;
  const row = ({ coefficients }: typeof u, r: number): Int32Array => {
    const length = coefficients.length / rank;
    return coefficients.subarray(r * length, (r + 1) * length);
  };
  return Array.from({ length: rank }, (_, r) => [row(u, r), row(v, r), row(w, r)] as const);
}

/** Maps terms of the canonical basis to moves in another one. Gives undefined if a move has an entry outside the alphabet. */
export function movesIn(rules: GameRules, terms: readonly Term[], basis: Basis): Action[] | undefined {
  const moves: Action[] = [];
  for (const term of terms) {
    const image = mapInto(term, basis);
    if (!image.every((factor) => factor.every((x) => rules.values.includes(x)))) return undefined;
    const action = new Int8Array(image[0].length + image[1].length + image[2].length);
    action.set(image[0]);
    action.set(image[1], image[0].length);
    action.set(image[2], image[0].length + image[1].length);
    moves.push(makeSignCanonical(action, rules.size));
  }
  return moves;
}
