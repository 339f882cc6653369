import { AlphaTensorError, OPTION_WORDS } from '@alphatensor-edge/shared';
import { Command, Option } from 'commander';
import { stateFolder } from '../device/device-id.js';
import { enroll, splitAddress } from '../trainer/client.js';
import {
  agentIdentity,
  credentialsFile,
  loadCredentials,
  requireWritable,
  saveCredentials,
} from '../trainer/credentials.js';

interface EnrollOptions {
  readonly trainer: string;
  readonly token: string;
  readonly force?: true;
  readonly json?: true;
}

/** Makes `at-agent enroll`, which is run once for each device. */
export function enrollCommand(): Command {
  return new Command('enroll')
    .description('make a key on this device and have a trainer certify it, with a token from that trainer')
    .requiredOption('--trainer <address>', 'HOST:PORT of at-trainer hub')
    .addOption(
      new Option('--token <token>', 'printed by at-trainer agents invite; good once, for a short time')
        .env('ALPHATENSOR_TOKEN')
        .makeOptionMandatory(),
    )
    .option('--force', 'enrol again, and leave the present trainer, if the device is already enrolled')
    .option('--json', OPTION_WORDS.json)
    .addHelpText(
      'after',
      '\nExamples:\n  at-agent enroll --trainer trainer.example:50052 --token ate1_…\n  at-agent serve --connect     # then, from behind any router',
    )
    .action(enrollDevice);
}

async function enrollDevice({ trainer, token, force, json }: EnrollOptions): Promise<void> {
  splitAddress(trainer);
  const folder = stateFolder();
  const present = force ? undefined : loadCredentials(folder);
  if (present !== undefined && agentIdentity(present).validTo.getTime() > Date.now()) {
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      `This device is already enrolled as ${agentIdentity(present).name} with ${present.trainer}; use --force to enrol it again.`,
      { field: '--force' },
    );
  }
  requireWritable(folder);
  const credentials = await enroll(trainer, token);
  saveCredentials(folder, credentials);
  const { name, validTo } = agentIdentity(credentials);
  const file = credentialsFile(folder);
  process.stdout.write(
    json
      ? `${JSON.stringify({ name, trainer, validTo: validTo.toISOString(), file })}\n`
      : `enrolled as ${name} with ${trainer}; the key is in ${file}\nnext: at-agent serve --connect\n`,
  );
}
