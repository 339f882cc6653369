import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type BenchmarkRequest, blasName, type DescribeResponse, type Outcome } from '@alphatensor-edge/proto';
import { AlphaTensorError, messageOf } from '@alphatensor-edge/shared';
import { type AgentClient, type AgentProgress, commonVersion, isRevoked } from './agent-client.js';
import { fromGrpc, isInfrastructure, retryAfterMs } from './grpc-error.js';
import { type BenchmarkTask, benchmarkRequest } from './request.js';

/** Holds an agent under the name that the user gave it. */
interface NamedAgent {
  readonly name: string;
  readonly client: AgentClient;
}

/** Tells how a task ended on one device. Nothing here is thrown, because a run goes on without a device. */
type TaskResult =
  | {
      readonly kind: 'outcome';
      readonly agent: string;
      readonly jobId: string;
      readonly description: DescribeResponse;
      readonly outcome: Outcome;
    }
  /** The agent refused the request. A retry would end the same way. */
  | { readonly kind: 'refused'; readonly agent: string; readonly jobId: string; readonly error: AlphaTensorError }
  /** The infrastructure failed. Nothing was learnt about the algorithm, so nothing is rewarded. */
  | { readonly kind: 'lost'; readonly agent: string; readonly jobId: string; readonly reason: string };

interface MeasureOptions {
  /** Devices to measure on; default: all. */
  readonly devices?: readonly PoolDevice[] | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((agent: string, progress: AgentProgress) => void) | undefined;
}

/** Tells the user what happens to an agent or a task during a run. */
export interface PoolEvent {
  readonly kind: 'retry' | 'away' | 'gone' | 'back' | 'lost';
  readonly agent: string;
  /** One sentence. */
  readonly message: string;
}

/** Sets how long the pool waits and how often it tries. */
export interface PoolOptions {
  readonly onEvent?: ((event: PoolEvent) => void) | undefined;
  /** Longest time for one call, including the wait in the agent's queue. */
  readonly deadlineSeconds?: number | undefined;
  /** A task is dropped after this many failures. */
  readonly maxAttempts?: number | undefined;
  /** After this time without an answer an agent counts as gone, and its waiting tasks are dropped. It is asked at doubling intervals. */
  readonly patienceSeconds?: number | undefined;
  readonly firstBackoffMs?: number | undefined;
  readonly maxBackoffMs?: number | undefined;
  /** Replaces the wait in tests. */
  readonly sleep?: ((ms: number, signal: AbortSignal) => Promise<unknown>) | undefined;
}

/** Leaves time for a reboot, or for somebody to plug a device in again. */
const PATIENCE_SECONDS = 600;
const DEFAULTS = { maxAttempts: 5, patienceSeconds: PATIENCE_SECONDS, firstBackoffMs: 500, maxBackoffMs: 15_000 };

/** `away`: the agent failed and is probed. `gone`: it stayed away; it is still probed and may come back. */
type AgentState = 'ready' | 'away' | 'gone';

export interface PoolAgent extends NamedAgent {
  readonly state: AgentState;
  /** The agent's latest description of itself. */
  readonly description: DescribeResponse;
}

/**
 * Groups the agents with equal hardware, compilers and baselines. A measurement on one of them holds for all, so a task for
 * the device goes to any agent that is free.
 */
export interface PoolDevice {
  readonly agents: readonly PoolAgent[];
}

interface Member extends PoolAgent {
  state: AgentState;
  busy: boolean;
  description: DescribeResponse;
}

interface Device extends PoolDevice {
  /** See deviceIdentity. */
  readonly identity: string;
  readonly agents: Member[];
  readonly waiting: Entry[];
}

interface Entry {
  readonly request: BenchmarkRequest;
  readonly options: MeasureOptions;
  readonly resolve: (result: TaskResult) => void;
  attempts: number;
  lastFailure: string;
}

/**
 * Asks every agent for its description and makes a pool of them.
 * @throws AlphaTensorError INVALID_ARGUMENT without agents; UNAVAILABLE or INCOMPATIBLE_VERSION for the first agent that
 * cannot be used
 */
export async function openPool(agents: readonly NamedAgent[], options: PoolOptions = {}): Promise<AgentPool> {
  if (agents.length === 0) {
    throw new AlphaTensorError('INVALID_ARGUMENT', 'There is no agent to measure on; give --agent HOST:PORT.', {
      field: 'agent',
    });
  }
  const descriptions = await Promise.all(agents.map(({ client }) => client.describe()));
  const members = agents.map(
    (agent, index): Member => ({ ...agent, state: 'ready', busy: false, description: descriptions[index] }),
  );
  return new AgentPool(members, options);
}

