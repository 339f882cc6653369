import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { AlphaTensorError } from '@alphatensor-edge/shared';
import { commonVersion } from './agent-client.js';
import { fromGrpc, isInfrastructure, retryAfterMs } from './grpc-error.js';
import { checkedOutcome } from './outcome-check.js';
import {
  type Device,
  devicesOf,
  type Entry,
  hasTaker,
  isBelieved,
  type MeasureOptions,
  type Member,
  type NamedAgent,
  namesOf,
  type PoolAgent,
  type PoolDevice,
  type TaskResult,
  whyNobody,
} from './pool-device.js';
import { whyRevoked, whyUnusable } from './pool-recovery.js';
import { type BenchmarkTask, benchmarkRequest } from './request.js';
import { requireTakes } from './transposed-support.js';

/** Tells the user what happens to an agent or a task during a run. */
export interface PoolEvent {
  readonly kind: 'retry' | 'away' | 'gone' | 'back' | 'lost' | 'refused' | 'disbelieved';
  readonly agent: string;
  /** One sentence. */
  readonly message: string;
}

/** Sets how long the pool waits and how often it tries. */
export interface PoolOptions {
  readonly onEvent?: ((event: PoolEvent) => void) | undefined;
  /** Whether agents with equal hardware, compilers and baselines share their work as one device. Default: each is its own. */
  readonly share?: boolean | undefined;
  /** An agent is not used any more after so many answers that cannot be true. */
  readonly maxRefusals?: number | undefined;
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
/** One such answer may be a fault of the agent; an agent that keeps giving them measures nothing. */
const MAX_REFUSALS = 3;
const DEFAULTS = {
  maxRefusals: MAX_REFUSALS,
  maxAttempts: 5,
  patienceSeconds: PATIENCE_SECONDS,
  firstBackoffMs: 500,
  maxBackoffMs: 15_000,
};

/**
 * Asks every agent for its description and makes a pool of them.
 * @throws AlphaTensorError INVALID_ARGUMENT without agents; UNAVAILABLE or INCOMPATIBLE_VERSION for the first agent that
 * cannot be used; NOT_BELIEVED if two answer with one device id
 */
export async function openPool(agents: readonly NamedAgent[], options: PoolOptions = {}): Promise<AgentPool> {
  if (agents.length === 0) {
    throw new AlphaTensorError('INVALID_ARGUMENT', 'There is no agent to measure on; give --agent HOST:PORT.', {
      field: 'agent',
    });
  }
  const descriptions = await Promise.all(agents.map(({ client }) => client.describe()));
  const members = agents.map(
    (agent, index): Member => ({
      ...agent,
      state: 'ready',
      busy: false,
      refusals: 0,
      description: descriptions[index],
    }),
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
      maxRefusals: options.maxRefusals ?? DEFAULTS.maxRefusals,
      maxAttempts: options.maxAttempts ?? DEFAULTS.maxAttempts,
      patienceSeconds: options.patienceSeconds ?? DEFAULTS.patienceSeconds,
      firstBackoffMs: options.firstBackoffMs ?? DEFAULTS.firstBackoffMs,
      maxBackoffMs: options.maxBackoffMs ?? DEFAULTS.maxBackoffMs,
    };
    this.#devices = devicesOf(members, options.share === true);
  }

  get agents(): readonly PoolAgent[] {
    return this.#members;
  }

  /**
   * Lists the devices whose answers are believed, in the order of their first agents. If none is left, it lists all, so that what
   * is asked of them ends with the reason.
   */
  get devices(): readonly PoolDevice[] {
    const believed = this.#devices.filter(isBelieved);
    return believed.length > 0 ? believed : this.#devices;
  }

