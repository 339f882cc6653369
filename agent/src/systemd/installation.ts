import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { AlphaTensorError, messageOf } from '@alphatensor-edge/shared';
import { SYSTEM_CONFIG_FILE } from '../config/resolve.js';
import { SERVICE, SERVICE_HOME, SERVICE_USER, UNIT_FILE, unitText } from './unit.js';

/** Holds what `systemctl show` says about the service. */
interface ServiceState {
  readonly installed: boolean;
  /** "active", "failed" …; "unknown" if systemd does not run. */
  readonly active: string;
  /** "enabled", "disabled" … */
  readonly enabled: string;
}

/**
 * Writes the unit for the at-agent that runs now. Its paths are the targets of links, so if an upgrade moves Node the
 * service must be installed again.
 */
export function unitOfThisAgent(drainSeconds: number): string {
  const command = [process.execPath, process.argv[1]].map((path) => realpathSync(path));
  const blank = command.find((path) => /[\s%"'\\]/.test(path));
  if (blank === undefined) return unitText(command, drainSeconds);
  throw new AlphaTensorError(
    'INVALID_ARGUMENT',
    `The path ${blank} has a character that a systemd unit cannot hold plainly; install the agent somewhere else.`,
  );
}

/**
 * Makes the user, writes the unit and, if there is none, an empty configuration, then starts the service now and at
 * every boot. Doing it again brings everything up to date.
 * @throws AlphaTensorError UNAVAILABLE (not root, no systemd, or one of its steps failed)
 */
export function installService(drainSeconds: number): void {
  requireSystemd();
  const unit = unitOfThisAgent(drainSeconds);
  requireReachable();
  if (!succeeds('id', ['-u', SERVICE_USER])) {
    const options = ['--system', '--user-group', '--no-create-home', '--home-dir', SERVICE_HOME];
    run('useradd', [...options, '--shell', '/usr/sbin/nologin', SERVICE_USER]);
  }
  mkdirSync(dirname(SYSTEM_CONFIG_FILE), { recursive: true, mode: 0o755 });
  if (!existsSync(SYSTEM_CONFIG_FILE)) writeFileSync(SYSTEM_CONFIG_FILE, '{}\n', { mode: 0o644 });
  writeFileSync(UNIT_FILE, unit, { mode: 0o644 });
  run('systemctl', ['daemon-reload']);
  run('systemctl', ['enable', SERVICE]);
  run('systemctl', ['restart', SERVICE]);
}

/**
 * Stops the service and removes its unit. With `purge` it also removes its configuration, its user and its state.
 * @throws AlphaTensorError UNAVAILABLE
 */
export function uninstallService(purge: boolean): void {
  requireSystemd();
  if (existsSync(UNIT_FILE)) {
    run('systemctl', ['disable', '--now', SERVICE]);
    rmSync(UNIT_FILE);
    run('systemctl', ['daemon-reload']);
  }
  if (!purge) return;
  for (const folder of [SERVICE_HOME, dirname(SYSTEM_CONFIG_FILE)]) rmSync(folder, { recursive: true, force: true });
  if (succeeds('id', ['-u', SERVICE_USER])) run('userdel', [SERVICE_USER]);
}

/** Asks systemd for the state of the service. */
export function serviceState(): ServiceState {
  const installed = existsSync(UNIT_FILE);
  if (!systemdRuns()) return { installed, active: 'unknown', enabled: 'unknown' };
  const show = (property: string): string =>
    run('systemctl', ['show', '--value', `--property=${property}`, SERVICE]).trim();
  return { installed, active: show('ActiveState'), enabled: show('UnitFileState') || 'disabled' };
}

/** Tells whether systemd runs: sd_booted(3). */
export function systemdRuns(): boolean {
  return existsSync('/run/systemd/system');
}

function requireSystemd(): void {
  if (!systemdRuns())
    throw new AlphaTensorError(
      'UNAVAILABLE',
      'systemd does not run here; start "at-agent serve" with what does, or print the unit with "at-agent service install --print".',
    );
  if (process.getuid?.() !== 0)
    throw new AlphaTensorError('UNAVAILABLE', 'Only root may change services; run it again with sudo.');
}

/** Refuses a program in a home folder, which ProtectHome hides from the service. */
function requireReachable(): void {
  const hidden = [process.execPath, process.argv[1]]
    .map((path) => realpathSync(path))
    .find((path) => /^\/(home|root)\//.test(path));
  if (hidden !== undefined)
    throw new AlphaTensorError(
      'UNAVAILABLE',
      `${hidden} is in a home folder, which the service cannot see; install Node and the agent for the whole device, for example under /usr/local.`,
    );
}

function run(command: string, args: readonly string[]): string {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    throw new AlphaTensorError('UNAVAILABLE', `"${command} ${args.join(' ')}" failed: ${messageOf(error)}.`, {
      cause: error,
    });
  }
}

function succeeds(command: string, args: readonly string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
