import { hasCheckpoint } from '../run/checkpoint.js';

/**
 * Tells whether a run has a checkpoint to go on from. One that was stopped before its first begins anew, and says so.
 * @param onMessage gets that sentence
 */
export async function resumesHere(runDir: string, onMessage: (text: string) => void): Promise<boolean> {
  if (await hasCheckpoint(runDir)) return true;
  onMessage(
    `${runDir} has no checkpoint yet, so training begins again at step 0; what was found and measured there is kept.`,
  );
  return false;
}
