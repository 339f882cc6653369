import { mkdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { AlphaTensorError } from '@alphatensor-edge/shared';
import { sync as writeFileAtomicSync } from 'write-file-atomic';
import { z } from 'zod';
import { requireAddress } from './agent-address.js';

const schema = z.object({ agents: z.record(z.string(), z.object({ address: z.string() })) });
type Registry = z.infer<typeof schema>;

/** Where `agents add` keeps names: agents.json in ALPHATENSOR_CONFIG_DIR, else in the user's configuration folder. */
function registryFile(): string {
  const folder =
    process.env.ALPHATENSOR_CONFIG_DIR ??
    join(process.env.XDG_CONFIG_HOME ?? join(homedir(), '.config'), 'alphatensor-edge');
  return join(folder, 'agents.json');
}

/** Names and addresses, in the order they were added. @throws AlphaTensorError UNSUPPORTED_FORMAT */
export function listAgents(): { name: string; address: string }[] {
  return Object.entries(read().agents).map(([name, { address }]) => ({ name, address }));
}

/** @throws AlphaTensorError INVALID_ARGUMENT for a bad name, a bad address or a name that is taken */
export function addAgent(name: string, address: string): void {
  if (!/^[A-Za-z0-9_.-]{1,64}$/.test(name)) {
    throw new AlphaTensorError('INVALID_ARGUMENT', `"${name}" is not a name; use up to 64 letters, digits, . _ and -.`);
  }
  requireAddress(address);
  const registry = read();
  if (Object.hasOwn(registry.agents, name)) {
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      `An agent named ${name} exists already (${registry.agents[name].address}); remove it first or choose another name.`,
    );
  }
  write({ agents: { ...registry.agents, [name]: { address } } });
}

/** @throws AlphaTensorError NOT_FOUND */
export function removeAgent(name: string): void {
  const { agents } = read();
  if (!Object.hasOwn(agents, name)) throw unknownAgent(name);
  const { [name]: _, ...rest } = agents;
  write({ agents: rest });
}

/** The address behind what a user gave as `--agent`: HOST:PORT, or a name. @throws AlphaTensorError */
export function resolveAgent(nameOrAddress: string): string {
  if (nameOrAddress.includes(':')) {
    requireAddress(nameOrAddress);
    return nameOrAddress;
  }
  const { agents } = read();
  if (!Object.hasOwn(agents, nameOrAddress)) throw unknownAgent(nameOrAddress);
  return agents[nameOrAddress].address;
}

function unknownAgent(name: string): AlphaTensorError {
  const names = listAgents().map((agent) => agent.name);
  return new AlphaTensorError(
    'NOT_FOUND',
    `No agent is named "${name}"; ${names.length > 0 ? `known are ${names.join(', ')}` : 'add one with at-trainer agents add NAME HOST:PORT'}, or give HOST:PORT.`,
  );
}

function read(): Registry {
  let text: string;
  try {
    text = readFileSync(registryFile(), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { agents: {} };
    throw error;
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new AlphaTensorError('UNSUPPORTED_FORMAT', `${registryFile()} is not a list of agents; mend or delete it.`, {
      cause,
    });
  }
}

function write(registry: Registry): void {
  mkdirSync(dirname(registryFile()), { recursive: true });
  writeFileAtomicSync(registryFile(), `${JSON.stringify(registry, null, 2)}\n`, { mode: 0o600 });
}
