import { AlphaTensorError } from '@alphatensor-edge/shared';
import { describe, expect, it } from 'vitest';
import { type JobEvent, JobQueue } from '../../../../agent/src/server/queue.js';
import { controlledJobs, job, measured } from '../../../support/agent.js';

const ignore = (): void => undefined;

describe('job queue', () => {
  it('runs one job at a time, in order, and says how many are ahead', async () => {
    const { runJob, started, finish } = controlledJobs();
    const queue = new JobQueue(runJob, 16);
    const events: JobEvent[] = [];
    const tickets = ['a', 'b', 'c'].map((id) =>
      queue.submit(job(id), id, id === 'c' ? (event) => events.push(event) : ignore),
    );
    expect(started).toEqual(['a']);
    expect(queue.state).toEqual({ runningJobs: 1, waitingJobs: 2, capacityJobs: 16 });
    for (const [index, id] of ['a', 'b', 'c'].entries()) {
      finish(id);
      expect((await tickets[index].outcome).jobId).toBe(id);
    }
    expect(started).toEqual(['a', 'b', 'c']);
    expect(events).toEqual([
      { kind: 'queued', jobsAhead: 2 },
      { kind: 'queued', jobsAhead: 1 },
      { kind: 'compiling', compiler: 'test' },
    ]);
    expect(queue.state.runningJobs).toBe(0);
  });

  it('refuses a job when the queue is full, and takes jobs again afterwards', async () => {
    const { runJob, finish } = controlledJobs();
    const queue = new JobQueue(runJob, 2);
    const tickets = ['a', 'b', 'c'].map((id) => queue.submit(job(id), id, ignore));
    expect(() => queue.submit(job('d'), 'd', ignore)).toThrow(
      expect.objectContaining({ code: 'RESOURCE_EXHAUSTED', message: expect.stringContaining('full (2 jobs wait)') }),
    );
    finish('a');
    await tickets[0].outcome;
    queue.submit(job('d'), 'd', ignore);
    expect(queue.state.waitingJobs).toBe(2);
  });

  it('gives the same job id the same result, running or finished, and runs it once', async () => {
    const { runJob, started, finish } = controlledJobs();
    const queue = new JobQueue(runJob, 16);
    const first = queue.submit(job('a'), 'x', ignore);
    const second = queue.submit(job('a'), 'x', ignore);
    finish('a');
    expect(await second.outcome).toBe(await first.outcome);
    expect(await queue.submit(job('a'), 'x', ignore).outcome).toBe(await first.outcome);
    expect(started).toEqual(['a']);
  });

  it('refuses a job id that was used for another request', async () => {
    const { runJob, finish } = controlledJobs();
    const queue = new JobQueue(runJob, 16);
    const ticket = queue.submit(job('a'), 'x', ignore);
    const reuse = (): unknown => queue.submit(job('a'), 'y', ignore);
    const refusal = expect.objectContaining({ code: 'INVALID_ARGUMENT', details: { field: 'job_id' } });
    expect(reuse).toThrow(refusal);
    finish('a');
    await ticket.outcome;
    expect(reuse).toThrow(refusal);
  });

  it('stops a job when its last caller leaves, not before, and then runs the id afresh', async () => {
    const { runJob, started, signalOf, finish } = controlledJobs();
    const queue = new JobQueue(runJob, 16);
    const first = queue.submit(job('a'), 'x', ignore);
    const second = queue.submit(job('a'), 'x', ignore);
    first.release();
    first.release();
    expect(signalOf('a').aborted).toBe(false);
    second.release();
    expect(signalOf('a').aborted).toBe(true);
    await expect(second.outcome).rejects.toMatchObject({ code: 'CANCELLED' });
    const again = queue.submit(job('a'), 'x', ignore);
    await expect.poll(() => started).toEqual(['a', 'a']);
    finish('a');
    expect((await again.outcome).kind).toBe('OUTCOME_KIND_MEASURED');
  });

  it('takes a waiting job out when its caller leaves', async () => {
    const { runJob, started, finish } = controlledJobs();
    const queue = new JobQueue(runJob, 16);
    const a = queue.submit(job('a'), 'a', ignore);
    const b = queue.submit(job('b'), 'b', ignore);
    const c = queue.submit(job('c'), 'c', ignore);
    b.release();
    finish('a');
    await a.outcome;
    finish('c');
    await c.outcome;
    expect(started).toEqual(['a', 'c']);
  });

  it('does not keep a result of a job given up at the last moment for a new job of its id', async () => {
    let endFirst: () => void = () => undefined;
    const results = [1, 2].map((speedup) => measured(speedup, 'a'));
    let runs = 0;
    // The first run is past heeding its signal.
    const queue = new JobQueue(async () => {
      const result = results[runs++];
      if (runs === 1) await new Promise<void>((resolve) => (endFirst = resolve));
      return result;
    }, 16);
    queue.submit(job('a'), 'x', ignore).release();
    const other = queue.submit(job('a'), 'y', ignore);
    endFirst();
    expect(await other.outcome).toBe(results[1]);
    expect(await queue.submit(job('a'), 'y', ignore).outcome).toBe(results[1]);
  });

  it('hands a fault to the callers and goes on with the next job', async () => {
    const queue = new JobQueue(async ({ jobId }) => {
      if (jobId === 'bad') throw new TypeError('boom');
      return { kind: 'OUTCOME_KIND_MEASURED', jobId } as never;
    }, 16);
    const bad = queue.submit(job('bad'), 'bad', ignore);
    const good = queue.submit(job('good'), 'good', ignore);
    await expect(bad.outcome).rejects.toThrow('boom');
    expect((await good.outcome).jobId).toBe('good');
  });

  it('closes: the running job is stopped, waiting ones are refused, and nothing more is taken', async () => {
    const { runJob, signalOf } = controlledJobs();
    const queue = new JobQueue(runJob, 16);
    const running = queue.submit(job('a'), 'a', ignore);
    const waiting = queue.submit(job('b'), 'b', ignore);
    await queue.close();
    expect(signalOf('a').aborted).toBe(true);
    await expect(running.outcome).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(waiting.outcome).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(() => queue.submit(job('c'), 'c', ignore)).toThrow(AlphaTensorError);
  });

  it('drains: the running job ends in its own time, waiting ones are refused at once', async () => {
    const { runJob, finish, signalOf } = controlledJobs();
    const queue = new JobQueue(runJob, 16);
    const running = queue.submit(job('a'), 'a', ignore);
    const waiting = queue.submit(job('b'), 'b', ignore);
    const closed = queue.close(3600);
    await expect(waiting.outcome).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(signalOf('a').aborted).toBe(false);
    finish('a');
    expect((await running.outcome).kind).toBe('OUTCOME_KIND_MEASURED');
    await closed;
  });
});
