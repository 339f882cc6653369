import { AlphaTensorError, OPTION_WORDS } from '@alphatensor-edge/shared';
import { Command } from 'commander';
import { resolveSettings, SYSTEM_CONFIG_FILE } from '../config/resolve.js';
import { SETTING_KEYS } from '../config/settings.js';
import { settingsProblems } from '../operations/settings-problems.js';

interface ConfigOptions {
  readonly config?: string;
  readonly json?: true;
}

const FILES = `\nThe file is --config, else ALPHATENSOR_CONFIG, else ~/.config/alphatensor-edge/agent.json, else ${SYSTEM_CONFIG_FILE}.`;

/** Makes `at-agent config`, which shows what `serve` would run with. */
export function configCommand(): Command {
  const command = new Command('config').description('check or show the settings that serve would use');
  command
    .command('check')
    .description('say where each setting comes from, and everything for which serve would refuse to start')
    .option('--config <file>', 'configuration file (default: see below)')
    .option('--json', OPTION_WORDS.json)
    .addHelpText(
      'after',
      `${FILES}\n\nExamples:\n  at-agent config check\n  ALPHATENSOR_PORT=50052 at-agent config check`,
    )
    .action(check);
  command
    .command('show')
    .description('print the settings as a configuration file')
    .option('--config <file>', 'configuration file (default: see below)')
    .addHelpText('after', `${FILES}\n\nExample:\n  at-agent config show | sudo tee ${SYSTEM_CONFIG_FILE}`)
    .action(show);
  return command;
}

async function check({ config, json }: ConfigOptions): Promise<void> {
  const { settings, sources, file, problems: wrong } = resolveSettings({}, config);
  const problems = wrong.length > 0 ? wrong : await settingsProblems(settings);
  const rows = SETTING_KEYS.map((key) => ({ key, value: settings[key] ?? null, source: sources[key] }));
  if (json) process.stdout.write(`${JSON.stringify({ file: file ?? null, settings: rows, problems }, null, 2)}\n`);
  else {
    const lines = rows.map(
      ({ key, value, source }) => `${key.padEnd(12)} ${JSON.stringify(value ?? 'off').padEnd(14)} ${source}`,
    );
    process.stdout.write(`${lines.join('\n')}\n`);
  }
  if (problems.length > 0) throw new AlphaTensorError('INVALID_ARGUMENT', problems.join('\nerror: '));
}

function show({ config }: ConfigOptions): void {
  const { settings, problems } = resolveSettings({}, config);
  if (problems.length > 0) throw new AlphaTensorError('INVALID_ARGUMENT', problems.join('\nerror: '));
  process.stdout.write(`${JSON.stringify(settings, null, 2)}\n`);
}
