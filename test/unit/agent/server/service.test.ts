import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import {
  type BenchmarkRequest,
  type BenchmarkResponse,
  CHANNEL_OPTIONS,
  ERROR_METADATA,
  loadAgentProto,
} from '@alphatensor-edge/proto';
import { createLogger } from '@alphatensor-edge/shared';
import { credentials, makeClientConstructor, type ServiceError, status } from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from 'vitest';
import type { RunJob } from '../../../../agent/src/job/job.js';
import { type RunningServer, startServer } from '../../../../agent/src/server/server.js';
import { type AgentClient, connectAgent } from '../../../../trainer/src/fleet/agent-client.js';
import { BACKENDS, controlledJobs, DESCRIPTION, DEVICE, measured, request } from '../../../support/agent.js';

const servers: RunningServer[] = [];
const clients: { close(): void }[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function serve(
  runJob: RunJob,
  queueCapacity = 16,
): Promise<{ address: string; client: AgentClient; server: RunningServer }> {
  const server = await startServer({
    host: '127.0.0.1',
    port: 0,
    queueCapacity,
    runJob,
    identity: {
      agentVersion: '0.1.0',
      deviceId: DESCRIPTION.deviceId,
      device: DEVICE,
      backends: BACKENDS,
      maxThreads: 2,
    },
    logger: createLogger('test', 'silent', 'json'),
  });
  servers.push(server);
  const client = connectAgent(server.address);
  clients.push(client);
  return { address: server.address, client, server };
}

/** A bare client, for what the trainer's own would not do. */
function bareClient(address: string, options = {}) {
  const stub = new (loadAgentProto().BenchmarkAgent)(address, credentials.createInsecure(), {
    ...CHANNEL_OPTIONS,
    ...options,
  });
  clients.push(stub);
  return stub;
}

/** A connection in between that the test can cut, as a machine that is switched off would. */
async function cuttableLine(address: string): Promise<{ address: string; cut(): void }> {
  const sockets: Socket[] = [];
  const line = createServer((near) => {
    const far = connect(Number(address.split(':')[1]), '127.0.0.1');
    sockets.push(near, far);
    for (const socket of [near, far]) socket.on('error', () => undefined);
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => line.listen(0, '127.0.0.1', resolve));
  const cut = (): void => {
    line.close();
    for (const socket of sockets) socket.destroy();
  };
  clients.push({ close: cut });
  return { address: `127.0.0.1:${(line.address() as AddressInfo).port}`, cut };
}

function failureOf(address: string, message: BenchmarkRequest, options = {}): Promise<ServiceError> {
  return new Promise((resolve, reject) => {
    const call = bareClient(address, options).benchmark(message, { deadline: Date.now() + 10_000 });
    call.on('data', (response: BenchmarkResponse) => response.outcome && reject(new Error('it was measured')));
    call.on('error', (error: ServiceError) => resolve(error));
  });
}

describe('the service', () => {
  it('describes the device, the backends and the queue', async () => {
    const { client } = await serve(controlledJobs().runJob);
    const description = await client.describe();
    expect(description.deviceId).toBe(DESCRIPTION.deviceId);
    expect(description.backends.map(({ name, available }) => [name, available])).toEqual([
      ['c-gcc', true],
      ['c-clang', false],
    ]);
    expect(description.queue).toEqual({ runningJobs: 0, waitingJobs: 0, capacityJobs: 16 });
    expect(await client.isServing()).toBe(true);
  });

  it('carries the energy where it is known, and tells unknown from zero', async () => {
    const { measurement, ...rest } = measured(1.1);
    for (const joules of [{ baselineJoules: 14.25, candidateJoules: 12.5 }, {}]) {
      const { client } = await serve(async () => ({ ...rest, measurement: { ...measurement!, ...joules } }));
      const outcome = await client.benchmark(request());
      expect(outcome.measurement).toMatchObject(joules);
      expect(outcome.measurement?.baselineJoules !== undefined).toBe('baselineJoules' in joules);
    }
  });

  it('streams queued, compiling, measuring and the outcome with its raw samples', async () => {
    const { runJob, finish, progress } = controlledJobs();
    const { client } = await serve(runJob);
    const stages: string[] = [];
    const outcome = await client.benchmark(request(), {
      onProgress: ({ stage }) => {
        if (stage === 'compiling') progress('job-1', 3);
        if (stage === 'measuring') finish('job-1');
        stages.push(stage);
      },
    });
    expect(stages).toEqual(['queued', 'compiling', 'measuring']);
    expect(outcome).toMatchObject(measured(1.1));
  });

  it('tells what the running job and those that wait are about, without their coefficients', async () => {
    const { runJob, finish, progress } = controlledJobs();
    const { client } = await serve(runJob);
    const problem = { m: 256, k: 256, n: 256, dataType: 'DATA_TYPE_F32', threads: 1 };
    const about = { levels: [{ n: 2, m: 2, p: 2, rank: 7 }], problem, backend: 'c-gcc' };
    const first = client.benchmark(request());
    await expect.poll(async () => (await client.describe()).queue?.runningJobs).toBe(1);
    const second = client.benchmark(request({ jobId: 'job-2', levels: [] }));
    await expect.poll(async () => (await client.describe()).jobs.length).toBe(2);
    progress('job-1', 3);
    const { jobs } = await client.describe();
    expect(jobs).toMatchObject([
      { jobId: 'job-1', stage: 'JOB_STAGE_MEASURING', ...about },
      { jobId: 'job-2', stage: 'JOB_STAGE_QUEUED', ...about, levels: [] },
    ]);
    expect(jobs[0].seconds).toBeGreaterThan(jobs[1].seconds);
    finish('job-1');
    await first;
    finish('job-2');
    await second;
    expect((await client.describe()).jobs).toEqual([]);
  });

  it('answers a bad request with its field and a fault of its own with INTERNAL, and goes on', async () => {
    const { address, client } = await serve(async ({ jobId }) => {
      if (jobId === 'fault') throw new TypeError('undefined is not a function');
      return measured(1.2, jobId);
    });
    const problem = { ...request().problem!, m: 0 };
    const invalid = await failureOf(address, request({ problem }));
    expect(invalid.code).toBe(status.INVALID_ARGUMENT);
    expect(invalid.metadata.get(ERROR_METADATA.field)).toEqual(['problem.m']);
    await expect(client.benchmark(request({ problem }))).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      details: { field: 'problem.m' },
    });

    const fault = await failureOf(address, request({ jobId: 'fault' }));
    expect(fault.code).toBe(status.INTERNAL);
    expect(fault.details).not.toContain('undefined is not');
    expect((await client.benchmark(request({ jobId: 'next' }))).kind).toBe('OUTCOME_KIND_MEASURED');
  });

  it('keeps the finer code of a factorization that does not reconstruct', async () => {
    const { client } = await serve(controlledJobs().runJob);
    const [level] = request().levels;
    const coefficients = level.u!.coefficients.map((x) => -x);
    const levels = [{ ...level, u: { ...level.u!, coefficients } }];
    await expect(client.benchmark(request({ levels }))).rejects.toMatchObject({
      code: 'NOT_A_FACTORIZATION',
      details: { field: 'levels[0]' },
    });
  });

  it('refuses another protocol version, in either direction', async () => {
    const { address, client } = await serve(controlledJobs().runJob);
    const error = await failureOf(address, request({ protocolVersion: 7 }));
    expect(error.code).toBe(status.FAILED_PRECONDITION);
    expect(error.details).toContain('version 7');
    await expect(client.benchmark(request({ protocolVersion: 7 }))).rejects.toMatchObject({
      code: 'INCOMPATIBLE_VERSION',
    });
  });

  it('refuses a message over the cap and goes on', async () => {
    const { address, client } = await serve(async ({ jobId }) => measured(1, jobId));
    const variant = 'x'.repeat(100 * 1024 * 1024);
    const error = await failureOf(address, request({ variant }), { 'grpc.max_send_message_length': -1 });
    expect(error.code).toBe(status.RESOURCE_EXHAUSTED);
    expect((await client.benchmark(request())).kind).toBe('OUTCOME_KIND_MEASURED');
  });

  it('says when its queue is full, with a time to wait', async () => {
    const { runJob } = controlledJobs();
    const { address, client } = await serve(runJob, 1);
    const stop = new AbortController();
    const calls = ['a', 'b'].map((jobId) => client.benchmark(request({ jobId }), { signal: stop.signal }));
    for (const call of calls) call.catch(() => undefined);
    await expect.poll(async () => (await client.describe()).queue?.waitingJobs).toBe(1);
    const error = await failureOf(address, request({ jobId: 'c' }));
    expect(error.code).toBe(status.RESOURCE_EXHAUSTED);
    expect(Number(error.metadata.get(ERROR_METADATA.retryAfterMs)[0])).toBeGreaterThan(0);
    stop.abort();
    for (const call of calls) await expect(call).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('stops a job whose caller cancels, misses its deadline or vanishes', async () => {
    const { runJob, started, signalOf } = controlledJobs();
    const { address, client } = await serve(runJob);

    const stop = new AbortController();
    const cancelled = client.benchmark(request({ jobId: 'a' }), { signal: stop.signal });
    await expect.poll(() => started).toContain('a');
    stop.abort();
    await expect(cancelled).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect.poll(() => signalOf('a').aborted).toBe(true);

    await expect(client.benchmark(request({ jobId: 'b' }), { deadlineSeconds: 0.3 })).rejects.toMatchObject({
      code: 'TIMEOUT',
    });
    await expect.poll(() => signalOf('b').aborted).toBe(true);

    const line = await cuttableLine(address);
    const vanishing = connectAgent(line.address).benchmark(request({ jobId: 'c' }));
    await expect.poll(() => started).toContain('c');
    line.cut();
    await expect(vanishing).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect.poll(() => signalOf('c').aborted).toBe(true);
  });

  it('lets a second caller of the job have its outcome when the first leaves', async () => {
    const { runJob, started, finish, signalOf } = controlledJobs();
    const { client } = await serve(runJob);
    const stop = new AbortController();
    const first = client.benchmark(request(), { signal: stop.signal });
    await expect.poll(() => started).toEqual(['job-1']);
    let attached = false;
    const second = client.benchmark(request(), { onProgress: () => (attached = true) });
    await expect.poll(() => attached).toBe(true);
    stop.abort();
    await expect(first).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(signalOf('job-1').aborted).toBe(false);
    finish('job-1');
    expect((await second).kind).toBe('OUTCOME_KIND_MEASURED');
    expect(started).toEqual(['job-1']);
  });

  it('is not held up by a caller that never reads', async () => {
    const { address, client } = await serve(async ({ jobId }, { onProgress }) => {
      if (jobId === 'unread')
        for (let rounds = 0; rounds < 100_000; rounds++) onProgress({ kind: 'measuring', rounds });
      return measured(1, jobId);
    });
    bareClient(address, { 'grpc.use_local_subchannel_pool': 1 })
      .benchmark(request({ jobId: 'unread' }))
      .on('error', () => undefined);
    expect((await client.benchmark(request({ jobId: 'read' }))).kind).toBe('OUTCOME_KIND_MEASURED');
  });

  it('on close stops what runs, tells its caller, and ends', async () => {
    const { runJob, started, signalOf } = controlledJobs();
    const { client, server } = await serve(runJob);
    const call = client.benchmark(request());
    call.catch(() => undefined);
    await expect.poll(() => started).toEqual(['job-1']);
    await server.close();
    expect(signalOf('job-1').aborted).toBe(true);
    await expect(call).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('has no reflection', async () => {
    const { address } = await serve(controlledJobs().runJob);
    const path = '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo';
    const raw = {
      path,
      requestStream: false,
      responseStream: false,
      requestSerialize: () => Buffer.of(),
      requestDeserialize: () => ({}),
      responseSerialize: () => Buffer.of(),
      responseDeserialize: () => ({}),
    };
    const Reflection = makeClientConstructor({ info: raw }, 'ServerReflection');
    const client = new Reflection(address, credentials.createInsecure());
    clients.push(client);
    const error = await new Promise<ServiceError>((resolve) => client.info({}, (e: ServiceError) => resolve(e)));
    expect(error.code).toBe(status.UNIMPLEMENTED);
  });
});

describe('where it may serve', () => {
  const options = {
    port: 0,
    queueCapacity: 1,
    runJob: controlledJobs().runJob,
    identity: { agentVersion: '', deviceId: '', device: DEVICE, backends: [], maxThreads: 1 },
    logger: createLogger('test', 'silent', 'json'),
  };

  it('only on loopback, where the device is not enrolled', async () => {
    for (const host of ['0.0.0.0', '::', '192.168.1.5', 'example.org', '127.0.0.1.example.org', '']) {
      await expect(startServer({ ...options, host })).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
        message: expect.stringContaining('not enrolled'),
      });
    }
  });

  it('not on a port that is taken', async () => {
    const { server } = await serve(controlledJobs().runJob);
    await expect(startServer({ ...options, host: '127.0.0.1', port: server.port })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining('choose another --port'),
    });
  });
});
