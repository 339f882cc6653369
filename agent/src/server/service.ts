import {
  type Backend,
  type BenchmarkAgentHandlers,
  type BenchmarkRequest,
  type BenchmarkResponse,
  type DescribeRequest,
  type DescribeResponse,
  type Device,
  MIN_PROTOCOL_VERSION,
  type Outcome,
  type PlanRequest,
  type PlanResponse,
  PROTOCOL_VERSION,
} from '@alphatensor-edge/proto';
import { type Logger, present } from '@alphatensor-edge/shared';
import type { ServerUnaryCall, ServerWritableStream, sendUnaryData } from '@grpc/grpc-js';
import { readTemperature } from '../device/environment.js';
import { isForCaller, toStatus } from './grpc-status.js';
import { jobStates } from './job-state.js';
import { Planner } from './planner.js';
import type { JobEvent, JobQueue } from './queue.js';
import { fingerprint, toJob, toPlanQuestion } from './request.js';

/**
 * Holds what the agent says about itself. It is collected once, because collecting it runs programs that would disturb
 * a measurement.
 */
export interface Identity {
  readonly agentVersion: string;
  readonly deviceId: string;
  readonly device: Device;
  readonly backends: readonly Backend[];
  readonly maxThreads: number;
}

type PlanCall = ServerUnaryCall<PlanRequest, PlanResponse>;
type BenchmarkCall = ServerWritableStream<BenchmarkRequest, BenchmarkResponse>;

/** Makes the handlers of alphatensor.agent.v1.BenchmarkAgent. */
export function benchmarkAgentService(identity: Identity, queue: JobQueue, logger: Logger): BenchmarkAgentHandlers {
  const planner = new Planner(() => queue.isTiming);
  return {
    Plan: (call: PlanCall, callback: sendUnaryData<PlanResponse>) => {
      void servePlan(call, callback, identity, planner, logger);
    },
    Describe: (_call: ServerUnaryCall<DescribeRequest, DescribeResponse>, callback: sendUnaryData<DescribeResponse>) =>
      callback(null, describe(identity, queue)),
    Benchmark: (call: BenchmarkCall) => {
      void serveBenchmark(call, identity, queue, logger);
    },
  };
}

function describe({ agentVersion, deviceId, device, backends }: Identity, queue: JobQueue): DescribeResponse {
  return {
    minProtocolVersion: MIN_PROTOCOL_VERSION,
    maxProtocolVersion: PROTOCOL_VERSION,
    agentVersion,
    deviceId,
    device,
    backends: [...backends],
    queue: queue.state,
    jobs: jobStates(queue.jobs),
    ...present({ temperatureCelsius: readTemperature() }),
  };
}

/** Serves one request for plans. */
async function servePlan(
  call: PlanCall,
  callback: sendUnaryData<PlanResponse>,
  identity: Identity,
  planner: Planner,
  logger: Logger,
): Promise<void> {
  const left = new AbortController();
  call.on('cancelled', () => left.abort());
  try {
    callback(null, { costs: await planner.answer(toPlanQuestion(call.request, identity), left.signal) });
  } catch (error) {
    if (!isForCaller(error)) logger.error({ err: error }, 'planning failed through a fault of the agent');
    callback(toStatus(error));
  }
}

/**
 * Serves one call: the events of its job and, last, the outcome. A caller that leaves, in whatever way, releases the
 * job.
 */
async function serveBenchmark(call: BenchmarkCall, identity: Identity, queue: JobQueue, logger: Logger): Promise<void> {
  const { jobId } = call.request;
  try {
    const job = toJob(call.request, identity);
    const ticket = queue.submit(job, fingerprint(call.request), (event) => {
      // A caller that does not read misses estimates. It must not make the agent store them.
      if (!call.writableNeedDrain) call.write(eventMessage(event));
    });
    call.on('cancelled', ticket.release);
    if (call.cancelled) ticket.release();
    const outcome = await ticket.outcome;
    logger.info({ jobId, kind: outcome.kind }, 'job ended');
    call.write(outcomeMessage(outcome));
    call.end();
  } catch (error) {
    if (call.cancelled) return;
    if (isForCaller(error)) logger.info({ jobId, code: error.code, reason: error.message }, 'request refused');
    else logger.error({ jobId, err: error }, 'job failed through a fault of the agent');
    call.emit('error', toStatus(error));
  }
}

function eventMessage(event: JobEvent): BenchmarkResponse {
  switch (event.kind) {
    case 'queued':
      return { event: 'queued', queued: { jobsAhead: event.jobsAhead } };
    case 'waiting':
      return { event: 'waiting', waiting: { holder: event.holder } };
    case 'compiling':
      return { event: 'compiling', compiling: { compiler: event.compiler } };
    case 'tuning':
      return { event: 'tuning', tuning: { plansTried: event.plansTried, plans: event.plans } };
    case 'measuring':
      return {
        event: 'measuring',
        measuring: { rounds: event.rounds, ...present({ speedup: event.speedup }) },
      };
  }
}

function outcomeMessage(outcome: Outcome): BenchmarkResponse {
  return { event: 'outcome', outcome };
}
