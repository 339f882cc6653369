import { spawn } from 'node:child_process';
import { messageOf } from '@alphatensor-edge/shared';
import { z } from 'zod';
import { TF_BACKENDS } from '../config.js';
import type { TfBackend } from '../network/backend.js';

/** The backend that the others' losses are compared with: it is there everywhere. */
export const REFERENCE = 'wasm';
/** Losses of the same steps may differ by this much between backends; they round differently. */
const TOLERANCE = 1e-3;
export const BACKENDS = TF_BACKENDS.filter((name) => name !== 'auto');

const trial = z.object({ description: z.string(), losses: z.array(z.number()).readonly(), secondsPerStep: z.number() });
const refusal = z.object({ error: z.object({ message: z.string() }) });

/** What a backend did in a process of its own, or why it does not run. */
type BackendTrial = z.infer<typeof trial> | { readonly reason: string };

/** Runs the same training steps on a backend in this process: what `at-trainer backend trial NAME` prints. */
export async function runTrial(name: TfBackend): Promise<z.infer<typeof trial>> {
  // Loaded only here: TensorFlow.js takes a second that the other commands need not wait for.
  const [{ startBackend }, { trialSteps }] = await Promise.all([
    import('../network/backend.js'),
    import('./trial-steps.js'),
  ]);
  const { description } = await startBackend(name);
  return { description, ...trialSteps() };
}

/** Tries a backend in a process of its own, since a process has one backend, and a native library may end it. */
async function tryBackend(name: TfBackend): Promise<BackendTrial> {
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

/** Gives the largest difference of two lists of losses, relative where they are above 1. */
export function largestDifference(losses: readonly number[], reference: readonly number[]): number {
  return Math.max(
    ...losses.map((loss, index) => Math.abs(loss - reference[index]) / Math.max(1, Math.abs(reference[index]))),
  );
}

/** What a trial of a backend showed. */
export interface BackendState {
  readonly name: TfBackend;
  readonly works: boolean;
  /** It runs, and computes something else than the reference. */
  readonly differs: boolean;
  /** What runs, or why it does not. */
  readonly text: string;
  readonly secondsPerStep?: number | undefined;
  /** Time of a step of the reference over its own. */
  readonly timesAsFast?: number | undefined;
  /** The largest difference of a loss from the reference's. */
  readonly lossDifference?: number | undefined;
}

/** Tries backends one after the other, so that they do not slow each other down. */
export async function examineBackends(names: readonly TfBackend[]): Promise<BackendState[]> {
  const trials: [TfBackend, BackendTrial][] = [];
  for (const name of names) trials.push([name, await tryBackend(name)]);
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
