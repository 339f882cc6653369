import { AlphaTensorError } from '@alphatensor-edge/shared';
import type { AgentPool } from './agent-pool.js';
import type { ProblemSpec } from './measurement.js';
import type { PoolAgent, PoolDevice } from './pool-device.js';
import { requireTakes } from './transposed-support.js';

/** Names one backend for all devices, or one for each device. */
export type BackendChoice = string | ReadonlyMap<PoolDevice, string>;

/** Tells which backend a device uses. */
export function backendOf(choice: BackendChoice, device: PoolDevice): string {
  const backend = typeof choice === 'string' ? choice : choice.get(device);
  if (backend === undefined) throw new AlphaTensorError('INTERNAL', 'No backend was chosen for a device of the pool.');
  return backend;
}

/** Writes a choice as the user gives it: `c-gcc`, or `laptop=c-gcc` and `server=jax`. */
export function formatChoice(choice: BackendChoice): readonly string[] {
  if (typeof choice === 'string') return [choice];
  return [...choice].flatMap(([{ agents }, backend]) => agents.map(({ name }) => `${name}=${backend}`));
}

/**
 * Chooses one backend for all devices: the one asked for, or the first that works on every agent.
 * @throws AlphaTensorError INVALID_ARGUMENT listing the available ones, UNAVAILABLE if there is none
 */
export function chooseBackend(pool: AgentPool, asked: string | undefined): string {
  const available = commonBackends(pool.agents);
  if (asked === undefined) {
    if (available.length > 0) return available[0];
    throw new AlphaTensorError(
      'UNAVAILABLE',
      `No backend works on every agent (${pool.agents.map(worksOn).join('; ')}); name the agents that have one in common, or run at-agent doctor on the devices to see what is missing.`,
    );
  }
  if (!available.includes(asked)) {
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      `The backend "${asked}" does not work on every agent (${pool.agents.map(worksOn).join('; ')}).`,
      { field: '--backend' },
    );
  }
  return asked;
}

/**
 * Chooses the backend of each device: `AGENT=NAME` for one agent, `NAME` for all others. If nothing is asked for, it takes the
 * first that works on every agent; if there is none, it takes the only one that each agent has.
 * @throws AlphaTensorError INVALID_ARGUMENT listing what works on each agent
 */
export function chooseBackends(pool: AgentPool, asked: readonly string[]): BackendChoice {
  const { general, own } = parseChoice(asked, pool);
  if (own.size === 0 && (general !== undefined || commonBackends(pool.agents).length > 0)) {
    return chooseBackend(pool, general);
  }
  return new Map(
    pool.devices.map((device) => {
      const named = new Set(device.agents.flatMap(({ name }) => own.get(name) ?? []));
      if (named.size > 1) {
        throw invalid(
          `${device.agents.map(({ name }) => name).join(' and ')} share their work as one device (--pool); give them the same backend.`,
        );
      }
      const common = commonBackends(device.agents);
      const only = common.length === 1 ? common[0] : undefined;
      const backend = [...named][0] ?? general ?? only;
      const [agent] = device.agents;
      if (backend === undefined) {
        throw invalid(
          common.length === 0
            ? `No backend works on ${agent.name}; run at-agent doctor there to see what is missing.`
            : `${agent.name} has several backends (${common.join(', ')}); say which with --backend ${agent.name}=NAME.`,
        );
      }
      if (!common.includes(backend))
        throw invalid(
          `The backend "${backend}" does not work on ${agent.name}, which has ${workingBackends(agent).join(', ') || 'none'}.`,
        );
      return [device, backend];
    }),
  );
}

/**
 * Refuses an element type that one of the devices does not have, because a reward needs a measurement of each problem.
 * @throws AlphaTensorError INVALID_ARGUMENT
 */
export function requireDataTypes(pool: AgentPool, choice: BackendChoice, problems: readonly ProblemSpec[]): void {
  for (const device of pool.devices) {
    const backend = backendOf(choice, device);
    const [agent] = device.agents;
    const described = agent.description.backends.find(({ name }) => name === backend);
    // An empty list means f32 and f64 (see agent.proto).
    const told = described?.dataTypes.map((type) => type.replace('DATA_TYPE_', '').toLowerCase()) ?? [];
    const takes = told.length > 0 ? told : ['f32', 'f64'];
    const refused = problems.find(({ dtype }) => !takes.includes(dtype));
    if (refused !== undefined) {
      throw new AlphaTensorError(
        'INVALID_ARGUMENT',
        `${backend} on ${agent.name} takes ${takes.join(', ')} but not ${refused.dtype}; choose another --dtype, or give that agent a run of its own.`,
        { field: '--dtype' },
      );
    }
  }
}

/**
 * Refuses a way of building programs that one of the devices does not have.
 * @throws AlphaTensorError INVALID_ARGUMENT
 */
export function requireVariant(pool: AgentPool, choice: BackendChoice, variant: string): void {
  for (const device of pool.devices) {
    const backend = backendOf(choice, device);
    const [agent] = device.agents;
    const variants = agent.description.backends.find(({ name }) => name === backend)?.variants ?? [];
    if (!variants.includes(variant)) {
      throw new AlphaTensorError(
        'INVALID_ARGUMENT',
        `${backend} on ${agent.name} has no variant "${variant}"; it has ${variants.join(', ') || 'none'}.`,
        { field: '--variant' },
      );
    }
  }
}

/**
 * Refuses products of which operands lie transposed, if one of the devices cannot measure them in the variant.
 * @param variant undefined: the backend's default
 * @throws AlphaTensorError INVALID_ARGUMENT
 */
export function requireTransposed(
  pool: AgentPool,
  choice: BackendChoice,
  variant: string | undefined,
  problems: readonly ProblemSpec[],
): void {
  for (const device of pool.devices) {
    const backend = backendOf(choice, device);
    for (const problem of problems) requireTakes(device.agents[0], { backend, variant, problem });
  }
}

function parseChoice(asked: readonly string[], { agents }: AgentPool) {
  const own = new Map<string, string>();
  let general: string | undefined;
  for (const text of asked) {
    const [, agent, backend] = /^(?:(.+)=)?([^=]*)$/.exec(text) ?? [];
    if (!backend) throw invalid(`"${text}" names no backend; write NAME, or AGENT=NAME for one agent.`);
    if (agent === undefined) {
      if (general !== undefined) throw invalid('One backend can be for all agents; write AGENT=NAME for the others.');
      general = backend;
    } else if (agents.some(({ name }) => name === agent)) own.set(agent, backend);
    else throw invalid(`"${text}" is for an agent that this run does not have; it has ${namesOf(agents)}.`);
  }
  return { general, own };
}

function commonBackends(agents: readonly PoolAgent[]): string[] {
  return agents.map(workingBackends).reduce((common, names) => common.filter((name) => names.includes(name)));
}

function workingBackends({ description }: PoolAgent): string[] {
  return description.backends.filter(({ available }) => available).map(({ name }) => name);
}

function worksOn(agent: PoolAgent): string {
  return `on ${agent.name}: ${workingBackends(agent).join(', ') || 'none'}`;
}

function namesOf(agents: readonly PoolAgent[]): string {
  return agents.map(({ name }) => name).join(', ');
}

function invalid(message: string): AlphaTensorError {
  return new AlphaTensorError('INVALID_ARGUMENT', message, { field: '--backend' });
}
