import { type Factorization, type VerifiedFactorization, verify } from '@alphatensor-edge/shared';
import { z } from 'zod';
import type { TrainingConfig } from '../config.js';
import type { Action } from '../game/action.js';

// A checkpoint's `replay.json` holds the played games and the best factorizations with which a resumed run goes on.

/** Holds a played game as the replay keeps it. The positions follow from the opening and the moves. */
export interface StoredGame {
  /** Unique in a run. */
  readonly id: string;
  /** Content hash of the factorization that the game found, by which a measured reward finds the game. Absent if it is unsolved. */
  readonly hash?: string | undefined;
  readonly opening: Int8Array;
  /** Number of moves left at the opening. */
  readonly moveLimit: number;
  readonly moves: readonly Action[];
  /** For each move, the distinct actions of the search and the improved policy over them. */
  readonly searched: readonly { readonly actions: readonly Action[]; readonly policy: Float64Array }[];
  /** The terminal reward without the latency's part; 0 if solved. */
  readonly terminal: number;
  /** The latency's part, lambda * b: an estimate at first, then the measured one, which `applyBonus` sets. */
  readonly bonus: number;
}

/** Holds a factorization that the network learns to imitate. */
export interface BestFactorization {
  readonly hash: string;
  readonly factorization: VerifiedFactorization;
  readonly bonus: number;
  /** `rl`: found by this run, or by the run of its checkpoint. `demonstration`: given; demonstrations are never dropped. */
  readonly origin: 'rl' | 'demonstration';
}

/** Holds what a checkpoint keeps of the replay. */
export interface StoredReplay {
  readonly played: readonly StoredGame[];
  readonly best: readonly BestFactorization[];
}

const bytesAsText = z.string();
/** Describes `replay.json`. */
export const packedReplay = z.object({
  played: z.array(
    z.object({
      id: z.string(),
      hash: z.string().optional(),
      opening: bytesAsText,
      // Older checkpoints have games and factorizations of one size only.
      moveLimit: z.number().optional(),
      moves: z.array(bytesAsText),
      searched: z.array(z.object({ actions: z.array(bytesAsText), policy: z.array(z.number()) })),
      terminal: z.number(),
      bonus: z.number(),
    }),
  ),
  best: z.array(
    z.object({
      hash: z.string(),
      size: z.object({ n: z.number(), m: z.number(), p: z.number() }).optional(),
      rank: z.number(),
      u: z.object({ coefficients: z.array(z.number()), denominator: z.number() }),
      v: z.object({ coefficients: z.array(z.number()), denominator: z.number() }),
      w: z.object({ coefficients: z.array(z.number()), denominator: z.number() }),
      bonus: z.number(),
      origin: z.enum(['rl', 'demonstration']),
    }),
  ),
});
type PackedReplay = z.infer<typeof packedReplay>;

const pack = (entries: Int8Array): string =>
  Buffer.from(entries.buffer, entries.byteOffset, entries.length).toString('base64');
const unpack = (text: string): Int8Array => Int8Array.from(Buffer.from(text, 'base64'), (byte) => (byte << 24) >> 24);

/** Makes JSON of the replay, with moves as bytes in base64. */
export function packReplay({ played, best }: StoredReplay): PackedReplay {
  return {
    played: played.map((game) => ({
      ...game,
      opening: pack(game.opening),
      moves: game.moves.map(pack),
      searched: game.searched.map(({ actions, policy }) => ({ actions: actions.map(pack), policy: [...policy] })),
    })),
    best: best.map(({ hash, factorization, bonus, origin }) => {
      const matrix = ({ coefficients, denominator }: Factorization['u']): PackedReplay['best'][number]['u'] => ({
        coefficients: [...coefficients],
        denominator,
      });
      const { size, rank, u, v, w } = factorization;
      return { hash, size, rank, u: matrix(u), v: matrix(v), w: matrix(w), bonus, origin };
    }),
  };
}

/** Reads the replay of a run. Every factorization is verified exactly. Older files lack sizes and move limits: they are the run's. */
export function unpackReplay(
  { played, best }: PackedReplay,
  { size: ofRun, arithmetic, moveLimit }: TrainingConfig,
): StoredReplay {
  return {
    played: played.map((game) => ({
      ...game,
      opening: unpack(game.opening),
      moveLimit: game.moveLimit ?? moveLimit,
      moves: game.moves.map(unpack),
      searched: game.searched.map(({ actions, policy }) => ({
        actions: actions.map(unpack),
        policy: Float64Array.from(policy),
      })),
    })),
    best: best.map(({ hash, size = ofRun, rank, u, v, w, bonus, origin }) => {
      const matrix = ({ coefficients, denominator }: typeof u): Factorization['u'] => ({
        coefficients: Int32Array.from(coefficients),
        denominator,
      });
      const factorization = verify({ size, arithmetic, rank, u: matrix(u), v: matrix(v), w: matrix(w) });
      return { hash, factorization, bonus, origin };
    }),
  };
}
