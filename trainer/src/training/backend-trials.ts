import { spawn } from 'node:child_process';
import { messageOf } from '@alphatensor-edge/shared';
import { z } from 'zod';
import { TF_BACKENDS } from '../config.js';
import type { TfBackend } from '../network/backend.js';

/** Names the backend that the others are compared with. It runs everywhere. */
export const REFERENCE = 'wasm';
/** Limits the difference between the backends' losses of the same steps. They round differently. */
const TOLERANCE = 1e-3;
export const BACKENDS = TF_BACKENDS.filter((name) => name !== 'auto');

const trial = z.object({ description: z.string(), losses: z.array(z.number()).readonly(), secondsPerStep: z.number() });
const refusal = z.object({ error: z.object({ message: z.string() }) });

/** Holds what a backend did in a process of its own, or why it does not run. */
type BackendTrial = z.infer<typeof trial> | { readonly reason: string };

/** Runs the training steps of the trial on a backend, in this process. `at-trainer backend trial NAME` prints the result. */
export async function runTrial(name: TfBackend): Promise<z.infer<typeof trial>> {
  // Loaded only here, as TensorFlow.js takes a second to load and other commands do not need it.
  const [{ startBackend }, { trialSteps }] = await Promise.all([
    import('../network/backend.js'),
    import('./trial-steps.js'),
  ]);
  const { description } = await startBackend(name);
  return { description, ...(await trialSteps()) };
}

/**
 * Runs `at-trainer backend trial NAME` in a process of its own, since a process has only one backend and a native library may crash it.
 * @returns what the trial printed, or why there is nothing
 */
export async function trialInChild<Trial>(
  name: string,
  schema: z.ZodType<Trial>,
): Promise<Trial | { readonly reason: string }> {
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
    return code === 0 ? schema.parse(document) : { reason: refusal.parse(document).error.message };
  } catch (error) {
    return { reason: `the trial ended with ${code} and no result (${messageOf(error)})` };
  }
}

/** Computes the largest difference between two lists of losses, relative where the reference is above 1. */
export function largestDifference(losses: readonly number[], reference: readonly number[]): number {
  return Math.max(
    ...losses.map((loss, index) => Math.abs(loss - reference[index]) / Math.max(1, Math.abs(reference[index]))),
  );
}

/** Holds what a trial of a backend showed. */
export interface BackendState {
  readonly name: TfBackend;
  readonly works: boolean;
  /** Whether it runs, but computes other losses than the reference. */
  readonly differs: boolean;
  /** What runs, or why it does not. */
  readonly text: string;
  readonly secondsPerStep?: number | undefined;
  /** The time of a step on the reference, divided by the time on this backend. */
  readonly timesAsFast?: number | undefined;
  /** The largest difference of a loss from the reference's. */
  readonly lossDifference?: number | undefined;
}

/** Tries backends one after the other, so that they do not slow each other down. */
export async function examineBackends(names: readonly TfBackend[]): Promise<BackendState[]> {
  const trials: [TfBackend, BackendTrial][] = [];
  for (const name of names) trials.push([name, await trialInChild(name, trial)]);
  const reference = trials.find(([name]) => name === REFERENCE)?.[1];
  return trials.map(([name, trial]) => stateOf(name, trial, reference));
}

function stateOf(name: TfBackend, trial: BackendTrial, reference: BackendTrial | undefined): BackendState {
  if ('reason' in trial) return { name, works: false, differs: false, text: trial.reason };
  const { description, secondsPerStep } = trial;
  const state = { name, text: description, secondsPerStep };
  if (reference === undefined || 'reason' in reference) return { ...state, works: true, differs: false };
  const difference = largestDifference(trial.losses, reference.losses);
  const differs = !(difference <= TOLERANCE);
  const timesAsFast = reference.secondsPerStep / secondsPerStep;
  return { ...state, works: !differs, differs, timesAsFast, lossDifference: difference };
}

/** Says in one line what a trial showed. */
export function backendLine({
  name,
  text,
  secondsPerStep,
  timesAsFast,
  lossDifference: difference,
}: BackendState): string {
  if (secondsPerStep === undefined) return `${name.padEnd(8)}  -  ${text}`;
  const compared =
    timesAsFast === undefined || difference === undefined || name === REFERENCE
      ? ''
      : `, ${timesAsFast.toFixed(1)} times as fast as ${REFERENCE}, losses within ${difference.toExponential(0)}`;
  return `${name.padEnd(8)}  ${text}: ${(1000 * secondsPerStep).toFixed(1)} ms a training step${compared}`;
}