/**
 * Keeps one queue for each device. Each of the device's agents takes one job at a time from it. After a failure of the
 * infrastructure the job is tried again, on another agent of the device or on the same one once it answers, and dropped after
 * the last attempt. An agent that comes back takes jobs again.
 */
export class AgentPool {
  readonly #devices: readonly Device[];
  readonly #closing = new AbortController();
  readonly #settings: typeof DEFAULTS & PoolOptions;
  readonly #members: readonly Member[];

  constructor(members: readonly Member[], options: PoolOptions) {
    this.#members = members;
    this.#settings = {
      ...options,
      maxAttempts: options.maxAttempts ?? DEFAULTS.maxAttempts,
      patienceSeconds: options.patienceSeconds ?? DEFAULTS.patienceSeconds,
      firstBackoffMs: options.firstBackoffMs ?? DEFAULTS.firstBackoffMs,
      maxBackoffMs: options.maxBackoffMs ?? DEFAULTS.maxBackoffMs,
    };
    this.#devices = groupByDevice(members);
  }

  get agents(): readonly PoolAgent[] {
    return this.#members;
  }

  /** Lists the devices in the order of their first agents. */
  get devices(): readonly PoolDevice[] {
    return this.#devices;
  }

  /**
   * Measures a task and returns one result for each device, in their order, whatever happens to the agents.
   * @throws AlphaTensorError INVALID_ARGUMENT for a task that cannot be sent (see benchmarkRequest)
   */
  async measure(task: BenchmarkTask, options: MeasureOptions = {}): Promise<TaskResult[]> {
    const { devices = this.#devices } = options;
    const targets = devices.flatMap((device) => this.#devices.find((own) => own === device) ?? []);
    const results = targets.map((device) => this.#submit(benchmarkRequest(task, randomUUID()), device, options));
    this.#pump();
    return Promise.all(results);
  }

  /** Drops the waiting tasks, cancels the running ones and closes the connections. */
  close(): void {
    this.#closing.abort();
    this.#pump();
    for (const { client } of this.#members) client.close();
  }

  #submit(request: BenchmarkRequest, device: Device, options: MeasureOptions): Promise<TaskResult> {
    return new Promise((resolve) => {
      const onAbort = (): void => this.#pump();
      options.signal?.addEventListener('abort', onAbort);
      const settle = (result: TaskResult): void => {
        options.signal?.removeEventListener('abort', onAbort);
        resolve(result);
      };
      device.waiting.push({ request, options, resolve: settle, attempts: 0, lastFailure: '' });
    });
  }

  /** Gives every free agent the first task of its device, and drops the tasks that nobody will take. */
  #pump(): void {
    for (const device of this.#devices) {
      for (const entry of device.waiting.filter((waiting) => this.#isStopped(waiting))) {
        this.#drop(entry, device, 'it was cancelled');
      }
      for (const member of device.agents) {
        if (member.state !== 'ready' || member.busy) continue;
        const entry = device.waiting.shift();
        if (entry !== undefined) void this.#run(entry, device, member);
      }
      if (isGone(device)) {
        const why = `${namesOf(device)} no longer ${device.agents.length === 1 ? 'answers' : 'answer'}`;
        for (const entry of [...device.waiting]) this.#drop(entry, device, why);
      }
    }
  }

  async #run(entry: Entry, device: Device, member: Member): Promise<void> {
    const { request, options } = entry;
    const identity = { agent: member.name, jobId: request.jobId };
    const { description } = member;
    member.busy = true;
    try {
      const outcome = await member.client.benchmark(
        { ...request, protocolVersion: commonVersion(description) ?? request.protocolVersion },
        {
          signal: AbortSignal.any([this.#closing.signal, ...(options.signal ? [options.signal] : [])]),
          onProgress: (progress) => options.onProgress?.(member.name, progress),
          deadlineSeconds: this.#settings.deadlineSeconds,
        },
      );
      if (outcome.kind === 'OUTCOME_KIND_CANCELLED')
        throw new AlphaTensorError('CANCELLED', 'The agent stopped the job.');
      entry.resolve({ kind: 'outcome', ...identity, description, outcome });
    } catch (caught) {
      const error = fromGrpc(caught, member.client.address);
      if (this.#isStopped(entry)) this.#drop(entry, device, 'it was cancelled');
      else if (!isInfrastructure(error)) entry.resolve({ kind: 'refused', ...identity, error });
      else this.#retry(entry, device, member, error);
    } finally {
      member.busy = false;
      this.#pump();
    }
  }

  #retry(entry: Entry, device: Device, member: Member, error: AlphaTensorError): void {
    entry.attempts++;
    entry.lastFailure = error.message;
    void this.#recover(device, member, error, entry.attempts);
    if (entry.attempts >= this.#settings.maxAttempts) {
      this.#drop(entry, device, `it failed ${entry.attempts} times`);
    } else {
      device.waiting.unshift(entry);
      this.#tell(
        'retry',
        member.name,
        `A measurement on ${member.name} failed and will be tried again: ${error.message}`,
      );
    }
  }

  /** Keeps an agent out of use until it answers. Asks at growing intervals; the first one also grows with the failures of the task. */
  async #recover(device: Device, member: Member, error: AlphaTensorError, failures: number): Promise<void> {
    const { firstBackoffMs, maxBackoffMs, patienceSeconds, sleep = wait } = this.#settings;
    member.state = 'away';
    if (whyRevoked(member) === undefined) {
      this.#tell(
        'away',
        member.name,
        `Measurements on ${member.name} wait for it, up to ${formatSeconds(patienceSeconds)}: ${error.message}`,
      );
    }
    let backoff = Math.max(Math.min(2 ** (failures - 1) * firstBackoffMs, maxBackoffMs), retryAfterMs(error) ?? 0);
    let waitedMs = 0;
    for (;;) {
      await sleep(backoff, this.#closing.signal).catch(() => undefined);
      if (this.#closing.signal.aborted) return;
      waitedMs += backoff;
      const why = await whyUnusable(device, member);
      if (why === undefined) break;
      const never = whyRevoked(member);
      if (member.state !== 'gone' && (never !== undefined || waitedMs >= 1000 * patienceSeconds)) {
        member.state = 'gone';
        this.#tell(
          'gone',
          member.name,
          `${never ?? why}; its tasks are dropped until it is back, unless an equal agent takes them.`,
        );
        this.#pump();
      }
      backoff = Math.min(2 * backoff, maxBackoffMs);
    }
    member.state = 'ready';
    this.#tell('back', member.name, `${member.name} answers again.`);
    this.#pump();
  }

  #drop(entry: Entry, device: Device, why: string): void {
    const index = device.waiting.indexOf(entry);
    if (index >= 0) device.waiting.splice(index, 1);
    const agent = namesOf(device);
    const reason = `The measurement on ${agent} was dropped: ${why}${entry.lastFailure === '' ? '' : ` (last: ${entry.lastFailure})`}.`;
    if (!this.#isStopped(entry)) this.#tell('lost', agent, reason);
    entry.resolve({ kind: 'lost', agent, jobId: entry.request.jobId, reason });
  }

  #isStopped(entry: Entry): boolean {
    return this.#closing.signal.aborted || entry.options.signal?.aborted === true;
  }

  #tell(kind: PoolEvent['kind'], agent: string, message: string): void {
    this.#settings.onEvent?.({ kind, agent, message });
  }
}

