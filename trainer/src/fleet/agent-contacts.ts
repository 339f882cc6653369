import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { sync as writeFileAtomicSync } from 'write-file-atomic';
import { z } from 'zod';
import { configFolder } from './config-folder.js';

const schema = z.record(z.string(), z.string());

/**
 * When each address last answered, ISO 8601. In a file of its own beside the names of agents: of two processes that write at
 * once one loses a date, never a name.
 */
function contactsFile(): string {
  return join(configFolder(), 'contacts.json');
}

/** When the agent at this address last answered a command of this user; undefined if never. */
export function lastContact(address: string): string | undefined {
  const contacts = read();
  return Object.hasOwn(contacts, address) ? contacts[address] : undefined;
}

/** Remembers that the agents at these addresses answered just now. */
export function noteContact(addresses: readonly string[], now = new Date()): void {
  if (addresses.length === 0) return;
  const file = contactsFile();
  mkdirSync(dirname(file), { recursive: true });
  const answered = Object.fromEntries(addresses.map((address) => [address, now.toISOString()]));
  writeFileAtomicSync(file, `${JSON.stringify({ ...read(), ...answered }, null, 2)}\n`, { mode: 0o600 });
}

/** A file that is absent or damaged knows nothing; it is only dates. */
function read(): Record<string, string> {
  try {
    return schema.parse(JSON.parse(readFileSync(contactsFile(), 'utf8')));
  } catch {
    return {};
  }
}
