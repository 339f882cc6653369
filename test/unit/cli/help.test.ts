import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { program as agent } from '../../../agent/src/cli/main.js';
import { COMMANDS } from '../../../trainer/src/cli/commands.js';
import { program as trainer } from '../../../trainer/src/cli/main.js';
import { commandsOf, examplesIn, helpOf, optionsWithoutDefault, withoutActions } from '../../support/help.js';

// What --help of either program promises, for every command there is and will be.

const programs: Readonly<Record<string, () => Command | Promise<Command>>> = {
  'at-agent': agent,
  'at-trainer': () => trainer(),
};
const all = (await Promise.all(Object.values(programs).map(async (make) => commandsOf(await make())))).flat();

describe.each(all)('$name --help', ({ command }) => {
  it('says what it does, what its arguments are, and what its options are by default', () => {
    expect(command.description()).not.toBe('');
    for (const argument of command.registeredArguments) expect(argument.description, argument.name()).not.toBe('');
    for (const option of command.options) expect(option.description, option.flags).not.toBe('');
    expect(optionsWithoutDefault(command)).toEqual([]);
  });

  it('shows an example, and only such as can be parsed', async () => {
    const examples = examplesIn(helpOf(command));
    if (command.commands.length === 0) expect(examples.length).toBeGreaterThan(0);
    for (const [name, ...words] of examples) {
      const program = await programs[name]();
      const reached = withoutActions(program);
      await program.parseAsync(words, { from: 'user' });
      expect(reached, words.join(' ')).toHaveLength(1);
    }
  });
});

it('says defaults in --help as they are printed', () => {
  const help = (name: string): string =>
    helpOf(all.find((each) => each.name === name)?.command as Command).replace(/\s+/g, ' ');
  expect(help('at-trainer benchmark')).toMatch(/--agent <address> .*?\(default: 127\.0\.0\.1:50051\)/);
  expect(help('at-trainer benchmark')).toMatch(/--problem <MxKxN> .*?\(default: 1024\)/);
  expect(help('at-trainer benchmark')).toMatch(/--dtype <type> .*?default: "f32"/);
});

it.each([
  ['at-trainer', 'benchmark', 'strassen', '--dtype', 'int32'],
  ['at-trainer', 'finetune', '--dtype', 'z2'],
  ['at-trainer', 'tune', '--dtype', 'uint64'],
  ['at-agent', 'benchmark', 'strassen', '--problem', '64', '--dtype', 'i32'],
  ['at-agent', 'export', 'strassen', '--out', 'x', '--dtype', 'f32,int32'],
])('%s %s %s … says in one sentence that exact integer products are not offered', async (name, ...words) => {
  const program = await programs[name]();
  withoutActions(program);
  await expect(program.parseAsync(words, { from: 'user' })).rejects.toThrow(
    /^"\w+" is no number format here: exact products of integers, modulo 2 or modulo p are not offered, but products in f64 are exact as long as every sum stays below 2\^53\.$/,
  );
});

it('takes a misspelt number format for what it is', async () => {
  const program = await trainer();
  withoutActions(program);
  await expect(program.parseAsync(['tune', '--dtype', 'f16'], { from: 'user' })).rejects.toThrow(
    /^--dtype must be one of f32, f64, not "f16"\.$/,
  );
});

it('loads each command of at-trainer by its name alone', async () => {
  for (const name of Object.keys(COMMANDS)) {
    expect((await trainer(name)).commands.map((command) => command.name())).toEqual([name]);
  }
});
