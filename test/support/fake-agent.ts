import type { BenchmarkRequest, DescribeResponse, Outcome, PlanRequest, PlanResponse } from '@alphatensor-edge/proto';
import { AlphaTensorError } from '@alphatensor-edge/shared';
import type { AgentClient, BenchmarkCallOptions } from '../../trainer/src/fleet/agent-client.js';
import { DESCRIPTION, DEVICE, measured } from './agent.js';

export type Answer = (request: BenchmarkRequest, options: BenchmarkCallOptions) => Promise<Outcome>;

/** An agent whose answers a test gives; `number` tells it from others with the same processor; `serving` is what its health check says, `revoked` whether it is trusted no more. */
export class FakeAgent implements AgentClient {
  readonly address = '127.0.0.1:1';
  readonly requests: BenchmarkRequest[] = [];
  serving = true;
  revoked = false;
  closed = false;
  description: DescribeResponse;

  constructor(
    private readonly answer: Answer = async ({ jobId }) => measured(1.1, jobId),
    cpuModel = DEVICE.cpuModel,
    number = 0,
  ) {
    const deviceId = `${cpuModel.replace(/\W/g, '-')}-${number}`;
    this.description = { ...DESCRIPTION, deviceId, device: { ...DEVICE, cpuModel } };
  }

  describe = async (): Promise<DescribeResponse> => {
    this.requireTrusted();
    return this.description;
  };
  isServing = async (): Promise<boolean> => this.serving;
  requireTrusted = (): void => {
    if (this.revoked) throw new AlphaTensorError('UNAUTHENTICATED', 'It was revoked.');
  };
  close = (): void => {
    this.closed = true;
  };

  /** What it says of programs; by default it is an agent from before there was the call. */
  planner: (request: PlanRequest) => Promise<PlanResponse> = async () => {
    throw new AlphaTensorError('INCOMPATIBLE_VERSION', 'It does not know the call.');
  };
  plan = (request: PlanRequest): Promise<PlanResponse> => this.planner(request);

  benchmark(request: BenchmarkRequest, options: BenchmarkCallOptions = {}): Promise<Outcome> {
    this.requests.push(request);
    return this.answer(request, options);
  }
}
