import { type Factorization, type VerifiedFactorization, verify } from '@alphatensor-edge/shared';
import { z } from 'zod';
import type { TrainingConfig } from '../config.js';
import type { Action } from '../game/action.js';
import type { StoredFlips, WalkedFactorization } from './flips-file.js';

// A checkpoint's `replay.jsonl` holds the played games and the best factorizations with which a resumed run goes on, one a line: all of
// them together can be longer than a string of JavaScript may be.

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
  /** What the run's own walks found; undefined in a run without them. `shown` is in `checkpoint.json`. */
  readonly flips?: Omit<StoredFlips, 'shown'> | undefined;
}

const bytesAsText = z.string();
const packedGame = z.object({
  id: z.string(),
  hash: z.string().optional(),
  opening: bytesAsText,
  // Older checkpoints have games and factorizations of one size only.
  moveLimit: z.number().optional(),
  moves: z.array(bytesAsText),
  searched: z.array(z.object({ actions: z.array(bytesAsText), policy: z.array(z.number()) })),
  terminal: z.number(),
  bonus: z.number(),
});
const packedMatrix = z.object({ coefficients: z.array(z.number()), denominator: z.number() });
const packedBest = z.object({
  hash: z.string(),
  size: z.object({ n: z.number(), m: z.number(), p: z.number() }).optional(),
  rank: z.number(),
  u: packedMatrix,
  v: packedMatrix,
  w: packedMatrix,
  bonus: z.number(),
  origin: z.enum(['rl', 'demonstration']),
});
const packedWalked = packedBest
  .omit({ hash: true, bonus: true, origin: true })
  .extend({ orbit: z.string(), step: z.number() });
/** Describes the line about the walks; a line `walked` or `neighbour` for each factorization comes before it. */
const packedFlips = z.object({
  played: z.array(z.object({ orbit: z.string(), rank: z.number(), wasShown: z.boolean() })),
  flips: z.number(),
  fromGames: z.number(),
});
/** Describes the last line of `replay.jsonl`: how many lines of either kind are before it. A file without it was cut off. */
const packedEnd = z.object({ played: z.number(), best: z.number() });
/** Describes a line of `replay.jsonl`: a game, a factorization, or the end. */
const packedLine = z.union([
  z.strictObject({ played: packedGame }),
  z.strictObject({ best: packedBest }),
  z.strictObject({ walked: packedWalked }),
  z.strictObject({ neighbour: packedWalked }),
  z.strictObject({ flips: packedFlips }),
  z.strictObject({ end: packedEnd }),
]);
/** Describes `replay.json`, which older checkpoints have. */
const olderReplay = z.object({ played: z.array(packedGame), best: z.array(packedBest) });

type PackedGame = z.infer<typeof packedGame>;
type PackedBest = z.infer<typeof packedBest>;

/** Makes the lines of `replay.jsonl`, with moves as bytes in base64. */
export function* replayLines({ played, best, flips }: StoredReplay): Generator<string> {
  for (const game of played) yield `${JSON.stringify({ played: packGame(game) })}\n`;
  for (const known of best) yield `${JSON.stringify({ best: packBest(known) })}\n`;
  if (flips !== undefined) {
    const { walked, neighbours, played: orbits, ...counts } = flips;
    const rest = { played: orbits, flips: counts.flips, fromGames: counts.fromGames };
    for (const known of walked) yield `${JSON.stringify({ walked: packWalked(known) })}\n`;
    for (const known of neighbours) yield `${JSON.stringify({ neighbour: packWalked(known) })}\n`;
    yield `${JSON.stringify({ flips: rest })}\n`;
  }
  yield `${JSON.stringify({ end: { played: played.length, best: best.length } })}\n`;
}

/**
 * Reads the lines of `replay.jsonl`. Every factorization is verified exactly.
 * @throws Error for a damaged line, or if lines are missing
 */
