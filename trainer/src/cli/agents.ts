import { Command } from 'commander';
import { addAgent, listAgents, removeAgent, resolveAgent } from '../fleet/agent-registry.js';
import { describeAgent, descriptionLines } from '../fleet/describe.js';
import { copiedKeyLines, fleetState, stateLines } from '../fleet/state.js';
import { inviteCommand, revokeCommand } from './agents-trust.js';
import { jsonOption } from './options.js';
import { note, print, printJson } from './output.js';

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
    .description('Remembers the address of an agent under a name, which --agent takes from then on.')
    .argument('<name>', 'the name to give it')
    .argument('<address>', 'HOST:PORT')
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  at-trainer agents add laptop 127.0.0.1:50051')
    .action((name: string, address: string, options: { json?: boolean }) => {
      const { isEnrolled } = addAgent(name, address);
      if (options.json) printJson({ name, address, isEnrolled });
      else print(`${name} is ${address}`);
      if (isEnrolled)
        note(
          `${name} is enrolled; it is reached there now and not over its link. at-trainer agents remove ${name} undoes that.`,
        );
    });

  command
    .command('list')
    .summary('list all named agents: state, backends, queue, versions, last contact')
    .description(
      'Asks every named agent. up: it accepts jobs; busy: it is measuring; lost: it does not answer, or shares no version of the protocol; invited: it has a token and is not enrolled yet; revoked: it is refused. The exit status is 0 whatever the states are.',
    )
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  at-trainer agents list --json')
    .action(async (options: { json?: boolean }) => {
      const states = await fleetState(listAgents());
      if (options.json) return printJson(states);
      if (states.length === 0) print('No agents yet; add one with at-trainer agents add NAME HOST:PORT.');
      for (const line of stateLines(states)) print(line);
      for (const line of copiedKeyLines(states)) note(line);
    });

  command
    .command('describe')
    .summary('show device, backends and BLAS libraries of one agent')
    .description('Asks an agent for its device, its backends and the BLAS libraries it compares with.')
    .argument('<agent>', 'a name or HOST:PORT')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExamples:\n  at-trainer agents describe laptop\n  at-trainer agents describe 127.0.0.1:50051 --json',
    )
    .action(async (agent: string, options: { json?: boolean }) => {
      const description = await describeAgent(resolveAgent(agent));
      if (options.json) printJson(description);
      else for (const line of descriptionLines(description)) print(line);
    });

  command
    .command('remove')
    .summary('forget a name')
    .description('Forgets a name that was given by agents add. The agent itself is not touched.')
    .argument('<name>', 'a name from `agents list`')
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  at-trainer agents remove laptop')
    .action((name: string, options: { json?: boolean }) => {
      const { isEnrolled } = removeAgent(name);
      if (options.json) printJson({ removed: name, isEnrolled });
      else
        print(
          isEnrolled
            ? `the address of ${name} is forgotten; it is reached over its link again`
            : `${name} is forgotten`,
        );
    });

  command.addCommand(inviteCommand());
  command.addCommand(revokeCommand());
  return command;
}
