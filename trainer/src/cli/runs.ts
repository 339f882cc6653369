import { AlphaTensorError } from '@alphatensor-edge/shared';
import type { Command } from 'commander';
import type { RunCommand } from '../run/config.js';
import { note } from './output.js';

// What the commands that make runs say and check alike.

/** Lists the options that a resumed run takes. The others are fixed when a run begins. */
const WITH_RESUME = [
  'resume',
  'runDir',
  'budget',
  'json',
  'agent',
  'untilRank',
  'integers',
  'maxSteps',
  'exportCheckpoint',
];

/**
 * Refuses options that a resumed run does not take, as it keeps its configuration.
 * @param free further options that this command takes with --resume
 * @throws AlphaTensorError INVALID_ARGUMENT naming an option that would have no effect, or that is missing
 */
export function checkResume(
  command: Command,
  { resume, runDir }: { readonly resume?: boolean | undefined; readonly runDir?: string | undefined },
  free: readonly string[] = [],
): void {
  if (!resume) return;
  if (runDir === undefined) {
    throw new AlphaTensorError('INVALID_ARGUMENT', '--resume needs --run-dir, the folder of the run to continue.', {
      field: '--run-dir',
    });
  }
  const settled = command.options.find(
    (option) =>
      ![...WITH_RESUME, ...free].includes(option.attributeName()) &&
      command.getOptionValueSource(option.attributeName()) === 'cli',
  );
  if (settled !== undefined) {
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      `${settled.long} cannot be changed with --resume: the run keeps the configuration it began with; leave it out or start a new run.`,
      { field: settled.long ?? '' },
    );
  }
}

/** Makes the error of a run that ended without reaching its rank. */
export function missedGoal(
  command: 'train' | 'explore',
  { bestRank }: { readonly bestRank?: number | undefined },
  untilRank: number | undefined,
  runDir: string,
): AlphaTensorError | undefined {
  if (untilRank === undefined || (bestRank !== undefined && bestRank <= untilRank)) return undefined;
  return new AlphaTensorError(
    'GOAL_MISSED',
    `Rank ${untilRank} was not found (best: ${bestRank ?? 'nothing'}); ${continueWords(command, runDir)}.`,
  );
}

/** Says how to continue a run. */
export function continueWords(command: RunCommand, runDir: string): string {
  return `continue with at-trainer ${command} --resume --run-dir ${runDir}`;
}

/** Says how to continue a run that was stopped, and sets the exit status. */
export function noteStopped(command: RunCommand, runDir: string): void {
  note(`stopped; ${continueWords(command, runDir)}`);
  process.exitCode = 130;
}
