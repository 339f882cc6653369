import { setTimeout as delay } from 'node:timers/promises';
import { AlphaTensorError, boundBytes, type VerifiedFactorization } from '@alphatensor-edge/shared';
import type { AgentPool } from './agent-pool.js';
import { backendOf } from './backend-choice.js';
import type { CampaignOptions } from './campaign.js';
import { fromGrpc } from './grpc-error.js';
import { matrixBytes, type ProblemSpec } from './measurement.js';
import { namesOf, type PoolDevice } from './pool-device.js';
import { checkedPrograms, type KnownProgram } from './program-cost.js';
import { type PlanTask, planRequest } from './request.js';

/** Sets what programs are asked about. */
interface DescriptionOptions {
  readonly pool: AgentPool;
  readonly problems: readonly ProblemSpec[];
  /** Number of recursion levels of each factorization. */
  readonly depth: number;
  readonly campaign: Pick<CampaignOptions, 'backend' | 'variant' | 'maxWorkspace' | 'signal'>;
  /** Gets one sentence for each thing that changes what prices follow. */
  readonly onMessage?: ((message: string) => void) | undefined;
  /** Milliseconds until a device that answered nothing is asked again. */
  readonly pauseMs?: number | undefined;
}

/** The factorizations of one request: as many as an agent keeps the plans of, so that further problems cost it little. */
const BATCH = 16;
/** The most factorizations that wait. */
const MAX_WAITING = 64;
/** The descriptions that are kept, of each device and problem; the oldest go first. */
const MAX_KNOWN = 20_000;
const PAUSE_MS = 2_000;
/** After so many failures in a row a device is not asked any more. */
const MAX_FAILURES = 20;

/** Holds how it stands with one device. */
interface Asked {
  readonly device: PoolDevice;
  /** Why it is not asked any more. */
  ended: boolean;
  failures: number;
  /** For each problem, what is known by content hash. */
  readonly known: readonly Map<string, KnownProgram>[];
}

interface Waiting {
  readonly hash: string;
  readonly factorization: VerifiedFactorization;
}

/**
 * Asks agents what the programs of algorithms would do, in batches, while other work goes on, and keeps the answers by content hash.
 * Nobody waits for an answer. A device that does not know the call, gives an answer that cannot be true, or is lost, is left out, and
 * one sentence says so.
 */
export class ProgramDescriptions {
  readonly #options: DescriptionOptions;
  readonly #asked: readonly Asked[];
  readonly #closing = new AbortController();
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;
  #onArrival: (hashes: readonly string[]) => void = () => undefined;

