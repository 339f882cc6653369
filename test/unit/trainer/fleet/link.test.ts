import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { RunJob } from '../../../../agent/src/job/job.js';
import type { RunningServer } from '../../../../agent/src/server/server.js';
import { type Credentials, loadCredentials } from '../../../../agent/src/trainer/credentials.js';
import { holdLink } from '../../../../agent/src/trainer/link.js';
import { type AgentClient, connectAgent } from '../../../../trainer/src/fleet/agent-client.js';
import { openPool } from '../../../../trainer/src/fleet/agent-pool.js';
import { addAgent, listAgents, removeAgent, resolveAgent } from '../../../../trainer/src/fleet/agent-registry.js';
import { connectAgents } from '../../../../trainer/src/fleet/session.js';
import { fleetState } from '../../../../trainer/src/fleet/state.js';
import { controlledJobs, measured, request, TASK } from '../../../support/agent.js';
import {
  type Line,
  lineTo,
  memoryLogger,
  startTestAgent,
  startTestTrainer,
  TEST_IDENTITY,
  type TestTrainer,
} from '../../../support/trust.js';

/** Probes that follow each other quickly. */
const SOON = { firstBackoffMs: 50, maxBackoffMs: 500, patienceSeconds: 10 };

let trainer: TestTrainer;
let line: Line;

beforeAll(async () => {
  trainer = await startTestTrainer();
  line = await lineTo(trainer.port);
});

afterAll(() => {
  line.close();
  trainer.close();
});

const closers: (() => unknown)[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  for (const close of closers.splice(0).reverse()) await close();
});

/** Moves the clock on, but not the timers. */
function advanceClock(ms: number): void {
  vi.spyOn(Date, 'now').mockImplementation(() => performance.timeOrigin + performance.now() + ms);
}

/** Waits until the hub has looked at its connections again, which it does every second. */
async function staysUndefined(read: () => unknown): Promise<boolean> {
  await new Promise((resolve) => setTimeout(resolve, 1200));
  return read() === undefined;
}

interface DialOptions {
  readonly queueCapacity?: number;
  /** Where the state of a device is that was enrolled before. */
  readonly enrolled?: string;
  readonly deviceId?: string;
}

/** A device that was enrolled and dials in over the line. */
async function dialIn(
  name: string,
  runJob: RunJob,
  { queueCapacity = 16, enrolled, deviceId = `device-of-${name}` }: DialOptions = {},
): Promise<{ agent: RunningServer; state: string; log: () => string; leave: () => Promise<void> }> {
  const state = enrolled ?? (await trainer.enrol(name)).state;
  // A device keeps its id when it is started again.
  const identity = { ...TEST_IDENTITY, deviceId };
  const agent = await startTestAgent({ runJob, queueCapacity, identity });
  const { logger, text } = memoryLogger();
  const credentials = (): Credentials => ({ ...loadCredentials(state)!, trainer: line.address });
  const link = holdLink({ credentials, serve: agent.serveLinked, logger });
  const leave = async (): Promise<void> => {
    link.close();
    await agent.close();
  };
  closers.push(leave);
  await expect.poll(text, { timeout: 5000 }).toContain('connected to the trainer');
  return { agent, state, log: text, leave };
}

function clientOf(name: string): AgentClient {
  const client = connectAgent(resolveAgent(name));
  closers.push(client.close);
  return client;
}

