import { X509Certificate } from 'node:crypto';
import { hostname } from 'node:os';
import { formatAddress, formatToken, newToken } from '@alphatensor-edge/proto';
import { parseDuration } from '@alphatensor-edge/shared';
import { Command, Option } from 'commander';
import { requireAgentName } from '../fleet/agent-registry.js';
import { isHubRunning, readHubRecord } from '../fleet/hub/hub-record.js';
import { openAuthority, renewTrainer } from '../fleet/trust/authority.js';
import { TrustStore } from '../fleet/trust/trust-store.js';
import { ENDPOINT_PORT } from './hub.js';
import { jsonOption } from './options.js';
import { note, print, printJson } from './output.js';

const DEFAULT_VALIDITY = '15m';

export function inviteCommand(): Command {
  return new Command('invite')
    .summary('make a one-time token for a device to enrol under a name')
    .argument('<name>')
    .addOption(
      new Option('--valid <duration>', 'how long the token is valid, for example 15m or 2h')
        .argParser(parseDuration)
        .default(parseDuration(DEFAULT_VALIDITY), DEFAULT_VALIDITY),
    )
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  at-trainer agents invite laptop')
    .action(async (name: string, { valid, json }: { valid: number; json?: boolean }) => {
      requireAgentName(name);
      const authority = await openAuthority();
      await renewTrainer(authority);
      const token = newToken(new X509Certificate(authority.ca).raw);
      const expiresAt = new Date(Date.now() + valid * 1000);
      withStore((store) => store.invite(name, token.secret, expiresAt));
      const text = formatToken(token);
      if (json) return printJson({ name, token: text, expiresAt: expiresAt.toISOString(), trainer: hubAddress() });
      print(text);
      note(`Good once, until ${expiresAt.toISOString()}.${isHubRunning() ? '' : ` ${NO_HUB}`} On the device run:`);
      note(`  at-agent enroll --trainer ${hubAddress()} --token ${text}`);
    });
}

export function revokeCommand(): Command {
  return new Command('revoke')
    .summary('refuse a device from now on, and close its connections')
    .argument('<name>')
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  at-trainer agents revoke laptop')
    .action((name: string, { json }: { json?: boolean }) => {
      withStore((store) => store.revoke(name));
      if (json) printJson({ revoked: name });
      else print(`${name} is revoked; at-trainer agents invite ${name} admits it again`);
    });
}

const NO_HUB = 'No at-trainer hub runs here yet; start it first.';

/** HOST:PORT under which devices reach the hub of this user; before it ran for the first time, its defaults. */
function hubAddress(): string {
  const { host, port } = readHubRecord() ?? { host: '0.0.0.0', port: ENDPOINT_PORT };
  return formatAddress(isUnspecified(host) ? hostname() : host, port);
}

function isUnspecified(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

function withStore(action: (store: TrustStore) => void): void {
  const store = TrustStore.open();
  try {
    action(store);
  } finally {
    store.close();
  }
}