  constructor(options: DescriptionOptions) {
    this.#options = options;
    this.#asked = options.pool.devices.map((device) => ({
      device,
      ended: false,
      failures: 0,
      known: options.problems.map(() => new Map()),
    }));
  }

  /** Is called with the hashes of the algorithms that were described. */
  set onArrival(hear: (hashes: readonly string[]) => void) {
    this.#onArrival = hear;
  }

  /** Counts the algorithms that some device described. */
  get count(): number {
    return Math.max(0, ...this.#asked.flatMap(({ known }) => known.map(({ size }) => size)));
  }

  /** Tells whether any device is still asked. */
  get isOpen(): boolean {
    return !this.#closing.signal.aborted && this.#asked.some(({ ended }) => !ended);
  }

  /** Tells whether more may be asked for now. */
  get hasRoom(): boolean {
    return this.#waiting.length < MAX_WAITING;
  }

  /** Tells whether a device describes programs, as far as is known. */
  isAsked(device: PoolDevice): boolean {
    return this.#asked.some((each) => each.device === device && !each.ended);
  }

  /** Gives what a device said of an algorithm's program; undefined if it has not, or not yet. */
  of(hash: string, problem: number, device: PoolDevice): KnownProgram | undefined {
    return this.#asked.find((each) => each.device === device)?.known[problem]?.get(hash);
  }

  /** Asks for an algorithm, unless it is known or too many wait. */
  want(hash: string, factorization: VerifiedFactorization): void {
    if (!this.isOpen || !this.hasRoom || this.#isKnown(hash) || this.#waiting.some((each) => each.hash === hash))
      return;
    this.#waiting.push({ hash, factorization });
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  /** Waits until nothing is asked any more. */
  async settle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  /** Stops asking, and resolves when the last call has ended. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.settle();
  }

  /** Nothing is known of a device that is not asked any more, and nothing is waited for. */
  #isKnown(hash: string): boolean {
    return this.#asked.every(({ ended, known }) => ended || known.every((ofProblem) => ofProblem.has(hash)));
  }

  async #run(): Promise<void> {
    const { pauseMs = PAUSE_MS } = this.#options;
    while (this.#waiting.length > 0 && this.isOpen) {
      const batch = this.#waiting.slice(0, BATCH);
      await Promise.all(this.#asked.filter(({ ended }) => !ended).map((asked) => this.#askAll(asked, batch)));
      this.#onArrival(batch.map(({ hash }) => hash));
      const before = this.#waiting.length;
      this.#waiting = this.#waiting.filter(({ hash }) => !this.#isKnown(hash));
      // Some agent is busy or away.
      if (this.#waiting.length === before) await this.#pause(pauseMs);
    }
    if (!this.isOpen) this.#waiting = [];
  }

  async #pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#closing.signal, ref: false }).catch(() => undefined);
  }

  async #askAll(asked: Asked, batch: readonly Waiting[]): Promise<void> {
    for (const [index, problem] of this.#options.problems.entries()) {
      const missing = batch.filter(({ hash }) => !asked.known[index].has(hash));
      if (missing.length === 0 || asked.ended) continue;
      try {
        const programs = await this.#ask(asked.device, problem, missing);
        for (const [place, program] of programs.entries()) keep(asked.known[index], missing[place].hash, program);
        if (programs.length > 0) asked.failures = 0;
      } catch (error) {
        this.#note(asked, error);
        return;
      }
    }
  }

  async #ask(device: PoolDevice, problem: ProblemSpec, batch: readonly Waiting[]): Promise<KnownProgram[]> {
    const { depth, campaign } = this.#options;
    const agent = device.agents.find(({ state }) => state === 'ready');
    if (agent === undefined) throw new AlphaTensorError('UNAVAILABLE', `${namesOf(device)} does not answer.`);
    const task: PlanTask = {
      factorizations: batch.map(({ factorization }) => factorization),
      depth,
      problem,
      backend: backendOf(campaign.backend, device),
      variant: campaign.variant,
      maxWorkspaceBytes: boundBytes(campaign.maxWorkspace, matrixBytes(problem)),
    };
    try {
      const signals = [this.#closing.signal, ...(campaign.signal ? [campaign.signal] : [])];
      return checkedPrograms(await agent.client.plan(planRequest(task), { signal: AbortSignal.any(signals) }), task);
    } catch (error) {
      throw fromGrpc(error, agent.client.address);
    }
  }

  /** Decides whether a device is asked again after an error, and says what changes. */
  #note(asked: Asked, error: unknown): void {
    if (this.#closing.signal.aborted) return;
    const { code, message } = fromGrpc(error, namesOf(asked.device));
    const name = namesOf(asked.device);
    const end = (what: string): void => {
      asked.ended = true;
      this.#options.onMessage?.(`${what}; times on ${name} are estimated from the coefficients of an algorithm alone.`);
    };
    if (code === 'INCOMPATIBLE_VERSION') end(`The agent ${name} does not say what programs do, as it is older`);
    else if (code === 'NOT_BELIEVED') {
      // Nothing else that it said of programs is used either.
      for (const ofProblem of asked.known) ofProblem.clear();
      end(`A description of a program by ${name} is not believed (${message.replace(/\.$/, '')})`);
    } else if (code === 'INVALID_ARGUMENT' || code === 'NOT_A_FACTORIZATION')
      end(`${name} refuses to describe programs (${message.replace(/\.$/, '')})`);
    else {
      asked.failures++;
      if (asked.failures === 1) {
        this.#options.onMessage?.(
          `${name} describes no programs at the moment (${message.replace(/\.$/, '')}); what is known of earlier ones is used.`,
        );
      }
      if (asked.failures >= MAX_FAILURES) end(`${name} described no programs ${MAX_FAILURES} times in a row`);
    }
  }
}

function keep(known: Map<string, KnownProgram>, hash: string, program: KnownProgram): void {
  known.set(hash, program);
  if (known.size <= MAX_KNOWN) return;
  const oldest = known.keys().next();
  if (!oldest.done) known.delete(oldest.value);
}
