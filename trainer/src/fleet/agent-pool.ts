import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { BenchmarkRequest, DescribeResponse, Outcome } from '@alphatensor-edge/proto';
import { AlphaTensorError } from '@alphatensor-edge/shared';
import type { AgentClient, AgentProgress } from './agent-client.js';
import { fromGrpc, isInfrastructure, retryAfterMs } from './grpc-error.js';
import { type BenchmarkTask, benchmarkRequest } from './request.js';

/** An agent under the name the user gave it. */
export interface NamedAgent {
  readonly name: string;
  readonly client: AgentClient;
}

/** What became of a task on one agent. None of them is an exception: a run outlives its devices. */
export type TaskResult =
  | {
      readonly kind: 'outcome';
      readonly agent: string;
      readonly jobId: string;
      readonly description: DescribeResponse;
      readonly outcome: Outcome;
    }
  /** The agent refused the request itself; a retry would end the same way. */
  | { readonly kind: 'refused'; readonly agent: string; readonly jobId: string; readonly error: AlphaTensorError }
  /** Infrastructure: nothing was learnt, and nothing is rewarded. */
  | { readonly kind: 'lost'; readonly agent: string; readonly jobId: string; readonly reason: string };

export interface MeasureOptions {
  /** `all` (default): once on every agent, since each is a device of its own. `one`: on whichever is free first. */
  readonly agents?: 'all' | 'one';
  readonly signal?: AbortSignal;
  readonly onProgress?: (agent: string, progress: AgentProgress) => void;
}

/** What a user should hear about while a run goes on. */
export interface PoolEvent {
  readonly kind: 'retry' | 'away' | 'gone' | 'back' | 'lost';
  readonly agent: string;
  /** One sentence. */
  readonly message: string;
}

export interface PoolOptions {
  readonly onEvent?: (event: PoolEvent) => void;
  /** Bound on one call, the wait in the agent's queue included. */
  readonly deadlineSeconds?: number;
  /** Failures after which a task is dropped. */
  readonly maxAttempts?: number;
  /** Unanswered probes, with doubling waits, after which an agent counts as gone and its tasks are dropped. */
  readonly maxProbes?: number;
  readonly firstBackoffMs?: number;
  readonly maxBackoffMs?: number;
  /** A test's own way to wait. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

const DEFAULTS = { maxAttempts: 5, maxProbes: 6, firstBackoffMs: 500, maxBackoffMs: 15_000 };

/** `away`: it failed and is being probed. `gone`: it stayed away; it is still probed and may come back. */
type MemberState = 'ready' | 'away' | 'gone';

interface Member extends NamedAgent {
  state: MemberState;
  busy: boolean;
  description: DescribeResponse;
}

interface Entry {
  readonly request: BenchmarkRequest;
  /** The agent it is meant for; undefined: any. */
  readonly target: Member | undefined;
  readonly options: MeasureOptions;
  readonly resolve: (result: TaskResult) => void;
  attempts: number;
  lastFailure: string;
}

/**
 * Describes every agent and makes a pool of them.
 * @throws AlphaTensorError INVALID_ARGUMENT without agents; UNAVAILABLE or INCOMPATIBLE_VERSION of the first that
 * cannot be used
 */
export async function openPool(agents: readonly NamedAgent[], options: PoolOptions = {}): Promise<AgentPool> {
  if (agents.length === 0) {
    throw new AlphaTensorError('INVALID_ARGUMENT', 'There is no agent to measure on; give --agent HOST:PORT.', {
      field: 'agent',
    });
  }
  const descriptions = await Promise.all(agents.map(({ client }) => client.describe()));
  return new AgentPool(
    agents.map((agent, index) => ({ ...agent, state: 'ready', busy: false, description: descriptions[index] })),
    options,
  );
}

/**
 * Agents that measure one job each at a time. A failure of the infrastructure is retried, on the same agent when it
 * answers again or on another one of equal hardware, and in the end dropped; an agent that comes back goes on.
 */
export class AgentPool {
  private readonly pending: Entry[] = [];
  private readonly closing = new AbortController();
  private readonly settings: typeof DEFAULTS & PoolOptions;

  constructor(
    private readonly members: readonly Member[],
    options: PoolOptions,
  ) {
    this.settings = { ...DEFAULTS, ...options };
  }

  /** The agents and what they last said of themselves. */
  get agents(): readonly {
    readonly name: string;
    readonly state: MemberState;
    readonly description: DescribeResponse;
  }[] {
    return this.members;
  }

  /**
   * Measures a task; one result for each agent, or one in all, whatever happens to the agents.
   * @throws AlphaTensorError INVALID_ARGUMENT for a task that cannot be sent at all (see benchmarkRequest)
   */
  async measure(task: BenchmarkTask, options: MeasureOptions = {}): Promise<TaskResult[]> {
    const targets = options.agents === 'one' ? [undefined] : this.members;
    const results = targets.map((target) => this.submit(benchmarkRequest(task, randomUUID()), target, options));
    this.pump();
    return Promise.all(results);
  }

  /** Drops what waits, cancels what runs and closes the connections. */
  close(): void {
    this.closing.abort();
    this.pump();
    for (const { client } of this.members) client.close();
  }

  private submit(request: BenchmarkRequest, target: Member | undefined, options: MeasureOptions): Promise<TaskResult> {
    return new Promise((resolve) => {
      const onAbort = (): void => this.pump();
      options.signal?.addEventListener('abort', onAbort);
      const settle = (result: TaskResult): void => {
        options.signal?.removeEventListener('abort', onAbort);
        resolve(result);
      };
      this.pending.push({ request, target, options, resolve: settle, attempts: 0, lastFailure: '' });
    });
  }

