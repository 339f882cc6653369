import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { loadAgentProto, type MeasuringProtocol } from '@alphatensor-edge/proto';
import type { AlphaTensorError } from '@alphatensor-edge/shared';
import { Client, credentials, type ServiceError, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AgentStatus } from '../../agent/src/operations/status.js';
import { withHostLock } from '../../agent/src/process/host-lock.js';
import { type AgentClient, type AgentProgress, connectAgent } from '../../trainer/src/fleet/agent-client.js';
import { openPool, type PoolEvent } from '../../trainer/src/fleet/agent-pool.js';
import { type BenchmarkTask, benchmarkRequest } from '../../trainer/src/fleet/request.js';
import { request, TASK } from '../support/agent.js';
import {
  type AgentProcess,
  descendants,
  endAllAgents,
  type ProcessId,
  runAgent,
  startAgent,
  stillRunning,
} from '../support/agent-process.js';

const QUICK: Partial<MeasuringProtocol> = {
  minRounds: 3,
  maxRounds: 5,
  minSampleSeconds: 0.001,
  minWarmupSeconds: 0.01,
  budgetSeconds: 5,
};
/** Goes on until it is stopped. */
const ENDLESS: Partial<MeasuringProtocol> = {
  minRounds: 1000,
  maxRounds: 10_000,
  minSampleSeconds: 0.05,
  budgetSeconds: 600,
};

const quick: BenchmarkTask = { ...TASK, protocol: QUICK };
const endless: BenchmarkTask = { ...TASK, protocol: ENDLESS };

let agent: AgentProcess;
let client: AgentClient;
let compiles = false;

beforeAll(async () => {
  agent = await startAgent('--queue', '1');
  client = connectAgent(agent.address);
  compiles = (await client.describe()).backends.some(({ name, available }) => name === TASK.backend && available);
});

afterAll(() => {
  client.close();
  endAllAgents();
});

/** Tests that measure for real need the backend. */
function itMeasures(name: string, test: () => Promise<void>): void {
  it(name, async (context) => {
    context.skip(!compiles, `the backend ${TASK.backend} is not available here; see at-agent doctor`);
    await test();
  });
}

/** Resolves with the agent's processes once one of its jobs is being timed. */
async function measuring(
  start: (onProgress: (progress: { stage: string }) => void) => void,
  pid: number,
): Promise<ProcessId[]> {
  await new Promise<void>((resolve) => start(({ stage }) => stage === 'measuring' && resolve()));
  const found = descendants(pid);
  expect(found).not.toEqual([]);
  return found;
}

