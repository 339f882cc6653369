import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { untilExit } from '../../support/processes.js';
import { repositoryPath } from '../../support/repository.js';

const TRAINER = repositoryPath('trainer/bin/at-trainer.js');
/** The exit status of a run that did not find its rank. */
export const GOAL_MISSED = 10;

/** Runs at-trainer and gives what it prints. @throws Error if it ends with another status than those expected */
export async function trainer(options: readonly string[], statuses: readonly number[]): Promise<string> {
  const child = untilExit(spawn(process.execPath, [TRAINER, ...options], { stdio: ['ignore', 'pipe', 'ignore'] }));
  const [stdout, [status]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  if (!statuses.includes(status)) throw new Error(`at-trainer ${options.join(' ')} ended with status ${status}.`);
  return stdout;
}
