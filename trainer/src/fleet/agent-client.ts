import {
  type BenchmarkRequest,
  type BenchmarkResponse,
  type DescribeResponse,
  type Interval,
  MIN_PROTOCOL_VERSION,
  type Outcome,
  type PlanRequest,
  type PlanResponse,
  PROTOCOL_VERSION,
} from '@alphatensor-edge/proto';
import { AlphaTensorError } from '@alphatensor-edge/shared';
import { type Client, makeClientConstructor, type requestCallback, type ServiceError } from '@grpc/grpc-js';
import { service as healthService } from 'grpc-health-check';
import { requireAddress } from './agent-address.js';
import { type AgentChannel, agentChannel } from './agent-channel.js';
import { guardedAgent } from './answer-guard.js';
import { boundedDescription } from './bounded-description.js';
import { fromGrpc } from './grpc-error.js';
import { notBelieved } from './not-believed.js';

/** Tells how far a job is. */
export type AgentProgress =
  | { readonly stage: 'queued'; readonly jobsAhead: number }
  | { readonly stage: 'waiting'; readonly holder: string }
  | { readonly stage: 'compiling'; readonly compiler: string }
  | { readonly stage: 'tuning'; readonly plansTried: number; readonly plans: number }
  | { readonly stage: 'measuring'; readonly rounds: number; readonly speedup?: Interval | undefined };

/** Writes how far a job is. */
export function stageWords(progress: AgentProgress): string {
  if (progress.stage === 'waiting') return `waiting for the measurement of ${progress.holder}`;
  return progress.stage === 'measuring' ? `measuring, round ${progress.rounds}` : progress.stage;
}

/** Holds the options of one Benchmark call. */
export interface BenchmarkCallOptions {
  /** Aborting kills the job on the agent, unless another caller waits for it too. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: AgentProgress) => void) | undefined;
  /** Longest time for the whole call, including the wait in the agent's queue. */
  readonly deadlineSeconds?: number | undefined;
}

/** Talks to one agent. Every call has a deadline and fails with an AlphaTensorError (see grpc-error.ts). */
export interface AgentClient {
  /** HOST:PORT. */
  readonly address: string;
  /** Asks what the device is and has. @throws AlphaTensorError UNAVAILABLE, INCOMPATIBLE_VERSION */
  describe(): Promise<DescribeResponse>;
  /** Tells whether the agent answers its health check and takes jobs. Never throws. */
  isServing(): Promise<boolean>;
  /**
   * Runs one job to its outcome. The same job id returns the same outcome.
   * The outcome is what the agent says, not checked yet (outcome-check.ts).
   * @throws AlphaTensorError UNAUTHENTICATED if the device is revoked before or during the measurement, NOT_BELIEVED for two outcomes
   */
  benchmark(request: BenchmarkRequest, options?: BenchmarkCallOptions): Promise<Outcome>;
  /**
   * Asks what programs would do. The answer is what the agent says, not checked yet (program-cost.ts).
   * @throws AlphaTensorError INCOMPATIBLE_VERSION from an agent that does not know the call
   */
  plan(request: PlanRequest, options?: Pick<BenchmarkCallOptions, 'signal'>): Promise<PlanResponse>;
  /** Checks that the agent is still trusted. @throws AlphaTensorError UNAUTHENTICATED if the device was revoked since it answered */
  requireTrusted(): void;
  close(): void;
}

/** Milliseconds until a revocation ends a running call. */
const TRUST_MS = 2_000;
const DESCRIBE_SECONDS = 20;
const HEALTH_SECONDS = 5;
/** Longer than an agent waits for the end of a measurement before it plans. */
const PLAN_SECONDS = 60;
/** Long, because other jobs may be ahead in the queue. Keepalive notices a peer that is gone. */
const DEFAULT_DEADLINE_SECONDS = 900;

/** Bounds what an agent says of another that it waits for, characters. */
const MAX_HOLDER_LENGTH = 300;

const RECONNECT = {
  // Finds an agent soon after it was restarted.
  'grpc.initial_reconnect_backoff_ms': 200,
  'grpc.max_reconnect_backoff_ms': 2_000,
};