describe('a link that a device dialled', () => {
  it('carries jobs like any other connection: progress, outcome, the same id once', async () => {
    let runs = 0;
    await dialIn('plain', async ({ jobId }, { onProgress }) => {
      runs++;
      onProgress({ kind: 'compiling', compiler: 'test' });
      return measured(1.3, jobId);
    });
    expect(listAgents().map(({ name }) => name)).toContain('plain');
    const client = clientOf('plain');
    expect((await client.describe()).agentVersion).toBe('0.1.0');
    expect(await client.isServing()).toBe(true);
    const stages: string[] = [];
    const first = await client.benchmark(request(), { onProgress: ({ stage }) => stages.push(stage) });
    expect(first.measurement?.speedup?.estimate).toBe(1.3);
    expect(stages).toEqual(['queued', 'compiling']);
    expect(await clientOf('plain').benchmark(request())).toEqual(first);
    expect(runs).toBe(1);
  });

  it('carries the faults: a field that is wrong, a full queue, a deadline', async () => {
    const { runJob, started, signalOf } = controlledJobs();
    await dialIn('faults', runJob, { queueCapacity: 0 });
    const client = clientOf('faults');
    await expect(client.benchmark(request({ backend: 'fortran' }))).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      details: { field: 'backend' },
    });
    const late = client.benchmark(request({ jobId: 'late' }), { deadlineSeconds: 0.5 });
    late.catch(() => undefined);
    await expect.poll(() => started).toEqual(['late']);
    await expect(client.benchmark(request({ jobId: 'second' }))).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
    // A caller that is gone stops its job on the device.
    await expect.poll(() => signalOf('late').aborted).toBe(true);
  });

  it('stops a job that is cancelled, or whose command ended', async () => {
    const { runJob, started, signalOf } = controlledJobs();
    await dialIn('cancelled', runJob);
    const stop = new AbortController();
    const call = clientOf('cancelled').benchmark(request({ jobId: 'a' }), { signal: stop.signal });
    const process = await lineTo(resolveAgent('cancelled').replace('unix:', ''));
    closers.push(process.close);
    const other = connectAgent(process.address);
    closers.push(other.close);
    other.benchmark(request({ jobId: 'b' })).catch(() => undefined);
    await expect.poll(() => started.length).toBe(1);
    stop.abort();
    await expect(call).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect.poll(() => [...started].sort()).toEqual(['a', 'b']);
    process.cut();
    await expect.poll(() => started.every((id) => signalOf(id).aborted)).toBe(true);
  });

  it('takes large messages both ways, of several commands at once', async () => {
    const message = 'x'.repeat(500_000);
    await dialIn('large', async ({ jobId }) => ({ ...measured(1, jobId), diagnostics: message }));
    const clients = [1, 2, 3, 4].map(() => clientOf('large'));
    const outcomes = await Promise.all(clients.map((client, i) => client.benchmark(request({ jobId: `job-${i}` }))));
    expect(outcomes.map(({ diagnostics }) => diagnostics.length)).toEqual([500_000, 500_000, 500_000, 500_000]);
  });

  it('says so where the device is not connected', async () => {
    await trainer.enrol('absent');
    await expect(clientOf('absent').describe()).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining('absent is not connected; run at-agent serve --connect there'),
    });
  });

  it('ends with a revocation, and does not come back', async () => {
    const { runJob, started, signalOf } = controlledJobs();
    const { log } = await dialIn('leaver', runJob);
    const call = clientOf('leaver').benchmark(request({ jobId: 'last' }));
    const failed = expect(call).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    await expect.poll(() => started).toEqual(['last']);
    trainer.withStore((store) => store.revoke('leaver'));
    await failed;
    await expect.poll(log, { timeout: 5000 }).toContain('leaver was revoked');
    expect(() => resolveAgent('leaver')).toThrow(/No agent is named/);
    // Nobody would take what it measures.
    await expect.poll(() => signalOf('last').aborted).toBe(true);
  });

  it('ends what a run has waiting for the device, too', async () => {
    const { runJob, started } = controlledJobs();
    await dialIn('banned', runJob);
    const pool = await connectAgents(['banned']);
    closers.push(() => pool.close());
    const result = pool.measure(TASK);
    await expect.poll(() => started.length).toBe(1);
    trainer.withStore((store) => store.revoke('banned'));
    expect(await result).toMatchObject([{ kind: 'lost', reason: expect.stringContaining('banned') }]);
  });
});