  /** Gives every free agent the first task it may run, and drops the tasks that no agent can. */
  private pump(): void {
    for (const member of this.members) {
      if (member.state !== 'ready' || member.busy) continue;
      const index = this.pending.findIndex((entry) => !this.isStopped(entry) && mayRun(entry, member));
      if (index >= 0) void this.run(this.pending.splice(index, 1)[0], member);
    }
    for (const entry of [...this.pending]) {
      if (this.isStopped(entry)) this.drop(entry, 'it was cancelled');
      else if (!this.members.some((member) => member.state !== 'gone' && isCandidate(entry, member))) {
        this.drop(
          entry,
          `${entry.target === undefined ? 'no agent answers' : `${entry.target.name} does not answer`} any more`,
        );
      }
    }
  }

  private async run(entry: Entry, member: Member): Promise<void> {
    const { request, options } = entry;
    const identity = { agent: member.name, jobId: request.jobId };
    member.busy = true;
    try {
      const outcome = await member.client.benchmark(request, {
        signal: AbortSignal.any([this.closing.signal, ...(options.signal ? [options.signal] : [])]),
        onProgress: (progress) => options.onProgress?.(member.name, progress),
        ...(this.settings.deadlineSeconds === undefined ? {} : { deadlineSeconds: this.settings.deadlineSeconds }),
      });
      if (outcome.kind === 'OUTCOME_KIND_CANCELLED')
        throw new AlphaTensorError('CANCELLED', 'The agent stopped the job.');
      entry.resolve({ kind: 'outcome', ...identity, description: member.description, outcome });
    } catch (caught) {
      const error = fromGrpc(caught, member.client.address);
      if (this.isStopped(entry)) this.drop(entry, 'it was cancelled');
      else if (!isInfrastructure(error)) entry.resolve({ kind: 'refused', ...identity, error });
      else this.retry(entry, member, error);
    } finally {
      member.busy = false;
      this.pump();
    }
  }

  private retry(entry: Entry, member: Member, error: AlphaTensorError): void {
    entry.attempts++;
    entry.lastFailure = error.message;
    void this.recover(member, error);
    if (entry.attempts >= this.settings.maxAttempts) {
      this.drop(entry, `it failed ${entry.attempts} times`);
    } else {
      this.pending.unshift(entry);
      this.tell(
        'retry',
        member.name,
        `A measurement on ${member.name} failed and will be tried again: ${error.message}`,
      );
    }
  }

  /** Keeps an agent out of use until it answers, asking at growing intervals. */
  private async recover(member: Member, error: AlphaTensorError): Promise<void> {
    const { firstBackoffMs, maxBackoffMs, maxProbes, sleep = wait } = this.settings;
    member.state = 'away';
    this.tell('away', member.name, `${member.name} is left alone for a while: ${error.message}`);
    let backoff = Math.max(firstBackoffMs, retryAfterMs(error) ?? 0);
    for (let probes = 1; ; probes++) {
      await sleep(backoff, this.closing.signal).catch(() => undefined);
      if (this.closing.signal.aborted) return;
      if (await this.answers(member)) break;
      if (probes === maxProbes) {
        member.state = 'gone';
        this.tell(
          'gone',
          member.name,
          `${member.name} (${member.client.address}) does not answer; its tasks are dropped until it is back.`,
        );
        this.pump();
      }
      backoff = Math.min(2 * backoff, maxBackoffMs);
    }
    member.state = 'ready';
    this.tell('back', member.name, `${member.name} answers again.`);
    this.pump();
  }

  /** Whether it is healthy and of a version we speak; an agent that was restarted may describe itself anew. */
  private async answers(member: Member): Promise<boolean> {
    if (!(await member.client.isServing())) return false;
    try {
      member.description = await member.client.describe();
      return true;
    } catch {
      return false;
    }
  }

  private drop(entry: Entry, why: string): void {
    const index = this.pending.indexOf(entry);
    if (index >= 0) this.pending.splice(index, 1);
    const agent = entry.target?.name ?? 'any agent';
    const reason = `The measurement on ${agent} was dropped: ${why}${entry.lastFailure === '' ? '' : ` (last: ${entry.lastFailure})`}.`;
    if (!this.isStopped(entry)) this.tell('lost', agent, reason);
    entry.resolve({ kind: 'lost', agent, jobId: entry.request.jobId, reason });
  }

  private isStopped(entry: Entry): boolean {
    return this.closing.signal.aborted || entry.options.signal?.aborted === true;
  }

  private tell(kind: PoolEvent['kind'], agent: string, message: string): void {
    this.settings.onEvent?.({ kind, agent, message });
  }
}

/** Whether the member may take the task now: it is meant for it, or its own agent is out of use and this one equal. */
function mayRun({ target }: Entry, member: Member): boolean {
  return target === undefined || target === member || (target.state !== 'ready' && sameHardware(target, member));
}

/** Whether the member could ever serve the task. */
function isCandidate({ target }: Entry, member: Member): boolean {
  return target === undefined || target === member || sameHardware(target, member);
}

/** Devices whose measurements can stand for each other. */
function sameHardware(a: Member, b: Member): boolean {
  const identity = ({ description: { device } }: Member): string =>
    JSON.stringify([device?.cpuModel, device?.architecture, device?.vectorIsa, device?.physicalCores, device?.gpus]);
  return identity(a) === identity(b);
}

function wait(ms: number, signal: AbortSignal): Promise<unknown> {
  return delay(ms, undefined, { signal });
}
