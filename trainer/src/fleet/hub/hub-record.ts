import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AlphaTensorError } from '@alphatensor-edge/shared';
import { takeLock } from '../file-lock.js';
import { trustFolder } from '../trust/folder.js';

/** Where a hub listens. */
export interface HubRecord {
  /** As it is bound; `0.0.0.0` or `::` is every address of this machine. */
  readonly host: string;
  readonly port: number;
}

/**
 * Held by the hub for as long as it runs.
 * @throws AlphaTensorError RESOURCE_EXHAUSTED: another one runs
 */
export function takeHubLock(): { close(): void } {
  return takeLock(
    join(trustFolder(), 'hub.lock'),
    'at-trainer hub runs already for this user; one is enough for all devices and commands.',
  );
}

export function isHubRunning(): boolean {
  try {
    takeHubLock().close();
    return false;
  } catch (error) {
    if (error instanceof AlphaTensorError && error.code === 'RESOURCE_EXHAUSTED') return true;
    throw error;
  }
}

/** Tells other commands where the hub of this user listens. */
export function writeHubRecord({ host, port }: HubRecord): void {
  writeFileSync(recordFile(), `${JSON.stringify({ host, port })}\n`, { mode: 0o600 });
}

/** Where the hub listens, or did when it ran last; undefined: it never ran. */
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
