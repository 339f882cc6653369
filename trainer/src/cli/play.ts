import { AlphaTensorError, wholeNumber } from '@alphatensor-edge/shared';
import { Command, Option } from 'commander';
import { ENGINES, TF_BACKENDS, type TrainingConfig } from '../config.js';
import { clusterOption } from './cluster-options.js';
import { jsonOption } from './options.js';
import { interruptSignal, note, print, printOutcome, progress } from './output.js';

interface PlayOptions {
  readonly cluster: string;
  readonly name?: string;
  readonly workers: number;
  readonly games?: number;
  readonly tfBackend: TrainingConfig['tfBackend'];
  readonly actBackend: TrainingConfig['actBackend'];
  readonly json?: boolean;
}

export function playCommand(): Command {
  return new Command('play')
    .summary('play games for a learner elsewhere')
    .description(
      'Plays games with the newest weights of the learner in a cluster (`train --cluster`), and sends it the games, until Ctrl-C. Any number may play; each can be stopped and started at any time.',
    )
    .addOption(clusterOption('the cluster to play for; no default').makeOptionMandatory())
    .addOption(
      new Option(
        '--name <name>',
        'the name under which the learner counts the games (default: that of the credentials, or else of this machine with a random word)',
      ),
    )
    .addOption(
      new Option('--workers <count>', 'threads that play games').argParser(wholeNumber('--workers', 1, 256)).default(1),
    )
    .addOption(
      new Option('--games <count>', 'stop after this many games (default: go on)').argParser(
        wholeNumber('--games', 1, 10 ** 9),
      ),
    )
    .addOption(new Option('--tf-backend <name>', 'TensorFlow.js backend').choices([...TF_BACKENDS]).default('auto'))
    .addOption(
      new Option('--act-backend <name>', 'what games are played through, as for train')
        .choices([...ENGINES])
        .default('auto'),
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  at-trainer play --cluster nats://127.0.0.1:4222
  at-trainer play --cluster actor-1.json --workers 8`,
    )
    .action(play);
}

async function play({ cluster: address, name, games: maxGames, json, ...how }: PlayOptions): Promise<void> {
  const { connectCluster } = await import('../cluster/connect.js');
  const cluster = await connectCluster(address);
  const signal = interruptSignal();
  try {
    // Loaded only here, as TensorFlow.js takes a second to load.
    const { playForCluster } = await import('../cluster/actor.js');
    const { defaultActorName } = await import('../cluster/actor-name.js');
    const actor = nameOf(name, cluster.name) ?? defaultActorName();
    note(`${actor} plays for ${cluster.names.cluster} at ${cluster.address.server}`);
    const shown = progress('playing', maxGames !== undefined);
    const result = await playForCluster(cluster, {
      ...how,
      ...{ name: actor, maxGames, signal },
      onMessage: note,
      onRound: ({ games, solved, sent, version }) =>
        shown.update(
          maxGames === undefined ? 0 : games / maxGames,
          `${games} games, ${solved} solved, ${sent} sent, weights of step ${version}`,
        ),
    }).finally(() => shown.stop());
    printOutcome({ name: actor, ...result }, undefined, json ? undefined : () => print(resultLine(result)));
  } finally {
    await cluster.close();
  }
}

function nameOf(given: string | undefined, own: string | undefined): string | undefined {
  if (given === undefined || own === undefined || given === own) return given ?? own;
  throw new AlphaTensorError(
    'INVALID_ARGUMENT',
    `The credentials are those of ${own}, and the server takes games of ${own} only with them; leave out --name.`,
    { field: '--name' },
  );
}

function resultLine({ games, solved, sent }: { games: number; solved: number; sent: number }): string {
  return `played ${games} games, ${solved} solved; the server has ${sent}`;
}
