import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AlphaTensorError, messageOf, userFolder } from '@alphatensor-edge/shared';

/**
 * Gives the folder in which an installation keeps its state: ALPHATENSOR_STATE_DIR, else the one of the XDG base
 * directories.
 */
export function stateFolder(environment: NodeJS.ProcessEnv = process.env): string {
  return userFolder('state', 'ALPHATENSOR_STATE_DIR', environment);
}

/**
 * Gives the name under which this installation's measurements are stored. It is random, made once, and not derived from
 * hardware.
 * @throws AlphaTensorError UNAVAILABLE if it cannot be kept, UNSUPPORTED_FORMAT if the kept text is not an id
 */
export function deviceId(folder: string): string {
  const file = join(folder, 'device-id');
  const id = read(file) ?? create(folder, file);
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) {
    throw new AlphaTensorError(
      'UNSUPPORTED_FORMAT',
      `${file} holds no device id; delete it, and the agent makes a new one.`,
    );
  }
  return id;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw unusable(file, error);
  }
}

/**
 * Makes the id and keeps it. It is written to another file and then linked, so that two agents that start together get
 * the same id.
 */
function create(folder: string, file: string): string {
  const aside = `${file}.${randomUUID()}`;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(aside, `${randomUUID()}\n`, { mode: 0o600, flag: 'wx' });
    try {
      linkSync(aside, file);
    } catch (error) {
      if (!isCode(error, 'EEXIST')) throw error;
    } finally {
      rmSync(aside);
    }
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw unusable(file, error);
  }
}

function unusable(file: string, error: unknown): AlphaTensorError {
  return new AlphaTensorError(
    'UNAVAILABLE',
    `The device id cannot be kept in ${file} (${messageOf(error)}); set ALPHATENSOR_STATE_DIR to a folder that can be written.`,
    { cause: error },
  );
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