export async function readReplayLines(lines: AsyncIterable<string>, config: TrainingConfig): Promise<StoredReplay> {
  const played: StoredGame[] = [];
  const best: BestFactorization[] = [];
  const walked: WalkedFactorization[] = [];
  const neighbours: WalkedFactorization[] = [];
  let flips: StoredReplay['flips'];
  let isWhole = false;
  for await (const text of lines) {
    const line = packedLine.parse(JSON.parse(text));
    if ('played' in line) played.push(unpackGame(line.played, config));
    else if ('best' in line) best.push(unpackBest(line.best, config));
    else if ('walked' in line) walked.push(unpackWalked(line.walked, config));
    else if ('neighbour' in line) neighbours.push(unpackWalked(line.neighbour, config));
    else if ('flips' in line) flips = { ...line.flips, walked, neighbours };
    else isWhole = line.end.played === played.length && line.end.best === best.length;
  }
  if (!isWhole) throw new Error('Lines of the replay are missing.');
  return flips === undefined ? { played, best } : { played, best, flips };
}

/** Reads the `replay.json` of an older checkpoint. Its games and factorizations may lack sizes and move limits: they are the run's. */
export function readOlderReplay(json: unknown, config: TrainingConfig): Pick<StoredReplay, 'played' | 'best'> {
  const { played, best } = olderReplay.parse(json);
  return {
    played: played.map((game) => unpackGame(game, config)),
    best: best.map((known) => unpackBest(known, config)),
  };
}

const pack = (entries: Int8Array): string =>
  Buffer.from(entries.buffer, entries.byteOffset, entries.length).toString('base64');
const unpack = (text: string): Int8Array => Int8Array.from(Buffer.from(text, 'base64'), (byte) => (byte << 24) >> 24);

function packGame(game: StoredGame): PackedGame {
  return {
    ...game,
    opening: pack(game.opening),
    moves: game.moves.map(pack),
    searched: game.searched.map(({ actions, policy }) => ({ actions: actions.map(pack), policy: [...policy] })),
  };
}

function unpackGame(game: PackedGame, { moveLimit }: TrainingConfig): StoredGame {
  return {
    ...game,
    opening: unpack(game.opening),
    moveLimit: game.moveLimit ?? moveLimit,
    moves: game.moves.map(unpack),
    searched: game.searched.map(({ actions, policy }) => ({
      actions: actions.map(unpack),
      policy: Float64Array.from(policy),
    })),
  };
}

type PackedFactorization = Pick<PackedBest, 'size' | 'rank' | 'u' | 'v' | 'w'>;

function packFactorization({ size, rank, u, v, w }: Factorization): PackedFactorization {
  const matrix = ({ coefficients, denominator }: Factorization['u']): PackedBest['u'] => ({
    coefficients: [...coefficients],
    denominator,
  });
  return { size, rank, u: matrix(u), v: matrix(v), w: matrix(w) };
}

function unpackFactorization(
  { size, rank, u, v, w }: PackedFactorization,
  { size: ofRun, arithmetic }: TrainingConfig,
): VerifiedFactorization {
  const matrix = ({ coefficients, denominator }: PackedBest['u']): Factorization['u'] => ({
    coefficients: Int32Array.from(coefficients),
    denominator,
  });
  return verify({ size: size ?? ofRun, arithmetic, rank, u: matrix(u), v: matrix(v), w: matrix(w) });
}

function packWalked({ factorization, orbit, step }: WalkedFactorization): z.infer<typeof packedWalked> {
  return { ...packFactorization(factorization), orbit, step };
}

function unpackWalked(packed: z.infer<typeof packedWalked>, config: TrainingConfig): WalkedFactorization {
  const { orbit, step } = packed;
  return { factorization: unpackFactorization(packed, config), orbit, step };
}

function packBest({ hash, factorization, bonus, origin }: BestFactorization): PackedBest {
  return { hash, ...packFactorization(factorization), bonus, origin };
}

function unpackBest(packed: PackedBest, config: TrainingConfig): BestFactorization {
  const { hash, bonus, origin } = packed;
  return { hash, factorization: unpackFactorization(packed, config), bonus, origin };
}