describe('who is who', () => {
  it('is said by the certificate: a device that answers with the id of another is not believed', async () => {
    await dialIn('original', controlledJobs().runJob);
    await clientOf('original').describe();
    await dialIn('copy', controlledJobs().runJob, { deviceId: 'device-of-original' });
    await expect(clientOf('copy').describe()).rejects.toMatchObject({
      code: 'NOT_BELIEVED',
      message: expect.stringMatching(/^copy answers with the device id of original, .* agents revoke original\.$/),
    });
    // The original is still itself, and a device that is no longer enrolled holds no id.
    await clientOf('original').describe();
    trainer.withStore((store) => store.revoke('original'));
    await clientOf('copy').describe();
  });

  it('is in doubt where two connections use one key, which is logged and listed', async () => {
    const { state } = await dialIn('twice', controlledJobs().runJob);
    expect(trainer.log()).not.toContain('connected a second time');
    await dialIn('twice', controlledJobs().runJob, { enrolled: state });
    await expect.poll(trainer.log).toContain('agent connected a second time');
    const seen = () => trainer.withStore((store) => store.list()).find(({ name }) => name === 'twice');
    expect(seen()).toMatchObject({ doubledAt: undefined, certificateUntil: expect.any(Date) });
    // A connection that was cut is noticed within 25 s. Both that are still there then are real.
    advanceClock(15_000);
    expect(await staysUndefined(() => seen()?.doubledAt)).toBe(true);
    advanceClock(26_000);
    await expect.poll(() => seen()?.doubledAt, { timeout: 5000 }).toBeInstanceOf(Date);
    expect(trainer.log()).toMatch(/two connections use the key of one device: .* run at-trainer agents revoke/);
    const said: string[] = [];
    const pool = await connectAgents(['twice'], { onMessage: (line) => said.push(line) });
    closers.push(() => pool.close());
    expect(said).toEqual([
      expect.stringMatching(/^warning: two connections used the key of twice .*agents revoke twice/),
    ]);
  }, 20_000);

  it('is not in doubt where a device is started again, whose old connection is noticed to be cut', async () => {
    const { state, leave } = await dialIn('restarted', controlledJobs().runJob);
    await leave();
    await dialIn('restarted', controlledJobs().runJob, { enrolled: state });
    advanceClock(60_000);
    const seen = () => trainer.withStore((store) => store.list()).find(({ name }) => name === 'restarted');
    expect(await staysUndefined(() => seen()?.doubledAt)).toBe(true);
  });

  it('is the enrolled name’s own: an address beside its link is said, and one on this machine refused', async () => {
    await trainer.enrol('named');
    expect(() => addAgent('named', '127.0.0.1:50051')).toThrow(/named is an enrolled device/);
    expect(() => removeAgent('named')).toThrow(/named is enrolled and has no address to forget; .* revoke named/);
    expect(addAgent('named', '192.0.2.7:50051')).toEqual({ isEnrolled: true });
    expect(resolveAgent('named')).toBe('192.0.2.7:50051');
    expect(removeAgent('named')).toEqual({ isEnrolled: true });
    expect(resolveAgent('named')).toMatch(/^unix:/);
  });

  it('is listed: who is enrolled until when, who is invited, who was revoked', async () => {
    await trainer.enrol('gone');
    trainer.withStore((store) => store.revoke('gone'));
    trainer.invite('expected', 900);
    const states = await fleetState(listAgents());
    const of = (name: string) => states.find((status) => status.name === name);
    expect(of('named')?.certificateExpires).toMatch(/^\d{4}-/);
    expect(of('gone')).toMatchObject({ state: 'revoked', at: expect.any(String) });
    expect(of('expected')).toMatchObject({ state: 'invited', at: expect.any(String) });
  }, 20_000);
});

describe('a run over a link goes on by itself', () => {
  it('after a cut of the network: the job was never stopped', async () => {
    const { runJob, started, finish, signalOf } = controlledJobs();
    await dialIn('cut', runJob);
    const pool = await openPool([{ name: 'cut', client: clientOf('cut') }], SOON);
    closers.push(() => pool.close());
    const result = pool.measure(TASK);
    await expect.poll(() => started.length).toBe(1);
    line.cut();
    setTimeout(() => finish(started[0]), 300);
    setTimeout(line.mend, 600);
    expect(await result).toMatchObject([{ kind: 'outcome', outcome: { kind: 'OUTCOME_KIND_MEASURED' } }]);
    expect(signalOf(started[0]).aborted).toBe(false);
    expect(started.length).toBe(1);
  });

  it('after a restart of the device: the job is done again', async () => {
    const first = controlledJobs();
    const { state, leave } = await dialIn('reboot', first.runJob);
    const pool = await openPool([{ name: 'reboot', client: clientOf('reboot') }], SOON);
    closers.push(() => pool.close());
    const result = pool.measure(TASK);
    await expect.poll(() => first.started.length).toBe(1);
    await leave();
    await dialIn('reboot', async ({ jobId }) => measured(1.4, jobId), { enrolled: state });
    expect(await result).toMatchObject([{ kind: 'outcome', jobId: first.started[0] }]);
  });

  it('after a restart of the hub', async () => {
    const { runJob, started, finish, signalOf } = controlledJobs();
    await dialIn('faithful', runJob);
    const pool = await openPool([{ name: 'faithful', client: clientOf('faithful') }], SOON);
    closers.push(() => pool.close());
    const result = pool.measure(TASK);
    await expect.poll(() => started.length).toBe(1);
    await trainer.restart();
    setTimeout(() => finish(started[0]), 300);
    expect(await result).toMatchObject([{ kind: 'outcome' }]);
    expect(signalOf(started[0]).aborted).toBe(false);
  });
});
