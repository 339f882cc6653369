import { hostname } from 'node:os';
import { printable } from '@alphatensor-edge/shared';
import { z } from 'zod';

/** Bounds what a holder may say of itself, bytes. Any local user can hold the lock, and say anything. */
export const MAX_HOLDER_BYTES = 512;

const schema = z.object({
  /** Its process, in its own container. */
  pid: z.number().int().positive(),
  /** The name of its machine or container. */
  host: z.string().min(1).max(64),
  /** What it runs, for example `at-agent serve`. */
  agent: z.string().max(128),
});

/** Tells who holds the lock, as it says itself. */
export type Holder = z.infer<typeof schema>;

/** Holds what one kind of lock tells while it is waited for. */
export interface LockWait {
  readonly signal: AbortSignal;
  /** Hears who holds it; undefined where the holder does not say. */
  onBusy(holder: Holder | undefined): void;
}

/** Frees a lock. */
export type Release = () => void | Promise<void>;

let agent = 'at-agent';

/** Says what this process is called where it keeps others waiting. */
export function nameHolder(name: string): void {
  agent = name;
}

/** Writes who this process is, one line. */
export function ownHolder(): string {
  return JSON.stringify({ pid: process.pid, host: hostname().slice(0, 64) || '-', agent: agent.slice(0, 128) });
}

/** Reads what a holder said. Undefined if it said nothing that can be read. */
export function parseHolder(text: string): Holder | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Names a holder in a sentence: `process 4711 (at-agent serve)`, with its machine if that is another one. */
export function holderWords(holder: Holder | undefined): string {
  if (holder === undefined) return 'a process that does not say who it is';
  const { pid, host, agent: name } = holder;
  const where = host === hostname() ? '' : ` of ${host}`;
  return printable(`process ${pid}${where}${name === '' ? '' : ` (${name})`}`).replace(/\s+/g, ' ');
}