  /**
   * Measures a task and returns one result for each device, in their order, whatever happens to the agents.
   * @throws AlphaTensorError INVALID_ARGUMENT for a task that cannot be sent (see benchmarkRequest)
   */
  async measure(task: BenchmarkTask, options: MeasureOptions = {}): Promise<TaskResult[]> {
    const { devices = this.devices } = options;
    const targets = devices.flatMap((device) => this.#devices.find((own) => own === device) ?? []);
    const results = targets.map((device) => this.#submit(task, device, options));
    this.#pump();
    return Promise.all(results);
  }

  /** Tells whether the pool was closed. What it drops then is no news. */
  get isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  /** Drops the waiting tasks, cancels the running ones and closes the connections. */
  close(): void {
    this.#closing.abort();
    this.#pump();
    for (const { client } of this.#members) client.close();
  }

  #submit(task: BenchmarkTask, device: Device, options: MeasureOptions): Promise<TaskResult> {
    const request = benchmarkRequest(task, randomUUID());
    return new Promise((resolve) => {
      const onAbort = (): void => this.#pump();
      options.signal?.addEventListener('abort', onAbort);
      const settle = (result: TaskResult): void => {
        options.signal?.removeEventListener('abort', onAbort);
        resolve(result);
      };
      const refusedBy = new Set<Member>();
      device.waiting.push({ task, request, options, resolve: settle, refusedBy, attempts: 0, lastFailure: '' });
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
        const next = device.waiting.findIndex(({ refusedBy }) => !refusedBy.has(member));
        const [entry] = next < 0 ? [] : device.waiting.splice(next, 1);
        if (entry !== undefined) void this.#run(entry, device, member);
      }
      for (const entry of device.waiting.filter((waiting) => !hasTaker(waiting, device))) {
        this.#drop(entry, device, whyNobody(device));
      }
    }
  }

  async #run(entry: Entry, device: Device, member: Member): Promise<void> {
    const { request, options } = entry;
    const identity = { agent: member.name, jobId: request.jobId };
    const { description } = member;
    member.busy = true;
    try {
      requireTakes(member, entry.task);
      const said = await member.client.benchmark(
        { ...request, protocolVersion: commonVersion(description) ?? request.protocolVersion },
        {
          signal: AbortSignal.any([this.#closing.signal, ...(options.signal ? [options.signal] : [])]),
          onProgress: (progress) => options.onProgress?.(member.name, progress),
          deadlineSeconds: this.#settings.deadlineSeconds,
        },
      );
      const outcome = checkedOutcome(said, entry.task, request.jobId);
      if (outcome.kind === 'OUTCOME_KIND_CANCELLED')
        throw new AlphaTensorError('CANCELLED', 'The agent stopped the job.');
      entry.resolve({ kind: 'outcome', ...identity, description, outcome });
    } catch (caught) {
      const error = fromGrpc(caught, member.client.address);
      if (this.#isStopped(entry)) this.#drop(entry, device, 'it was cancelled');
      else if (error.code === 'NOT_BELIEVED') this.#refuse(entry, device, member, error.message);
      else if (!isInfrastructure(error)) entry.resolve({ kind: 'refused', ...identity, error });
      else this.#retry(entry, device, member, error);
    } finally {
      member.busy = false;
      this.#pump();
    }
  }

  /**
   * Refuses an answer that cannot be true. The task goes to another agent of the device, if there is one. An agent that keeps
   * giving such answers is not used any more.
   */
  #refuse(entry: Entry, device: Device, member: Member, reason: string): void {
    member.refusals++;
    entry.refusedBy.add(member);
    entry.lastFailure = `an answer of ${member.name} is not believed: ${reason.replace(/\.$/, '')}`;
    if (member.refusals >= this.#settings.maxRefusals) {
      member.state = 'disbelieved';
      this.#tell(
        'disbelieved',
        member.name,
        `${member.name} gave ${member.refusals} answers that cannot be true (last: ${reason.replace(/\.$/, '')}); it is not used any more in this run.`,
      );
    } else this.#tell('refused', member.name, `An answer of ${member.name} is not believed: ${reason}`);
    // It waits for another agent of the device, or is dropped at once.
    device.waiting.unshift(entry);
  }

  #retry(entry: Entry, device: Device, member: Member, error: AlphaTensorError): void {
    entry.attempts++;
    entry.lastFailure = error.message;
    void this.#recover(member, error, entry.attempts);
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
  async #recover(member: Member, error: AlphaTensorError, failures: number): Promise<void> {
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
      const why = await whyUnusable(member);
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

function formatSeconds(seconds: number): string {
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}

function wait(ms: number, signal: AbortSignal): Promise<unknown> {
  return delay(ms, undefined, { signal });
}
