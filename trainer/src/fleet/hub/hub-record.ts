import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AlphaTensorError } from '@alphatensor-edge/shared';
import { takeLock } from '../file-lock.js';
import { trustFolder } from '../trust/folder.js';

/** Tells where a hub listens. */
interface HubRecord {
  /** The bound address; `0.0.0.0` or `::` is every address of this machine. */
  readonly host: string;
  readonly port: number;
}

/**
 * Takes the lock that a hub holds while it runs.
 * @throws AlphaTensorError RESOURCE_EXHAUSTED if another hub runs
 */
export function takeHubLock(): { close(): void } {
  return takeLock(
    join(trustFolder(), 'hub.lock'),
    'at-trainer hub runs already for this user; one is enough for all devices and commands.',
  );
}

/** Tells whether a hub of this user runs. */
export function isHubRunning(): boolean {
  try {
    takeHubLock().close();
    return false;
  } catch (error) {
    if (error instanceof AlphaTensorError && error.code === 'RESOURCE_EXHAUSTED') return true;
    throw error;
  }
}

/** Writes where the hub of this user listens, for other commands. */
export function writeHubRecord({ host, port }: HubRecord): void {
  writeFileSync(recordFile(), `${JSON.stringify({ host, port })}\n`, { mode: 0o600 });
}

/** Reads where the hub listens, or where it last did; undefined if it never ran. */
export function readHubRecord(): HubRecord | undefined {
  try {
    return JSON.parse(readFileSync(recordFile(), 'utf8'));
  } catch {
    return undefined;
  }
}

function recordFile(): string {
  return join(trustFolder(), 'hub.json');
}
