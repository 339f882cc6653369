import { readFileSync } from 'node:fs';

/** The version of the newest weights of the bench's run, which is also its first step. */
export const NEWEST = 5000;

/** What the bench's learner saves. */
export interface Learnt {
  readonly step: number;
  readonly ids: readonly string[];
}

/** What became of the games of a run. */
export interface Books {
  readonly acknowledged: number;
  readonly learnt: number;
  /** Games that the server had and nobody learnt from, and games that were learnt from twice. */
  readonly lost: number;
  readonly twice: number;
  /** Games that must not be learnt from and were. */
  readonly false: number;
}

/**
 * Balances the books: every game that was acknowledged to an actor must have been learnt from exactly once, and none of a hostile actor.
 * @param acked files with an id a line
 */
export function balance(learntFile: string, acked: readonly string[], hostile: string): Books {
  const { ids } = JSON.parse(readFileSync(learntFile, 'utf8')) as Learnt;
  const learnt = new Set(ids);
  const all = acked.flatMap((file) => readFileSync(file, 'utf8').split('\n').filter(Boolean));
  return {
    acknowledged: all.length,
    learnt: ids.length,
    lost: all.filter((id) => !learnt.has(id)).length,
    twice: ids.length - learnt.size,
    false: ids.filter((id) => id.startsWith(`${hostile}.`)).length,
  };
}