/** Tells whether all agents of the device are gone. */
export function isGone({ agents }: PoolDevice): boolean {
  return agents.every(({ state }) => state === 'gone');
}

function groupByDevice(members: readonly Member[]): Device[] {
  const devices = new Map<string, Device>();
  for (const member of members) {
    const identity = deviceIdentity(member.description);
    const device = devices.get(identity) ?? { identity, agents: [], waiting: [] };
    device.agents.push(member);
    devices.set(identity, device);
  }
  return [...devices.values()];
}

/** Makes a text that is equal for two agents exactly if a measurement on one holds for the other. */
function deviceIdentity({ device, backends }: DescribeResponse): string {
  return JSON.stringify([
    [device?.cpuModel, device?.architecture, device?.vectorIsa, device?.physicalCores, device?.gpus],
    backends
      .filter(({ available }) => available)
      .map(({ name, compiler, variants, blas }) => [name, compiler, variants, blas[0] && blasName(blas[0])]),
  ]);
}

/** Asks an agent that was away, and takes its new description. Says why it cannot be used; undefined if it can. */
async function whyUnusable(device: Device, member: Member): Promise<string | undefined> {
  const where = `${member.name} (${member.client.address})`;
  if (!(await member.client.isServing())) return `${where} does not answer`;
  try {
    const description = await member.client.describe();
    if (deviceIdentity(description) !== device.identity) {
      return `${where} came back as another device, or with another compiler or BLAS, so its times cannot be compared with earlier ones`;
    }
    member.description = description;
    return undefined;
  } catch (error) {
    return `${where} cannot be used (${messageOf(error).replace(/\.$/, '')})`;
  }
}

/** Says why the device was revoked, so that nothing waits for it; undefined if it may come back. */
function whyRevoked({ client }: NamedAgent): string | undefined {
  try {
    client.requireTrusted();
    return undefined;
  } catch (error) {
    return isRevoked(error) ? error.message.replace(/\.$/, '') : undefined;
  }
}

function namesOf({ agents }: PoolDevice): string {
  return agents.map(({ name }) => name).join(', ');
}

function formatSeconds(seconds: number): string {
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}

function wait(ms: number, signal: AbortSignal): Promise<unknown> {
  return delay(ms, undefined, { signal });
}
