import { AlphaTensorError, wholeNumber } from '@alphatensor-edge/shared';
import { Option } from 'commander';
import { DEFAULT_LIMITS, type QueueLimits } from '../cluster/limits.js';

/** Makes the option that names a cluster. @param does what the command does there, and the default in brackets */
export const clusterOption = (does: string): Option =>
  new Option(
    '--cluster <address>',
    `${does}; nats://HOST:PORT, nats://HOST:PORT/CLUSTER, or the file that \`cluster invite\` wrote`,
  );

/** Lists the options of a learner of a cluster. */
export const learnerOptions = (): Option[] => [
  new Option('--keep-versions <count>', 'with --cluster: how many versions of the weights a game may be behind')
    .argParser(wholeNumber('--keep-versions', 0, 10_000))
    .default(10),
  new Option(
    '--actor-share <fraction>',
    "with --cluster: the most of the replay's played games that one actor may have",
  )
    .argParser(fraction)
    .default(0.5),
  new Option(
    '--queue-games <count>',
    'with --cluster: the most games that wait on the server, a quarter of them of one actor',
  )
    .argParser(wholeNumber('--queue-games', 4, 1_000_000))
    .default(DEFAULT_LIMITS.games),
];

/** Holds the values of `learnerOptions`. */
export interface LearnerOptions {
  readonly keepVersions: number;
  readonly actorShare: number;
  readonly queueGames: number;
}

/** Gives the limits of the queue that the options ask for. */
export function limitsOf({ queueGames }: LearnerOptions): QueueLimits {
  return { ...DEFAULT_LIMITS, games: queueGames, gamesOfOne: Math.max(1, Math.floor(queueGames / 4)) };
}

function fraction(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value > 0 && value <= 1) return value;
  throw new AlphaTensorError('INVALID_ARGUMENT', `--actor-share must be above 0 and at most 1, but is "${text}".`, {
    field: '--actor-share',
  });
}
