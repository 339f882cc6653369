import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '@alphatensor-edge/shared';
import { sync as writeFileAtomicSync } from 'write-file-atomic';
import { z } from 'zod';
import { isLocked } from '../fleet/file-lock.js';
import { LOCK, lockRunFolder, writing } from './folder.js';

// `state.json` says what became of a run. A process that is killed leaves it at `running` and its lock free, by which others know.

/** Names the file in a run folder. */
export const STATE = 'state.json';

const schema = z.object({
  state: z.enum(['running', 'ended', 'stopped', 'failed']),
  /** When it began to be so, ISO 8601, UTC. */
  at: z.string(),
  pid: z.number(),
  /** When this session of the run began, ISO 8601, UTC; absent in older runs. */
  began: z.string().optional(),
  /** What a running one is at, in words. */
  stage: z.string().optional(),
  budgetSeconds: z.number().optional(),
  /** Why it failed. */
  message: z.string().optional(),
});
type StateRecord = z.infer<typeof schema>;

/** Tells what became of a run. */
export interface RunState extends Omit<StateRecord, 'state' | 'pid' | 'at'> {
  /** `crashed`: its process ended without a word; `unknown`: a version that did not write it. */
  readonly state: 'live' | 'ended' | 'stopped' | 'failed' | 'crashed' | 'unknown';
  /** Since when; undefined: unknown. */
  readonly at?: string | undefined;
}

/** Holds what is known of a run when it starts or goes on. */
interface RunSession {
  readonly signal?: AbortSignal | undefined;
  readonly budgetSeconds?: number | undefined;
  readonly stage?: string | undefined;
}

/**
 * Does the work of a run with its folder locked, and writes down how it went: ended, stopped by the signal, or failed.
 * @param work is given a function that says which stage the run is at
 * @throws AlphaTensorError RESOURCE_EXHAUSTED if another process holds the lock, or if the folder cannot be written; and as `work`
 */
export async function inRunFolder<T>(
  runDir: string,
  { signal, budgetSeconds, stage }: RunSession,
  work: (stage: (words: string) => void) => Promise<T>,
): Promise<T> {
  const lock = lockRunFolder(runDir);
  const began = new Date().toISOString();
  const note = (state: StateRecord['state'], more: Partial<StateRecord> = {}): void => {
    const record: StateRecord = { state, at: new Date().toISOString(), pid: process.pid, began, ...more };
    writing(runDir, () => writeFileAtomicSync(join(runDir, STATE), `${JSON.stringify(record)}\n`));
  };
  try {
    note('running', { budgetSeconds, stage });
    const result = await work((words) => note('running', { budgetSeconds, stage: words }));
    note(signal?.aborted ? 'stopped' : 'ended');
    return result;
  } catch (error) {
    try {
      note(signal?.aborted ? 'stopped' : 'failed', { message: messageOf(error) });
    } catch {
      // The disk may be full, and the error itself tells more.
    }
    throw error;
  } finally {
    lock.release();
  }
}

/** Tells what became of the run in a folder. A damaged file counts as none. */
export function readRunState(runDir: string): RunState {
  const record = readRecord(runDir);
  const { pid: _, state, ...rest } = record ?? {};
  if (isLocked(join(runDir, LOCK))) return { ...rest, state: 'live' };
  if (state === undefined) return { state: 'unknown' };
  return { ...rest, state: state === 'running' ? 'crashed' : state };
}

function readRecord(runDir: string): StateRecord | undefined {
  try {
    return schema.parse(JSON.parse(readFileSync(join(runDir, STATE), 'utf8')));
  } catch {
    return undefined;
  }
}