describe('at-agent serve', () => {
  itMeasures('measures, and gives the same job id the same result', async () => {
    const message = benchmarkRequest(quick, 'once');
    const stages = new Set<string>();
    const first = await client.benchmark(message, { onProgress: ({ stage }) => stages.add(stage) });
    expect(first).toMatchObject({ kind: 'OUTCOME_KIND_MEASURED', jobId: 'once' });
    expect(first.measurement!.baselineSeconds.length).toBeGreaterThanOrEqual(3);
    expect(first.measurement!.candidateSeconds.length).toBe(first.measurement!.baselineSeconds.length);
    expect([...stages]).toEqual(expect.arrayContaining(['queued', 'compiling', 'measuring']));
    expect(await client.benchmark(message)).toEqual(first);
    await expect(client.benchmark({ ...message, levels: [] })).rejects.toMatchObject({ details: { field: 'job_id' } });
  });

  itMeasures('says to the trainer and in its status whose measurement it waits for', async () => {
    const holders: string[] = [];
    const job = await withHostLock({ signal: new AbortController().signal }, async () => {
      const onProgress = (progress: AgentProgress) => progress.stage === 'waiting' && holders.push(progress.holder);
      const outcome = client.benchmark(benchmarkRequest(quick, 'waits'), { onProgress });
      await expect.poll(() => holders.length, { timeout: 60_000 }).toBe(1);
      expect((await runAgent('status')).stdout).toMatch(new RegExp(`^waits for process ${process.pid}\\b`, 'm'));
      return { outcome };
    });
    expect((await job.outcome).kind).toBe('OUTCOME_KIND_MEASURED');
    expect(holders[0]).toMatch(new RegExp(`^process ${process.pid}\\b`));
    expect((await runAgent('status')).stdout).not.toContain('waits for');
  });

  describe('refuses with one clear sentence', () => {
    const [level] = request().levels;
    const u = level.u!;
    const problem = request().problem!;
    const cases: [name: string, changes: Parameters<typeof request>[0], code: string, field: string | undefined][] = [
      [
        'a factorization that does not reconstruct',
        { levels: [{ ...level, u: { ...u, coefficients: u.coefficients.map((x) => -x) } }] },
        'NOT_A_FACTORIZATION',
        'levels[0]',
      ],
      [
        'coefficients out of bounds',
        { levels: [{ ...level, u: { ...u, coefficients: u.coefficients.with(0, 1e6) } }] },
        'INVALID_ARGUMENT',
        'levels[0].u',
      ],
      [
        'u of the wrong length',
        { levels: [{ ...level, u: { ...u, coefficients: [1, 2] } }] },
        'INVALID_ARGUMENT',
        'levels[0].u',
      ],
      [
        'v of the wrong length',
        { levels: [{ ...level, v: { ...u, coefficients: [] } }] },
        'INVALID_ARGUMENT',
        'levels[0].v',
      ],
      ['w that is missing', { levels: [{ ...level, w: null }] }, 'INVALID_ARGUMENT', 'levels[0].w'],
      ['a rank of 10,000', { levels: [{ ...level, rank: 10_000 }] }, 'INVALID_ARGUMENT', 'levels[0].rank'],
      ['M = 0', { problem: { ...problem, m: 0 } }, 'INVALID_ARGUMENT', 'problem.m'],
      ['an unknown backend', { backend: 'fortran' }, 'INVALID_ARGUMENT', 'backend'],
      ['another protocol version', { protocolVersion: 99 }, 'INCOMPATIBLE_VERSION', 'protocol_version'],
      ['a message of 100 MB', { variant: 'x'.repeat(100 * 1024 * 1024) }, 'INVALID_ARGUMENT', undefined],
    ];

    beforeEach(async () => {
      expect(await client.isServing()).toBe(true);
    });

    for (const [name, changes, code, field] of cases) {
      it(name, async () => {
        const error: AlphaTensorError = await client.benchmark(request(changes)).then(
          () => expect.unreachable('it was accepted'),
          (reason) => reason,
        );
        expect(error).toMatchObject({ code });
        expect(error.details.field).toBe(field);
        expect(error.message).toMatch(/^[^\n]+\.$/);
        expect(error.message.length).toBeLessThan(400);
        expect(await client.isServing()).toBe(true);
      });
    }

    it('bytes that are no gRPC, or no message of ours, by going on', async () => {
      const socket = connect(agent.port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.resume().end(Buffer.alloc(100_000, 'GET / HTTP/1.1\r\n'));
      // The agent may close it before it has read all of it, which is an error to the socket.
      await new Promise((resolve) => socket.once('close', resolve));

      const { path } = loadAgentProto().BenchmarkAgent.service.Benchmark;
      const bare = new Client(agent.address, credentials.createInsecure());
      const call = bare.makeServerStreamRequest(path, () => Buffer.alloc(1000, 0xff), String, null);
      call.on('data', () => undefined);
      const [error] = (await once(call, 'error')) as [ServiceError];
      expect(error.code).toBe(status.INTERNAL);
      bare.close();
      expect(await client.isServing()).toBe(true);
    });

    it('an unknown backend with a list of those available', async () => {
      const available = (await client.describe()).backends.filter((backend) => backend.available);
      const refusal = client.benchmark(request({ backend: 'fortran' }));
      for (const { name } of available) await expect(refusal).rejects.toThrow(name);
      await refusal.catch(() => undefined);
    });

    itMeasures('and measures afterwards', async () => {
      expect((await client.benchmark(benchmarkRequest(quick, 'afterwards'))).kind).toBe('OUTCOME_KIND_MEASURED');
    });
  });

  itMeasures('refuses a job over its queue, and lets the running one be cancelled', async () => {
    const stop = new AbortController();
    const calls: Promise<unknown>[] = [];
    const processes = await measuring((onProgress) => {
      calls.push(client.benchmark(benchmarkRequest(endless, 'long-1'), { signal: stop.signal, onProgress }));
    }, agent.pid);
    await new Promise<void>((resolve) => {
      const onProgress = (): void => resolve();
      calls.push(client.benchmark(benchmarkRequest(endless, 'long-2'), { signal: stop.signal, onProgress }));
    });
    await expect(client.benchmark(benchmarkRequest(endless, 'long-3'))).rejects.toMatchObject({
      code: 'RESOURCE_EXHAUSTED',
      message: expect.stringContaining('queue is full'),
    });
    stop.abort();
    for (const call of calls) await expect(call).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect.poll(() => stillRunning(processes), { timeout: 2000 }).toEqual([]);
    await expect.poll(async () => (await client.describe()).queue?.runningJobs).toBe(0);
  });

  itMeasures('stops a measurement within 2 s when its client vanishes', async () => {
    const module = (path: string): string =>
      fileURLToPath(new URL(`../../trainer/dist/fleet/${path}`, import.meta.url));
    const script = `
      import { connectAgent } from ${JSON.stringify(module('agent-client.js'))};
      const message = ${JSON.stringify(benchmarkRequest(endless, 'vanishing'))};
      await connectAgent('${agent.address}').benchmark(message, { onProgress: ({ stage }) => console.log(stage) });`;
    const vanishing = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const processes = await measuring((onProgress) => {
      createInterface({ input: vanishing.stdout }).on('line', (stage) => onProgress({ stage }));
    }, agent.pid);
    vanishing.kill('SIGKILL');
    await once(vanishing, 'exit');
    await expect.poll(() => stillRunning(processes), { timeout: 2000 }).toEqual([]);
    expect((await client.benchmark(benchmarkRequest(quick, 'after-vanishing'))).kind).toBe('OUTCOME_KIND_MEASURED');
  });

  itMeasures('on SIGTERM stops what goes on for longer than it may drain, and ends with 0', async () => {
    const other = await startAgent('--drain', '1');
    const caller = connectAgent(other.address);
    let call: Promise<unknown> = Promise.resolve();
    const processes = await measuring((onProgress) => {
      call = caller.benchmark(benchmarkRequest(endless, 'term'), { onProgress });
      call.catch(() => undefined);
    }, other.pid);
    expect(await other.end('SIGTERM')).toBe(0);
    await expect(call).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(stillRunning(processes)).toEqual([]);
    caller.close();
  });

  itMeasures('tells its last job to at-agent status, and counts it for Prometheus', async () => {
    const other = await startAgent('--metrics-port', '0');
    const caller = connectAgent(other.address);
    await caller.benchmark(benchmarkRequest(quick, 'told'));
    const { stdout } = await runAgent('status', '--json');
    const [told] = (JSON.parse(stdout) as AgentStatus[]).filter(({ pid }) => pid === other.pid);
    expect(told).toMatchObject({ address: other.address, lastJob: { jobId: 'told', outcome: 'measured' } });
    const metrics = await (await fetch(`http://127.0.0.1:${other.metricsPort}/metrics`)).text();
    expect(metrics).toContain('alphatensor_agent_jobs_total{outcome="measured"} 1\n');
    expect((await runAgent('status')).stdout).toMatch(/last job {2}told, measured, \d/);
    caller.close();
    await other.end('SIGINT');
    expect((await runAgent('status')).stdout).not.toContain(other.address);
  });

  it('is one device over its restarts, and another agent is refused its port', async () => {
    const { deviceId } = await client.describe();
    const other = await startAgent();
    const caller = connectAgent(other.address);
    expect((await caller.describe()).deviceId).toBe(deviceId);
    caller.close();
    const { code, stderr } = await runAgent('serve', '--port', String(other.port));
    expect(code).toBe(6);
    expect(stderr).toMatch(/^error: The agent cannot listen on [^\n]+choose another --port[^\n]+\.\n$/);
    expect(await other.end('SIGINT')).toBe(0);
  });

  it('does not start where other machines could reach it without credentials, and says why', async () => {
    const { code, stdout, stderr } = await runAgent('serve', '--host', '0.0.0.0', '--port', '0');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(
      /^error: Other machines could reach "0\.0\.0\.0"[^\n]+not enrolled[^\n]+at-agent enroll[^\n]+\n$/,
    );
  });

  it('says what is wrong with the command line', async () => {
    for (const options of [['serve', '--port', '99999'], ['serve', '--bogus'], ['bogus']]) {
      const { code, stderr } = await runAgent(...options);
      expect(code).toBe(2);
      expect(stderr).toMatch(/^error: /);
    }
    expect((await runAgent('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('an agent that is killed in mid-measurement', () => {
  /** A pool of one, with short waits; what it says; and a way to be told when it measures. */
  async function poolOf(address: string, patienceSeconds: number) {
    const events: PoolEvent[] = [];
    const caller = connectAgent(address);
    const pool = await openPool([{ name: 'victim', client: caller }], {
      onEvent: (event) => events.push(event),
      firstBackoffMs: 200,
      maxBackoffMs: 500,
      patienceSeconds,
    });
    return { pool, events };
  }

  itMeasures('takes its children with it; the job is done when it is started again', async () => {
    const victim = await startAgent();
    const { pool, events } = await poolOf(victim.address, 60);
    const task: BenchmarkTask = {
      ...quick,
      protocol: { ...QUICK, minRounds: 100, maxRounds: 100, minSampleSeconds: 0.02 },
    };
    let result: ReturnType<typeof pool.measure> | undefined;
    const processes = await measuring((onProgress) => {
      result = pool.measure(task, { onProgress: (_, progress) => onProgress(progress) });
    }, victim.pid);
    expect(await victim.end('SIGKILL')).toBe('SIGKILL');
    await expect.poll(() => stillRunning(processes), { timeout: 2000 }).toEqual([]);
    const again = await startAgent('--port', String(victim.port));
    expect(await result).toMatchObject([{ kind: 'outcome', outcome: { kind: 'OUTCOME_KIND_MEASURED' } }]);
    expect(events.map(({ kind }) => kind)).toEqual(['away', 'retry', 'back']);
    pool.close();
    await again.end('SIGTERM');
  });

  itMeasures('loses the job, with a reason, when it stays away', async () => {
    const victim = await startAgent();
    const { pool, events } = await poolOf(victim.address, 1);
    let result: ReturnType<typeof pool.measure> | undefined;
    await measuring((onProgress) => {
      result = pool.measure(endless, { onProgress: (_, progress) => onProgress(progress) });
    }, victim.pid);
    await victim.end('SIGKILL');
    expect(await result).toMatchObject([{ kind: 'lost', reason: expect.stringContaining('no longer answers') }]);
    expect(events.at(-1)).toMatchObject({ kind: 'lost' });
    pool.close();
  });
});
