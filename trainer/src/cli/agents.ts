import { blasName, type DescribeResponse } from '@alphatensor-edge/proto';
import { Command } from 'commander';
import { connectAgent } from '../fleet/agent-client.js';
import { noteContact } from '../fleet/agent-contacts.js';
import { addAgent, listAgents, removeAgent, resolveAgent } from '../fleet/agent-registry.js';
import { fleetState, stateLines } from '../fleet/state.js';
import { inviteCommand, revokeCommand } from './agents-trust.js';
import { jsonOption } from './options.js';
import { print, printJson } from './output.js';

export function agentsCommand(): Command {
  const command = new Command('agents')
    .summary('invite, name, list and revoke agents')
    .description('Invites and revokes devices, gives agents names, and asks them what device they run on.')
    .addHelpText(
      'after',
      `
Examples:
  at-trainer agents add laptop 127.0.0.1:50051
  at-trainer agents invite laptop
  at-trainer agents list
  at-trainer agents describe laptop --json`,
    );

  command
    .command('add')
    .summary('give an agent a name')
    .argument('<name>')
    .argument('<address>', 'HOST:PORT')
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  at-trainer agents add laptop 127.0.0.1:50051')
    .action((name: string, address: string, options: { json?: boolean }) => {
      addAgent(name, address);
      if (options.json) printJson({ name, address });
      else print(`${name} is ${address}`);
    });

  command
    .command('list')
    .summary('list list all named agents: state, backends, queue, versions, last contact')
    .description(
      'Asks every named agent. up: it accepts jobs; busy: it is measuring; lost: it does not answer, or shares no version of the protocol. The exit status is 0 whatever the states are.',
    )
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  at-trainer agents list --json')
    .action(async (options: { json?: boolean }) => {
      const states = await fleetState(listAgents());
      if (options.json) return printJson(states);
      if (states.length === 0) print('No agents yet; add one with at-trainer agents add NAME HOST:PORT.');
      for (const line of stateLines(states)) print(line);
    });

  command
    .command('describe')
    .summary('show device, backends and BLAS libraries of one agent')
    .argument('<agent>', 'a name or HOST:PORT')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExamples:\n  at-trainer agents describe laptop\n  at-trainer agents describe 127.0.0.1:50051 --json',
    )
    .action(async (agent: string, options: { json?: boolean }) => {
      const description = await describe(resolveAgent(agent));
      if (options.json) printJson(description);
      else for (const line of describeLines(description)) print(line);
    });

  command
    .command('remove')
    .summary('forget a name')
    .argument('<name>')
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  at-trainer agents remove laptop')
    .action((name: string, options: { json?: boolean }) => {
      removeAgent(name);
      if (options.json) printJson({ removed: name });
      else print(`${name} is forgotten`);
    });

  command.addCommand(inviteCommand());
  command.addCommand(revokeCommand());
  return command;
}

async function describe(address: string): Promise<DescribeResponse> {
  const client = connectAgent(address);
  try {
    const description = await client.describe();
    noteContact([address]);
    return description;
  } finally {
    client.close();
  }
}

function describeLines({ agentVersion, device, backends, queue }: DescribeResponse): string[] {
  return [
    `agent     ${agentVersion}`,
    ...(device
      ? [
          `device    ${device.hostname}: ${device.cpuModel}, ${device.physicalCores} cores, ${device.vectorIsa}`,
          `memory    ${(device.memoryBytes / 2 ** 30).toFixed(1)} GiB`,
          `system    ${device.os}, ${device.kernel}`,
        ]
      : []),
    ...backends.map(({ name, available, reason, compiler, blas }) =>
      available
        ? `backend   ${name}: ${compiler}, baseline ${blas[0] ? blasName(blas[0]) : 'none'}`
        : `backend   ${name}: not available, ${reason}`,
    ),
    `queue     ${queue?.runningJobs ?? 0} running, ${queue?.waitingJobs ?? 0} of ${queue?.capacityJobs ?? 0} waiting`,
  ];
}
