import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { sync as writeFileAtomicSync } from 'write-file-atomic';
import { z } from 'zod';
import { configFolder } from './config-folder.js';

const schema = z.record(z.string(), z.string());

/**
 * Locates the file that says when each address last answered (ISO 8601). It is apart from the file of names, so that two
 * processes that write at once can lose a date but never a name.
 */
function contactsFile(): string {
  return join(configFolder(), 'contacts.json');
}

/** Tells when the agent at this address last answered a command of this user (ISO 8601); undefined if never. */
export function lastContact(address: string): string | undefined {
  const contacts = read();
  return Object.hasOwn(contacts, address) ? contacts[address] : undefined;
}

/** Records that the agents at these addresses answered just now. */
export function noteContact(addresses: readonly string[], now = new Date()): void {
  if (addresses.length === 0) return;
  const file = contactsFile();
  mkdirSync(dirname(file), { recursive: true });
  const answered = Object.fromEntries(addresses.map((address) => [address, now.toISOString()]));
  writeFileAtomicSync(file, `${JSON.stringify({ ...read(), ...answered }, null, 2)}\n`, { mode: 0o600 });
}

/** Reads the dates. An absent or damaged file counts as empty, since only dates are lost. */
function read(): Record<string, string> {
  try {
    return schema.parse(JSON.parse(readFileSync(contactsFile(), 'utf8')));
  } catch {
    return {};
  }
}
