import { hostname } from 'node:os';
import { join } from 'node:path';
import { AlphaTensorError, wholeNumber } from '@alphatensor-edge/shared';
import { Command, Option } from 'commander';
import type { Level } from '../cluster/credentials.js';
import { DEFAULT_CLUSTER } from '../cluster/names.js';
import { clusterDemoCommand } from './cluster-demo.js';
import { clusterOption } from './cluster-options.js';
import { collect, jsonOption } from './options.js';
import { note, print, printJson } from './output.js';

// What speaks to a server is loaded only where it is used: other commands do not need it.

const DEFAULT_FOLDER = 'cluster';

export function clusterCommand(): Command {
  const command = new Command('cluster')
    .summary('set up and watch a cluster of machines that play for one learner')
    .description(
      'A cluster is one learner (`train --cluster`) and any number of actors (`play --cluster`) that meet at a NATS server with JetStream.',
    )
    .addHelpText(
      'after',
      `
Examples:
  at-trainer cluster demo
  at-trainer cluster init --host 192.0.2.7
  at-trainer cluster invite actor-1
  at-trainer cluster status --cluster nats://127.0.0.1:4222`,
    );
  for (const child of [init(), invite(), revokeMember(), status(), removeGames(), clusterDemoCommand()]) {
    command.addCommand(child);
  }
  return command;
}

const folderOption = (): Option => new Option('--folder <dir>', 'the folder of the cluster').default(DEFAULT_FOLDER);

function init(): Command {
  return new Command('init')
    .summary("write a NATS server's configuration, and the learner's credentials")
    .description(
      'Makes the folder of a new cluster: the configuration of its nats-server with an account for each level of trust, a certificate, and the credentials of the learner. It starts nothing.',
    )
    .addOption(
      new Option(
        '--host <name>',
        "a name or an address under which other machines reach the server, first the one to dial; repeatable (default: this machine's name)",
      ).argParser(collect),
    )
    .addOption(
      new Option('--port <number>', 'the port of the server').argParser(wholeNumber('--port', 1, 65_535)).default(4222),
    )
    .addOption(new Option('--name <name>', 'the name of the cluster').default(DEFAULT_CLUSTER))
    .addOption(folderOption())
    .option('--no-tls', 'without a certificate and TLS, for one machine alone (default: with TLS)')
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  at-trainer cluster init --host 192.0.2.7 --folder cluster')
    .action(
      async ({
        host = [hostname()],
        port,
        name,
        folder,
        tls,
        json,
      }: {
        host?: string[];
        port: number;
        name: string;
        folder: string;
        tls: boolean;
        json?: boolean;
      }) => {
        const { initCluster, SERVER_CONFIG } = await import('../cluster/membership.js');
        const credentials = await initCluster({ folder, cluster: name, hosts: host, port, tls });
        const configuration = join(folder, SERVER_CONFIG);
        if (json) return printJson({ folder, configuration, credentials });
        print(credentials);
        note(`Start the server:   nats-server -c ${configuration}`);
        note(`Start the learner:  at-trainer train --cluster ${credentials} --size 2,2,3 --preset lean`);
        note('Let an actor in:    at-trainer cluster invite NAME');
      },
    );
}

function invite(): Command {
  return new Command('invite')
    .summary('make the credentials of an actor, an observer or another learner')
    .description(
      'Makes a key for a new member, writes its credentials to a file, and the configuration of the server anew. The server must read it again: nats-server --signal reload.',
    )
    .argument('<name>', 'the name of the member; games are counted under it')
    .addOption(
      new Option('--level <level>', 'actor: plays; observer: reads the status; learner: may do everything')
        .choices(['actor', 'observer', 'learner'])
        .default('actor'),
    )
    .addOption(folderOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  at-trainer cluster invite actor-1')
    .action(async (name: string, { level, folder, json }: { level: Level; folder: string; json?: boolean }) => {
      const { admit } = await import('../cluster/membership.js');
      const credentials = admit(folder, name, level);
      if (json) return printJson({ name, level, credentials });
      print(credentials);
      note(`Let the server read its configuration again: nats-server --signal reload`);
      if (level === 'actor')
        note(`Copy ${credentials} to the machine, and there: at-trainer play --cluster ${name}.json`);
    });
}

function revokeMember(): Command {
  return new Command('revoke')
    .summary('shut a member out')
    .description(
      'Takes the key of a member out of the configuration of the server. The server must read it again (nats-server --signal reload), and then closes its connections. Its games stay; see `cluster remove-games`.',
    )
    .argument('<name>', 'the name of the member')
    .addOption(folderOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  at-trainer cluster revoke actor-1')
    .action(async (name: string, { folder, json }: { folder: string; json?: boolean }) => {
      const { revoke } = await import('../cluster/membership.js');
      revoke(folder, name);
      if (json) return printJson({ revoked: name });
      print(`${name} is shut out as soon as the server has read its configuration again: nats-server --signal reload`);
    });
}

function status(): Command {
  return new Command('status')
    .summary('show the actors of a cluster: rates, versions, refusals')
    .description(
      'Reads what the learner wrote last: its step, the games that wait, and for each actor its games, rate, weights, share of the replay and refused games with the reasons.',
    )
    .addOption(clusterOption('the cluster; no default').makeOptionMandatory())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  at-trainer cluster status --cluster nats://127.0.0.1:4222 --json')
    .action(async ({ cluster: address, json }: { cluster: string; json?: boolean }) => {
      const { connectCluster } = await import('../cluster/connect.js');
      const { readState, STATUS } = await import('../cluster/state-store.js');
      const { clusterStatus } = await import('../cluster/status.js');
      const { statusLines } = await import('../cluster/status-words.js');
      const cluster = await connectCluster(address);
      try {
        const known = await readState(cluster, STATUS, clusterStatus);
        if (known === undefined) {
          throw new AlphaTensorError(
            'NOT_FOUND',
            `No learner has been in the cluster ${cluster.names.cluster} at ${cluster.address.server}; start one with at-trainer train --cluster.`,
          );
        }
        if (json) printJson(known);
        else for (const line of statusLines(known)) print(line);
      } finally {
        await cluster.close();
      }
    });
}

function removeGames(): Command {
  return new Command('remove-games')
    .summary("remove an actor's games from the replay, and refuse its further ones")
    .description(
      "Tells the learner to drop every game of an actor from its replay and to refuse further ones: at once, or when it starts. Algorithms that they found stay, as each was verified exactly. It needs the learner's credentials.",
    )
    .argument('<name>', 'the name of the actor')
    .addOption(clusterOption('the cluster; no default').makeOptionMandatory())
    .option('--undo', 'take further games of the actor again (default: refuse them)')
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  at-trainer cluster remove-games actor-1 --cluster cluster/learner.json')
    .action(
      async (name: string, { cluster: address, undo, json }: { cluster: string; undo?: boolean; json?: boolean }) => {
        const { connectCluster } = await import('../cluster/connect.js');
        const { removedKey, StateWriter } = await import('../cluster/state-store.js');
        const cluster = await connectCluster(address);
        try {
          const state = await StateWriter.open(cluster);
          if (undo) await state.remove(removedKey(name));
          else await state.write(removedKey(name), { at: new Date().toISOString() });
        } finally {
          await cluster.close();
        }
        if (json) return printJson({ name, removed: undo !== true });
        print(
          undo
            ? `further games of ${name} are taken again`
            : `the games of ${name} leave the replay, and further ones are refused; --undo takes them again`,
        );
      },
    );
}
