import { examineLocks } from './lock-files.js';
import { beyondFolders, lockFolders } from './lock-folders.js';
import { holderWords } from './lock-holder.js';

/** Tells how far the lock reaches that keeps agents of one host from measuring at the same time. */
export interface LockReach {
  /** The lock files in use. */
  readonly files: readonly string[];
  /** Why agents may measure meanwhile that cannot be seen from here, one clause; empty if there can be none. */
  readonly doubt: string;
  /** Who measures now, in words; empty if nobody does. */
  readonly holder: string;
}

/** What to do about a doubt. */
export const LOCK_FIX =
  'Give all agents of this host one folder that they can write to (mount it in each container), and name it in ALPHATENSOR_LOCK_DIR.';

/** Examines the lock files. Takes a few milliseconds. */
export async function examineLockReach(): Promise<LockReach> {
  const locks = await examineLocks();
  const files = locks.filter(({ problem }) => problem === '').map(({ path }) => path);
  const held = locks.find(({ held }) => held);
  return {
    files,
    doubt: files.length === 0 ? `no lock file can be used (${problems(locks)})` : (beyondFolders(lockFolders()) ?? ''),
    holder: held === undefined ? '' : holderWords(held.holder),
  };
}

function problems(locks: readonly { problem: string }[]): string {
  return locks.map(({ problem }) => problem).join('; ');
}

/** Writes a doubt as a sentence. */
export function doubtSentence({ doubt }: Pick<LockReach, 'doubt'>): string {
  return `It cannot be known whether other agents of this host measure at the same time: ${doubt}. ${LOCK_FIX}`;
}
