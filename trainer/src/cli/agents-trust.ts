import { parseDuration } from '@alphatensor-edge/shared';
import { Command, Option } from 'commander';
import { hubAddresses } from '../fleet/hub/hub-address.js';
import { isHubRunning } from '../fleet/hub/hub-record.js';
import { inviteDevice, revokeDevice } from '../fleet/trust/admission.js';
import { jsonOption } from './options.js';
import { note, print, printJson } from './output.js';

const DEFAULT_VALIDITY = '15m';

export function inviteCommand(): Command {
  return new Command('invite')
    .summary('make a one-time token for a device to enrol under a name')
    .description('Makes a token that admits one device once, and prints the command that enrols the device with it.')
    .argument('<name>', 'the name that the device gets')
    .addOption(
      new Option('--valid <duration>', 'how long the token is valid, for example 15m or 2h')
        .argParser(parseDuration)
        .default(parseDuration(DEFAULT_VALIDITY), DEFAULT_VALIDITY),
    )
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  at-trainer agents invite laptop')
    .action(async (name: string, { valid, json }: { valid: number; json?: boolean }) => {
      const invitation = await inviteDevice(name, valid);
      const { token } = invitation;
      const expiresAt = invitation.expiresAt.toISOString();
      const [address, ...others] = hubAddresses();
      if (json) return printJson({ name, token, expiresAt, trainer: address, trainers: [address, ...others] });
      print(token);
      note(`Good once, until ${expiresAt}.${isHubRunning() ? '' : ` ${NO_HUB}`} On the device run:`);
      note(`  at-agent enroll --trainer ${address} --token ${token}`);
      if (others.length > 0) note(`If that address does not lead here from the device: ${others.join(', ')}.`);
    });
}

export function revokeCommand(): Command {
  return new Command('revoke')
    .summary('refuse a device from now on, and close its connections')
    .description(
      'Withdraws the certificate of a device: it is refused from now on, and its connections are closed. A new invitation admits it again.',
    )
    .argument('<name>', 'a name of an enrolled device')
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  at-trainer agents revoke laptop')
    .action((name: string, { json }: { json?: boolean }) => {
      revokeDevice(name);
      if (json) printJson({ revoked: name });
      else print(`${name} is revoked; at-trainer agents invite ${name} admits it again`);
    });
}

const NO_HUB = 'No at-trainer hub runs here yet; start it first.';
