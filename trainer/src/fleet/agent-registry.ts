import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AGENT_NAME, isLoopback } from '@alphatensor-edge/proto';
import { AlphaTensorError } from '@alphatensor-edge/shared';
import { sync as writeFileAtomicSync } from 'write-file-atomic';
import { z } from 'zod';
import { hostOf, requireAddress } from './agent-address.js';
import { configFolder } from './config-folder.js';
import { linkSocket } from './trust/folder.js';
import { TrustStore } from './trust/trust-store.js';

const schema = z.object({ agents: z.record(z.string(), z.object({ address: z.string() })) });
type Registry = z.infer<typeof schema>;

/** Locates the file in which `agents add` keeps names. */
function registryFile(): string {
  return join(configFolder(), 'agents.json');
}

/**
 * Lists names and addresses: first the added agents in the order they were added, then the enrolled agents that dial in and
 * so have no address of their own.
 * @throws AlphaTensorError UNSUPPORTED_FORMAT
 */
export function listAgents(): { name: string; address: string }[] {
  const added = Object.entries(read().agents).map(([name, { address }]) => ({ name, address }));
  const linked = enrolledNames().filter((name) => !added.some((agent) => agent.name === name));
  return [...added, ...linked.map((name) => ({ name, address: linkAddress(name) }))];
}

/** Lists the names that were added for an address. */
export function namesOf(address: string): string[] {
  return Object.entries(read().agents)
    .filter(([, agent]) => agent.address === address)
    .map(([name]) => name);
}

/**
 * Adds an agent. The name of an enrolled one may get an address of its own, where it must show its certificate.
 * @returns whether the name is an enrolled agent's, which was reached over its link until now
 * @throws AlphaTensorError INVALID_ARGUMENT for a bad name, a bad address or a name that is taken
 */
export function addAgent(name: string, address: string): { isEnrolled: boolean } {
  requireAgentName(name);
  requireAddress(address);
  const isEnrolled = enrolledNames().includes(name);
  if (isEnrolled && isLoopback(hostOf(address))) {
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      `${name} is an enrolled device, and ${address} is this machine, where agents show no certificate; choose another name.`,
    );
  }
  const registry = read();
  if (Object.hasOwn(registry.agents, name)) {
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      `An agent named ${name} exists already (${registry.agents[name].address}); remove it first or choose another name.`,
    );
  }
  write({ agents: { ...registry.agents, [name]: { address } } });
  return { isEnrolled };
}

/**
 * Removes an added agent.
 * @returns whether the name stays, as an enrolled agent's that is reached over its link
 * @throws AlphaTensorError NOT_FOUND; INVALID_ARGUMENT for an enrolled agent that has no address
 */
export function removeAgent(name: string): { isEnrolled: boolean } {
  const { agents } = read();
  const isEnrolled = enrolledNames().includes(name);
  if (!Object.hasOwn(agents, name)) {
    if (!isEnrolled) throw unknownAgent(name);
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      `${name} is enrolled and has no address to forget; at-trainer agents revoke ${name} refuses it from now on.`,
    );
  }
  const { [name]: _, ...rest } = agents;
  write({ agents: rest });
  return { isEnrolled };
}

/**
 * Finds the address for a value of `--agent`, which is HOST:PORT or a name. An agent that dials in has a socket (unix:FILE).
 * @throws AlphaTensorError INVALID_ARGUMENT, NOT_FOUND, UNSUPPORTED_FORMAT
 */
export function resolveAgent(nameOrAddress: string): string {
  if (nameOrAddress.includes(':')) {
    requireAddress(nameOrAddress);
    return nameOrAddress;
  }
  const { agents } = read();
  if (Object.hasOwn(agents, nameOrAddress)) return agents[nameOrAddress].address;
  if (enrolledNames().includes(nameOrAddress)) return linkAddress(nameOrAddress);
  throw unknownAgent(nameOrAddress);
}

/** Refuses a text that cannot name an agent. @throws AlphaTensorError INVALID_ARGUMENT */
export function requireAgentName(name: string): void {
  if (AGENT_NAME.test(name)) return;
  throw new AlphaTensorError('INVALID_ARGUMENT', `"${name}" is not a name; use up to 64 letters, digits, . _ and -.`);
}

/** Lists the enrolled agents that are not revoked. Makes no store if there is none. */
function enrolledNames(): string[] {
  if (!TrustStore.exists()) return [];
  const store = TrustStore.open();
  try {
    return store.list().flatMap(({ name, revokedAt }) => (revokedAt === undefined ? [name] : []));
  } finally {
    store.close();
  }
}

function linkAddress(name: string): string {
  return `unix:${linkSocket(name)}`;
}

function unknownAgent(name: string): AlphaTensorError {
  const names = listAgents().map((agent) => agent.name);
  return new AlphaTensorError(
    'NOT_FOUND',
    `No agent is named "${name}"; ${names.length > 0 ? `known are ${names.join(', ')}` : 'add one with at-trainer agents add NAME HOST:PORT, or invite one with at-trainer agents invite NAME'}, or give HOST:PORT.`,
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
    throw new AlphaTensorError(
      'UNSUPPORTED_FORMAT',
      `${registryFile()} is not a list of agents; repair or delete it.`,
      {
        cause,
      },
    );
  }
}

function write(registry: Registry): void {
  mkdirSync(dirname(registryFile()), { recursive: true });
  writeFileAtomicSync(registryFile(), `${JSON.stringify(registry, null, 2)}\n`, { mode: 0o600 });
}
