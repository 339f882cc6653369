import type { Command } from 'commander';

/** A command that does something by itself, under its full name. */
export interface NamedCommand {
  readonly name: string;
  readonly command: Command;
}

/** Lists all commands of a program, those of commands too. Hidden ones are for the program itself. */
export function commandsOf(command: Command, before: readonly string[] = []): NamedCommand[] {
  const names = [...before, command.name()];
  const inside = command
    .createHelp()
    .visibleCommands(command)
    .filter((each) => each.name() !== 'help');
  return [{ name: names.join(' '), command }, ...inside.flatMap((each) => commandsOf(each, names))];
}

/** Gives what --help prints. */
export function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
  });
  command.outputHelp();
  return text;
}

/**
 * Lists the examples of a help text as the arguments of their programs: without variables before them, comments after them, and what a pipe or a
 * file takes from there.
 */
export function examplesIn(help: string): string[][] {
  return help.split('\n').flatMap((line) => {
    const [, command] = line.match(/^\s+(?:[A-Z_]+=\S+ |sudo )?(at-(?:agent|trainer) .*)$/) ?? [];
    return command === undefined ? [] : [wordsOf(command.replace(/\s+(?:#|\||>)\s.*$/, ''))];
  });
}

function wordsOf(line: string): string[] {
  return (line.match(/'[^']*'|\S+/g) ?? []).map((word) => word.replace(/^'|'$/g, ''));
}

/** Makes the commands of a program do nothing but be parsed. Returns the full names of those that were reached. */
export function withoutActions(program: Command): string[] {
  const reached: string[] = [];
  for (const { name, command } of commandsOf(program)) {
    command.exitOverride().configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
    if (command.commands.length === 0) command.action(() => void reached.push(name));
  }
  return reached;
}

/** Lists the options of a command that take a value, need not be given, and of which the help tells no default. */
export function optionsWithoutDefault(command: Command): string[] {
  return (
    command.options
      .filter(({ required, optional, mandatory }) => (required || optional) && !mandatory)
      // Commander prints a default that has a value, and no other.
      .filter(({ defaultValue, description }) => defaultValue === undefined && !/\bdefault\b/.test(description))
      .map(({ flags }) => flags)
  );
}
