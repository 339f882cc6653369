import { present } from '@alphatensor-edge/shared';
import { type DeviceState, readDeviceState } from '../device/environment.js';
import { RUNS_OF_CHECK } from '../measure/correctness.js';
import { MIN_WARMUP_RUNS } from '../measure/protocol.js';
import { type Rounds, timeRounds } from '../measure/rounds.js';
import type { Checked } from './check.js';
import type { JobHooks } from './job.js';
import { BASELINE, SIDE } from './sides.js';

/** Holds a job that was timed. */
export interface Timed extends Checked {
  readonly rounds: Rounds;
  /** The state of the device just before and after. */
  readonly before: DeviceState;
  readonly after: DeviceState;
}

/** Times a job's programs against the baseline. Without a candidate it times the baseline against itself. */
export async function timePrograms(checked: Checked, { onProgress }: JobHooks): Promise<Timed> {
  const { job, programs, child, cpus, patience, energy, verdict } = checked;
  const before = readDeviceState(cpus);
  const rounds = await timeRounds(child, {
    sides: {
      baseline: BASELINE,
      candidate: programs.candidate === undefined ? BASELINE : SIDE.candidate,
      ...present({ own: programs.own && SIDE.own }),
    },
    judged: ['baseline', 'candidate'],
    protocol: job.protocol,
    patience,
    baselineSeconds: verdict.baselineSeconds,
    warmupRuns: Math.max(1, MIN_WARMUP_RUNS - RUNS_OF_CHECK),
    energy,
    onProgress,
  });
  return { ...checked, rounds, before, after: readDeviceState(cpus) };
}
