import { type BenchmarkRequest, blasName, type DescribeResponse, type Outcome } from '@alphatensor-edge/proto';
import { AlphaTensorError } from '@alphatensor-edge/shared';
import type { AgentClient, AgentProgress } from './agent-client.js';
import type { BenchmarkTask } from './request.js';

/** Holds an agent under the name that the user gave it. */
export interface NamedAgent {
  readonly name: string;
  readonly client: AgentClient;
}

/**
 * `away`: the agent failed and is probed. `gone`: it stayed away; it is still probed and may come back. `disbelieved`: it gave too
 * many answers that cannot be true, and is not used any more.
 */
type AgentState = 'ready' | 'away' | 'gone' | 'disbelieved';

export interface PoolAgent extends NamedAgent {
  readonly state: AgentState;
  /** The agent's latest description of itself. */
  readonly description: DescribeResponse;
  /** Number of its answers that were refused because they cannot be true. */
  readonly refusals: number;
}

/**
 * Represents a device: one agent, or several with equal hardware, compilers and baselines that share their work because the user
 * said so. A measurement on one of these holds for all, so a task for the device goes to any of them that is free.
 */
export interface PoolDevice {
  /** The id under which its measurements are stored: the agent's own, or those of all that share, joined by `+`. */
  readonly id: string;
  readonly agents: readonly PoolAgent[];
}

export interface Member extends PoolAgent {
  state: AgentState;
  busy: boolean;
  description: DescribeResponse;
  refusals: number;
}

export interface Device extends PoolDevice {
  readonly agents: Member[];
  readonly waiting: Entry[];
}

/** Tells how a task ended on one device. Nothing here is thrown, because a run goes on without a device. */
export type TaskResult =
  | {
      readonly kind: 'outcome';
      readonly agent: string;
      readonly jobId: string;
      readonly description: DescribeResponse;
      /** Checked, with every figure computed again from its samples (outcome-check.ts). */
      readonly outcome: Outcome;
    }
  /** The agent refused the request. A retry would end the same way. */
  | { readonly kind: 'refused'; readonly agent: string; readonly jobId: string; readonly error: AlphaTensorError }
  /** The infrastructure failed. Nothing was learnt about the algorithm, so nothing is rewarded. */
  | { readonly kind: 'lost'; readonly agent: string; readonly jobId: string; readonly reason: string };

export interface MeasureOptions {
  /** Devices to measure on; default: all. */
  readonly devices?: readonly PoolDevice[] | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((agent: string, progress: AgentProgress) => void) | undefined;
}

/** Holds a task that waits for an agent of its device, or runs on one. */
export interface Entry {
  readonly task: BenchmarkTask;
  readonly request: BenchmarkRequest;
  readonly options: MeasureOptions;
  readonly resolve: (result: TaskResult) => void;
  /** The agents whose answer to it was refused. The same job id would give the same answer again. */
  readonly refusedBy: Set<Member>;
  attempts: number;
  lastFailure: string;
}

/**
 * Makes the devices of a pool. Each agent is its own, unless equal ones share.
 * @param share whether agents with equal hardware, compilers and baselines are one device
 * @throws AlphaTensorError NOT_BELIEVED if two agents answer with one device id
 */
export function devicesOf(members: readonly Member[], share: boolean): Device[] {
  requireDistinct(members);
  const groups = new Map<string, Member[]>();
  for (const member of members) {
    const { description } = member;
    const key = share ? equipmentOf(description) : description.deviceId;
    groups.set(key, [...(groups.get(key) ?? []), member]);
  }
  return [...groups.values()].map((agents) => ({
    id: agents
      .map(({ description }) => description.deviceId)
      .sort()
      .join('+'),
    agents,
    waiting: [],
  }));
}

/** Refuses agents that answer with one id: their measurements could not be told apart. */
function requireDistinct(members: readonly Member[]): void {
  const byId = new Map<string, Member>();
  for (const member of members) {
    const { deviceId } = member.description;
    const other = byId.get(deviceId);
    if (other !== undefined) {
      throw new AlphaTensorError(
        'NOT_BELIEVED',
        `${other.name} and ${member.name} answer with one device id (${deviceId}), so neither is believed; if they are one agent ` +
          'name it once, and if one is a copy of the other delete the file device-id in its state folder.',
        { field: '--agent' },
      );
    }
    byId.set(deviceId, member);
  }
}

/** Makes a text that is equal for two agents exactly if they have the same hardware, compilers and baselines. */
export function equipmentOf({ device, backends }: DescribeResponse): string {
  return JSON.stringify([
    [device?.cpuModel, device?.architecture, device?.vectorIsa, device?.physicalCores, device?.gpus],
    backends
      .filter(({ available }) => available)
      .map(({ name, compiler, variants, blas }) => [name, compiler, variants, blas[0] && blasName(blas[0])]),
  ]);
}

/** Tells whether all agents of the device are out of use. */
export function isGone({ agents }: PoolDevice): boolean {
  return agents.every(({ state }) => state === 'gone' || state === 'disbelieved');
}

/** Tells whether the answers of an agent of the device are still believed. */
export function isBelieved({ agents }: PoolDevice): boolean {
  return agents.some(({ state }) => state !== 'disbelieved');
}

/** Tells whether an agent of the device will take the task, now or when it is back. */
export function hasTaker({ refusedBy }: Entry, { agents }: Device): boolean {
  return agents.some((agent) => agent.state !== 'gone' && agent.state !== 'disbelieved' && !refusedBy.has(agent));
}

/** Says why no agent of the device takes a task, one clause. */
export function whyNobody(device: Device): string {
  const { agents } = device;
  if (!isBelieved(device)) return `${namesOf(device)} gave too many answers that cannot be true`;
  if (!isGone(device)) return 'no answer to it was believed';
  return `${namesOf(device)} no longer ${agents.length === 1 ? 'answers' : 'answer'}`;
}

/** Lists the names of the device's agents for a sentence. */
export function namesOf({ agents }: PoolDevice): string {
  return agents.map(({ name }) => name).join(', ');
}
