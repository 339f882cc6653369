import { modeLengths } from '@alphatensor-edge/shared';
import { type Action, factorsOf } from '../game/action.js';
import type { GameRules } from '../game/state.js';
import { RefusedGame } from './refusal.js';

/** The largest entry of a position. `game/state.ts` keeps positions in 8 bits, so a game beyond them is not the one that was played. */
const MOST = 127;

/**
 * Plays moves from a tensor in whole numbers: residual -= u (x) v (x) w for each (modulo 2 where the rules say so).
 * @param tensor shape [n*m, m*p, p*n], row-major; unchanged
 * @returns what is left, and after how many moves nothing was left for the first time; undefined if something always was
 * @throws RefusedGame `wrong` for an entry beyond 8 bits
 */
export function replayExactly(
  rules: GameRules,
  tensor: ArrayLike<number>,
  moves: readonly Action[],
): { readonly residual: Int32Array; readonly solvedAfter: number | undefined } {
  const residual = Int32Array.from(tensor);
  let nonzeros = residual.reduce((count, x) => count + (x === 0 ? 0 : 1), 0);
  let solvedAfter = nonzeros === 0 ? 0 : undefined;
  const [lengthU, lengthV, lengthW] = modeLengths(rules.size);
  const isModulo2 = rules.arithmetic === 'modulo-2';
  moves.forEach((move, index) => {
    const [u, v, w] = factorsOf(move, rules.size);
    for (let a = 0; a < lengthU; a++) {
      for (let b = 0; b < lengthV; b++) {
        const uv = u[a] * v[b];
        if (uv === 0) continue;
        for (let c = 0; c < lengthW; c++) {
          if (w[c] === 0) continue;
          const at = (a * lengthV + b) * lengthW + c;
          const before = residual[at];
          const after = isModulo2 ? (before - uv * w[c]) & 1 : before - uv * w[c];
          if (Math.abs(after) > MOST) {
            throw new RefusedGame('wrong', `After move ${index + 1} an entry of the position is ${after}.`);
          }
          residual[at] = after;
          nonzeros += (after === 0 ? 0 : 1) - (before === 0 ? 0 : 1);
        }
      }
    }
    if (nonzeros === 0) solvedAfter ??= index + 1;
  });
  return { residual, solvedAfter };
}
