import { describe, expect, it, vi } from 'vitest';
import { failure, noFacts } from '../../../../agent/src/job/failure.js';
import type { JobHooks } from '../../../../agent/src/job/job.js';
import { runJob, type Stages } from '../../../../agent/src/job/run-job.js';
import { job, measured } from '../../../support/agent.js';

// The seams between the stages of a job: what each hands to the next, and what happens where one hands over no more. No compiler and
// no child is needed for that.

const JOB = job('seams');
const QUIET = { estimate: 1, low: 0.999, high: 1.001 };
const hooks = (signal = new AbortController().signal): JobHooks => ({ signal, onProgress: () => undefined });

/** Stages that hand a value on, each with its own name added, and the names of those that ran. */
function stagesThatPass(): { stages: Stages; ran: string[]; handed: Record<string, unknown> } {
  const ran: string[] = [];
  const handed: Record<string, unknown> = {};
  const passOn =
    (name: string) =>
    (value: object): object => {
      ran.push(name);
      handed[name] = value;
      return { ...value, [name]: true };
    };
  const stages = {
    choosePrograms: passOn('choose'),
    tunePlan: passOn('tune'),
    buildPrograms: passOn('build'),
    loadPrograms: (built: object, _: JobHooks, action: (loaded: object, control: object) => unknown) =>
      action(passOn('load')(built), QUIET),
    checkPrograms: passOn('check'),
    timePrograms: passOn('time'),
    judgeAccuracy: passOn('judge'),
    outcomeOf: (timed: object, control: object) => {
      ran.push('outcome');
      handed.outcome = timed;
      handed.control = control;
      return measured(1.1, JOB.jobId);
    },
  };
  return { stages: stages as unknown as Stages, ran, handed };
}

const ORDER = ['choose', 'tune', 'build', 'load', 'check', 'time', 'judge', 'outcome'];

describe('the stages of a job', () => {
  it('run in their order, each with what the one before it gave, and the last one’s outcome is the job’s', async () => {
    const { stages, ran, handed } = stagesThatPass();
    expect(await runJob(JOB, hooks(), stages)).toEqual(measured(1.1, JOB.jobId));
    expect(ran).toEqual(ORDER);
    expect(handed.choose).toBe(JOB);
    ORDER.slice(1).forEach((name, index) => {
      expect(Object.keys(handed[name] as object)).toEqual(expect.arrayContaining(ORDER.slice(0, index + 1)));
    });
    expect(handed.control).toBe(QUIET);
  });

  it.each([
    ['choosePrograms', ['choose']],
    ['buildPrograms', ['choose', 'tune', 'build']],
    ['checkPrograms', ['choose', 'tune', 'build', 'load', 'check']],
  ] as const)('end with the outcome that %s gives in place of a value', async (name, expected) => {
    const { stages, ran } = stagesThatPass();
    const refused = failure(noFacts(JOB), 'OUTCOME_KIND_UNSUPPORTED', 'Not today.');
    const refuse = async (): Promise<typeof refused> => {
      ran.push(expected[expected.length - 1]);
      return refused;
    };
    expect(await runJob(JOB, hooks(), { ...stages, [name]: refuse })).toBe(refused);
    expect(ran).toEqual(expected);
  });

  it('are cancelled wherever one throws after the caller has left', async () => {
    for (const name of ['choosePrograms', 'tunePlan', 'buildPrograms', 'loadPrograms', 'timePrograms'] as const) {
      const stop = new AbortController();
      const leave = async (): Promise<never> => {
        stop.abort();
        throw new Error('broken off');
      };
      const outcome = await runJob(JOB, hooks(stop.signal), { ...stagesThatPass().stages, [name]: leave });
      expect(outcome).toMatchObject({ kind: 'OUTCOME_KIND_CANCELLED', jobId: JOB.jobId });
    }
  });

  it('let a fault of ours through, and say of a full disk that it is full', async () => {
    const { stages } = stagesThatPass();
    const fault = new Error('our own');
    const failing = (error: Error): Partial<Stages> => ({ ...stages, tunePlan: vi.fn().mockRejectedValue(error) });
    await expect(runJob(JOB, hooks(), failing(fault))).rejects.toBe(fault);
    const full = Object.assign(new Error('write'), { code: 'ENOSPC' });
    await expect(runJob(JOB, hooks(), failing(full))).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
  });
});
