import { createInterface } from 'node:readline/promises';
import { AlphaTensorError } from '@alphatensor-edge/shared';

/** Asks a question on the terminal. Without a terminal the answer is no. @throws AlphaTensorError CANCELLED on Ctrl-C */
export async function confirm(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) return false;
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  // While the prompt waits, it takes Ctrl-C for itself.
  const interrupt = new AbortController();
  prompt.once('SIGINT', () => interrupt.abort());
  try {
    return /^y(es)?$/i.test((await prompt.question(question, { signal: interrupt.signal })).trim());
  } catch (cause) {
    if (!interrupt.signal.aborted) throw cause;
    throw new AlphaTensorError('CANCELLED', 'Stopped on request; nothing was installed.', { cause });
  } finally {
    prompt.close();
  }
}
