import { existsSync } from 'node:fs';
import { OPTION_WORDS } from '@alphatensor-edge/shared';
import { Command } from 'commander';
import { requireSettings, SYSTEM_CONFIG_FILE } from '../config/resolve.js';
import {
  installService,
  serviceState,
  systemdRuns,
  uninstallService,
  unitOfThisAgent,
} from '../systemd/installation.js';
import { SERVICE, UNIT_FILE } from '../systemd/unit.js';

/** Makes `at-agent service`, which runs the agent as a service of systemd. */
export function serviceCommand(): Command {
  const command = new Command('service').description('run the agent as a systemd service that starts with the device');
  command
    .command('install')
    .description('install or renew the service and start it; needs root')
    .option('--print', 'print the unit and change nothing')
    .addHelpText('after', '\nExamples:\n  sudo at-agent service install\n  at-agent service install --print')
    .action(install);
  command
    .command('status')
    .description('say whether the service is installed and runs')
    .option('--json', OPTION_WORDS.json)
    .addHelpText('after', '\nExample:\n  at-agent service status')
    .action(status);
  command
    .command('uninstall')
    .description('stop and remove the service; needs root')
    .option('--purge', 'also remove its settings, its user and its state, including the device id')
    .addHelpText('after', '\nExamples:\n  sudo at-agent service uninstall\n  sudo at-agent service uninstall --purge')
    .action(uninstall);
  return command;
}

function install({ print }: { print?: true }): void {
  // The service's own settings, not those of the user who installs it.
  const { drain } = requireSettings({}, existsSync(SYSTEM_CONFIG_FILE) ? SYSTEM_CONFIG_FILE : undefined);
  if (print) {
    process.stdout.write(unitOfThisAgent(drain));
    return;
  }
  installService(drain);
  process.stdout.write(
    `${UNIT_FILE} is installed and started. Settings: ${SYSTEM_CONFIG_FILE}. Log: journalctl -u ${SERVICE}\n`,
  );
}

function status({ json }: { json?: true }): void {
  const state = serviceState();
  const words = state.installed ? `is installed, ${state.enabled}, ${state.active}` : 'is not installed';
  const systemd = systemdRuns() ? '' : ' (systemd does not run here)';
  process.stdout.write(
    json ? `${JSON.stringify({ ...state, systemdRuns: systemdRuns() })}\n` : `The service ${words}${systemd}.\n`,
  );
}

function uninstall({ purge }: { purge?: true }): void {
  uninstallService(purge === true);
  process.stdout.write(
    purge
      ? 'The service, its settings, its user and all that it kept are gone.\n'
      : 'The service is gone; its settings and its device id stay.\n',
  );
}
