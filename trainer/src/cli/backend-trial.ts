import { spawn } from 'node:child_process';
import { messageOf } from '@alphatensor-edge/shared';
import { z } from 'zod';
import type { TfBackend } from '../network/backend.js';
import { printJson } from './output.js';

const trial = z.object({ description: z.string(), losses: z.array(z.number()), secondsPerStep: z.number() });
const refusal = z.object({ error: z.object({ message: z.string() }) });

/** What a backend did in a process of its own, or why it does not run. */
export type BackendTrial = z.infer<typeof trial> | { readonly reason: string };

/** `at-trainer backend trial NAME`: what `tryBackend` runs. */
export async function runTrial(name: TfBackend): Promise<void> {
  // Loaded only here: TensorFlow.js takes a second that the other commands need not wait for.
  const [{ startBackend }, { trialSteps }] = await Promise.all([
    import('../network/backend.js'),
    import('../training/trial-steps.js'),
  ]);
  const { description } = await startBackend(name);
  printJson({ description, ...trialSteps() });
}

/** A process has one backend, and a native library may end it: so each is tried in another one. */
export async function tryBackend(name: TfBackend): Promise<BackendTrial> {
  const child = spawn(process.execPath, [process.argv[1], 'backend', 'trial', name, '--json'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  const code = await new Promise<number | NodeJS.Signals | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status, signal) => resolve(status ?? signal));
  });
  try {
    const document: unknown = JSON.parse(stdout);
    return code === 0 ? trial.parse(document) : { reason: refusal.parse(document).error.message };
  } catch (error) {
    return { reason: `the trial ended with ${code} and no result (${messageOf(error)})` };
  }
}

/** The largest difference of two lists of losses, relative where they are above 1. */
export function lossDifference(losses: readonly number[], reference: readonly number[]): number {
  return Math.max(
    ...losses.map((loss, index) => Math.abs(loss - reference[index]) / Math.max(1, Math.abs(reference[index]))),
  );
}
