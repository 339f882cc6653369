import { AlphaTensorError, MODES, type Size } from '@alphatensor-edge/shared';
import { z } from 'zod';
import { gameRules, type TrainingConfig } from '../config.js';
import { targetTensor } from '../game/basis.js';
import { start } from '../game/state.js';
import type { BegunGame } from '../training/game-inside.js';
import { readMoves } from './bounded-moves.js';
import { readBasis } from './exact-basis.js';
import { RefusedGame } from './refusal.js';
import { replayExactly } from './replay-exactly.js';

const whole = z.array(z.number().int()).max(1_000_000);
const matrices = z.object({ matrix: whole, inverse: whole });

/** Describes a game that has begun, as it travels to actors. */
export const begunDocument = z.object({
  target: z.tuple([z.number().int(), z.number().int(), z.number().int()]),
  u: matrices,
  v: matrices,
  w: matrices,
  /** The bytes of the moves before the opening, in base64. */
  prefix: z.string(),
  movesLeft: z.number().int().min(1).max(5000),
});
export type BegunDocument = z.infer<typeof begunDocument>;

/** Writes a game that has begun as a document. */
export function writeBegun({ basis, prefix, opening }: BegunGame): BegunDocument {
  const { n, m, p } = basis.target;
  const [u, v, w] = MODES.map((mode) => ({ matrix: [...basis[mode].matrix], inverse: [...basis[mode].inverse] }));
  const bytes = Buffer.concat(prefix.map((move) => Buffer.from(move.buffer, move.byteOffset, move.length)));
  return { target: [n, m, p], u, v, w, prefix: bytes.toString('base64'), movesLeft: opening.movesLeft };
}

/** Reads a game that has begun. @throws AlphaTensorError NOT_BELIEVED if it is none of this configuration */
export function readBegun(document: BegunDocument, config: TrainingConfig): BegunGame {
  const rules = gameRules(config);
  const [n, m, p] = document.target;
  const target: Size = { n, m, p };
  try {
    const basis = readBasis(document, target, config);
    const prefix = readMoves(Buffer.from(document.prefix, 'base64'), rules, 'anySigns');
    const { residual } = replayExactly(rules, targetTensor(basis), prefix);
    return { basis, prefix, opening: start(rules, Int8Array.from(residual), document.movesLeft) };
  } catch (cause) {
    if (!(cause instanceof RefusedGame)) throw cause;
    throw new AlphaTensorError(
      'NOT_BELIEVED',
      `The learner's game to begin with is none (${cause.message}); use the same version of at-trainer on all machines.`,
      { cause },
    );
  }
}