/** Types the one call of grpc.health.v1.Health that is used. */
interface HealthClient extends Client {
  check(request: { service: string }, options: { deadline: Date }, callback: requestCallback<{ status: string }>): void;
}

/**
 * Makes a client for the agent at `address`. It sends nothing before the first call.
 * @param address HOST:PORT, or a result of resolveAgent
 * @throws AlphaTensorError INVALID_ARGUMENT if it is not an address, UNAUTHENTICATED (see agentChannel)
 */
export function connectAgent(address: string): AgentClient {
  requireAddress(address);
  const channel = agentChannel(address);
  const options = { ...channel.options, ...RECONNECT };
  const stub = new (guardedAgent())(address, channel.credentials, options);
  const Health = makeClientConstructor(healthService, 'Health');
  const health = new Health(address, channel.credentials, options) as unknown as HealthClient;

  return {
    address,
    describe: async () => {
      channel.requireTrusted();
      const description = await unary<DescribeResponse>(address, (callback) =>
        stub.describe({ protocolVersion: PROTOCOL_VERSION }, { deadline: secondsFromNow(DESCRIBE_SECONDS) }, callback),
      );
      requireCommonVersion(description, address);
      const bounded = boundedDescription(description, address);
      channel.bindDevice(bounded.deviceId);
      return bounded;
    },
    isServing: () =>
      unary<{ status: string }>(address, (callback) =>
        health.check({ service: '' }, { deadline: secondsFromNow(HEALTH_SECONDS) }, callback),
      ).then(
        ({ status }) => status === 'SERVING',
        () => false,
      ),
    benchmark: (request, options = {}) =>
      whileTrusted(channel, (revoked) => {
        const deadline = secondsFromNow(options.deadlineSeconds ?? DEFAULT_DEADLINE_SECONDS);
        const signal = options.signal === undefined ? revoked : AbortSignal.any([options.signal, revoked]);
        return outcomeOf(() => stub.benchmark(request, { deadline }), address, { ...options, signal });
      }),
    plan: (request, options = {}) =>
      whileTrusted(channel, (revoked) => {
        const signal = options.signal === undefined ? revoked : AbortSignal.any([options.signal, revoked]);
        return cancellable(address, signal, (callback) =>
          stub.plan(request, { deadline: secondsFromNow(PLAN_SECONDS) }, callback),
        );
      }),
    requireTrusted: channel.requireTrusted,
    close: () => {
      stub.close();
      health.close();
    },
  };
}

/** Finds the newest version of the protocol that both sides speak; undefined if they share none. */
export function commonVersion({
  minProtocolVersion: min,
  maxProtocolVersion: max,
}: Pick<DescribeResponse, 'minProtocolVersion' | 'maxProtocolVersion'>): number | undefined {
  const newest = Math.min(max, PROTOCOL_VERSION);
  return newest >= Math.max(min, MIN_PROTOCOL_VERSION) ? newest : undefined;
}

/** Checks that both sides share a version. @throws AlphaTensorError INCOMPATIBLE_VERSION naming both sides' versions */
function requireCommonVersion(description: DescribeResponse, address: string): void {
  if (commonVersion(description) !== undefined) return;
  const { minProtocolVersion: min, maxProtocolVersion: max } = description;
  const older = max < MIN_PROTOCOL_VERSION;
  throw new AlphaTensorError(
    'INCOMPATIBLE_VERSION',
    `The agent at ${address} speaks ${versions(min, max)} of the protocol and this trainer ` +
      `${versions(MIN_PROTOCOL_VERSION, PROTOCOL_VERSION)}; update the ${older ? 'agent' : 'trainer'}.`,
  );
}

function versions(min: number, max: number): string {
  return min === max ? `version ${max}` : `versions ${min} to ${max}`;
}

/**
 * Runs an action while the agent is trusted. If the agent is revoked meanwhile, the result is thrown away.
 * @param action gets a signal that aborts on revocation
 * @throws AlphaTensorError UNAUTHENTICATED if the agent is revoked, even if the action failed too; else what the action throws
 */
