import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readRunConfig } from './config.js';
import { METRICS, readMetrics } from './metrics.js';

/** The most points of a curve; a longer one is thinned out. */
const MOST_POINTS = 100;

const points = z.array(z.record(z.string(), z.number())).readonly();

/** Describes how a network was trained, as an exported checkpoint says it. */
export const trainingHistory = z.object({
  /** The command line of each session; a resumed run has several. Empty if the run is older than this record. */
  commands: z.array(z.string()).readonly(),
  seed: z.union([z.number(), z.string()]).optional(),
  /** ISO 8601, UTC. */
  startedAt: z.string().optional(),
  version: z.string().optional(),
  /** Seconds of all sessions together. */
  seconds: z.number(),
  games: z.number(),
  solved: z.number(),
  bestRank: z.number().optional(),
  /** Losses, and what games came to, by learner step. */
  curve: points,
});
export type TrainingHistory = z.infer<typeof trainingHistory>;

/** Names the metrics that a curve keeps. */
const KEPT = ['policyLoss', 'valueLoss', 'games', 'solved', 'roundRank', 'flips.orbits', 'flips.orbitsPlayedNotShown'];

/**
 * Reads how the network of a training run was trained, from its folder.
 * @param totals the run's figures at its end
 */
export function readHistory(
  runDir: string,
  totals: Pick<TrainingHistory, 'seconds' | 'games' | 'solved'> & { readonly bestRank?: number | undefined },
): TrainingHistory {
  const { seed, startedAt, version, commandLines = [] } = readRunConfig(runDir);
  const lines = existsSync(join(runDir, METRICS)) ? readMetrics(runDir, []) : [];
  const curve = lines.flatMap((line) => {
    const kept = Object.entries(line).filter(
      (entry): entry is [string, number] =>
        (entry[0] === 'step' || entry[0] === 'time' || KEPT.includes(entry[0])) && typeof entry[1] === 'number',
    );
    // A line with neither losses nor games has nothing for the curve.
    return kept.some(([name]) => KEPT.includes(name)) ? [Object.fromEntries(kept)] : [];
  });
  const every = Math.ceil(curve.length / MOST_POINTS);
  const { seconds, games, solved, bestRank } = totals;
  return {
    commands: commandLines,
    ...{ seed, startedAt, version, seconds, games, solved, bestRank },
    curve: curve.filter((_, index) => (curve.length - 1 - index) % every === 0),
  };
}
