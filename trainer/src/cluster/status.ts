import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { peerFigures } from './peers.js';

const count = z.number().int().min(0);

/** Describes how a cluster stands: what `cluster status` and the live page show. The learner writes it every two seconds. */
export const clusterStatus = z.object({
  format: z.literal(1),
  session: z.string(),
  /** ISO 8601, UTC. */
  at: z.string(),
  state: z.enum(['running', 'ended']),
  cluster: z.string(),
  run: z.string(),
  step: count,
  /** The version of the newest weights, which is the step that they are of; 0 while there are none. */
  version: count,
  /** Games on the server that wait, and that were given to the learner and not acknowledged; the bytes of all. */
  queue: z.object({ waiting: count, inHand: count, bytes: count }),
  /** Games that were taken in and wait for the next learner step. */
  takenIn: count,
  /** Games in the stream of refused ones, of which the newest 1000 are kept. */
  dead: count,
  actors: z.array(peerFigures),
});
export type ClusterStatus = z.infer<typeof clusterStatus>;

/** Names the file in a run folder. */
export const statusFile = (runDir: string): string => join(runDir, 'cluster', 'status.json');

/** Reads the last status of a run. Undefined if it had no cluster, or for a damaged file. */
export function readStatusFile(runDir: string): ClusterStatus | undefined {
  const path = statusFile(runDir);
  if (!existsSync(path)) return undefined;
  try {
    return clusterStatus.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}