async function whileTrusted<T>(
  { requireTrusted }: AgentChannel,
  action: (revoked: AbortSignal) => Promise<T>,
): Promise<T> {
  requireTrusted();
  const revoked = new AbortController();
  const timer = setInterval(() => {
    try {
      requireTrusted();
    } catch (error) {
      if (isRevoked(error)) revoked.abort();
    }
  }, TRUST_MS);
  try {
    return await action(revoked.signal);
  } finally {
    clearInterval(timer);
    requireTrusted();
  }
}

/** Tells whether an error says that a device is no longer trusted. */
export function isRevoked(error: unknown): error is AlphaTensorError {
  return error instanceof AlphaTensorError && error.code === 'UNAUTHENTICATED';
}

function unary<Response>(address: string, start: (callback: requestCallback<Response>) => void): Promise<Response> {
  return new Promise((resolve, reject) => {
    start((error, response) => (error === null ? resolve(response as Response) : reject(fromGrpc(error, address))));
  });
}

/** Makes a call that its signal cancels. */
function cancellable<Response>(
  address: string,
  signal: AbortSignal,
  start: (callback: requestCallback<Response>) => { cancel(): void },
): Promise<Response> {
  if (signal.aborted) return Promise.reject(cancelled(address));
  let cancel = (): void => undefined;
  return unary<Response>(address, (callback) => {
    const call = start(callback);
    cancel = () => call.cancel();
    signal.addEventListener('abort', cancel, { once: true });
  }).finally(() => signal.removeEventListener('abort', cancel));
}

/** Follows one Benchmark stream to its outcome. */
function outcomeOf(
  start: () => ReturnType<InstanceType<ReturnType<typeof guardedAgent>>['benchmark']>,
  address: string,
  { signal, onProgress }: BenchmarkCallOptions,
): Promise<Outcome> {
  if (signal?.aborted) return Promise.reject(cancelled(address));
  return new Promise((resolve, reject) => {
    const call = start();
    const cancel = (): void => call.cancel();
    let outcome: Outcome | undefined;
    signal?.addEventListener('abort', cancel, { once: true });
    const settle = (finish: () => void): void => {
      signal?.removeEventListener('abort', cancel);
      finish();
    };
    call.on('data', (response: BenchmarkResponse) => {
      if (response.outcome) {
        if (outcome !== undefined) {
          settle(() => reject(notBelieved('it has two outcomes.')));
          call.cancel();
          return;
        }
        outcome = response.outcome;
      }
      const progress = progressOf(response);
      if (progress !== undefined) onProgress?.(progress);
    });
    call.on('error', (error: ServiceError) => settle(() => reject(fromGrpc(error, address))));
    call.on('end', () =>
      settle(() => {
        if (outcome !== undefined) resolve(outcome);
        // If the call failed, the promise is rejected already and this has no effect.
        else reject(endedEarly(address));
      }),
    );
  });
}

function progressOf({ queued, waiting, compiling, tuning, measuring }: BenchmarkResponse): AgentProgress | undefined {
  if (queued) return { stage: 'queued', jobsAhead: queued.jobsAhead };
  if (waiting) return { stage: 'waiting', holder: waiting.holder.slice(0, MAX_HOLDER_LENGTH) };
  if (compiling) return { stage: 'compiling', compiler: compiling.compiler };
  if (tuning) return { stage: 'tuning', plansTried: tuning.plansTried, plans: tuning.plans };
  if (measuring) {
    return {
      stage: 'measuring',
      rounds: measuring.rounds,
      speedup: measuring.speedup ?? undefined,
    };
  }
  return undefined;
}

function cancelled(address: string): AlphaTensorError {
  return new AlphaTensorError('CANCELLED', `The call to the agent at ${address} was cancelled.`);
}

function endedEarly(address: string): AlphaTensorError {
  return new AlphaTensorError('UNAVAILABLE', `The agent at ${address} ended the job without an outcome.`);
}

function secondsFromNow(seconds: number): Date {
  return new Date(Date.now() + seconds * 1000);
}
