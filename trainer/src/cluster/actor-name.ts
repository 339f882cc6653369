import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { NAME } from './names.js';

/** Gives an actor's name where neither a person nor the credentials do: this machine's, and a word, as several may play on it. */
export function defaultActorName(): string {
  const host = hostname()
    .split('.')[0]
    .replaceAll(/[^A-Za-z0-9_-]/g, '-');
  return `${NAME.test(host) ? host.slice(0, 30) : 'actor'}-${randomBytes(2).toString('hex')}`;
}
