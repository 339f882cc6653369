import { wholeNumber } from '@alphatensor-edge/shared';
import { Command, Option } from 'commander';
import { budgetOption } from './options.js';
import { interruptSignal, note, print } from './output.js';

interface DemoOptions {
  readonly actors: number;
  readonly budget: number;
  readonly runDir?: string;
}

export function clusterDemoCommand(): Command {
  return new Command('demo')
    .summary('run a whole cluster on this machine: a server, a learner, actors')
    .description(
      'Starts nats-server (which must be installed) on a free port of this machine with keys and an account for each level of trust, a learner that starts from the kept checkpoint of <2,2,2> and some actors as processes of their own, shows the status, and ends them all.',
    )
    .addOption(new Option('--actors <count>', 'number of actors').argParser(wholeNumber('--actors', 1, 16)).default(2))
    .addOption(budgetOption().default(60, '1m'))
    .addOption(new Option('--run-dir <dir>', 'folder of the run (default: a temporary one, which is removed)'))
    .addHelpText('after', '\nExample:\n  at-trainer cluster demo --actors 2 --budget 2m')
    .action(async (options: DemoOptions) => {
      const { runDemo } = await import('../cluster/demo.js');
      await runDemo({ ...options, signal: interruptSignal(), onMessage: note, onStatus: print });
    });
}
