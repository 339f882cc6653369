import type { Interval, Measurement } from '@alphatensor-edge/proto';
import { median } from '@alphatensor-edge/shared';
import type { EnergyMeter } from '../device/energy.js';
import { type DeviceState, readDeviceState } from '../device/environment.js';
import type { JobProblem, Progress, ResolvedProtocol } from '../job/job.js';
import {
  type Harness,
  type HarnessOptions,
  type Introduction,
  type Refusal,
  type Side,
  withHarness,
} from '../process/harness.js';
import type { End } from '../process/process.js';
import { baselineDoubt, percent } from './claim.js';
import { checkResults, RUNS_OF_CHECK, type Verdict } from './correctness.js';
import type { Patience } from './patience.js';
import { MIN_WARMUP_RUNS } from './protocol.js';
import { estimateRatio, type Rounds, timeRounds } from './rounds.js';

/** Compiled programs to check and time; without a candidate the baseline is timed against itself. */
export interface RunOptions {
  readonly child: Omit<HarnessOptions, 'programs' | 'dimensions' | 'dtype' | 'startSeconds' | 'seed'>;
  readonly candidate: string | undefined;
  readonly own: string | undefined;
  readonly problem: JobProblem;
  readonly protocol: ResolvedProtocol;
  /** Largest entries of the exact check; 0: there is none. */
  readonly exactRange: number;
  /** Whether the baseline is a BLAS library, and what it is called if not. */
  readonly thirdParty: boolean;
  readonly baselineName: string;
  readonly patience: Patience;
  /** Where the energy of a sustained measurement is to be recorded and the device tells it. */
  readonly energy?: EnergyMeter | undefined;
  readonly onProgress: (progress: Progress) => void;
}

/** What the child showed, or how it came to an end. */
export type RunResult =
  | {
      readonly kind: 'measured';
      readonly measurement: Omit<Measurement, 'aaControl' | 'fasterThanBaseline' | 'notClaimedBecause'>;
      /** Why nothing is called faster than this baseline, one clause; undefined: it is a fair one. */
      readonly doubt: string | undefined;
      readonly introduction: Introduction;
      readonly before: DeviceState;
      readonly after: DeviceState;
      readonly baselineThreads: number;
    }
  | { readonly kind: 'wrong'; readonly verdict: Verdict & { ok: false } }
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly end: End }
  | { readonly kind: 'ended'; readonly end: End };

/** Checks and times one candidate in a child of its own. The caller holds the host lock. */
export async function runCandidate(options: RunOptions): Promise<RunResult> {
  const { child, candidate, own, problem, protocol, patience } = options;
  const programs = {
    ...(candidate === undefined ? {} : { C: candidate }),
    ...(own === undefined ? {} : { O: own }),
  };
  const { m, k, n, dtype } = problem;
  const harnessOptions: HarnessOptions = {
    ...child,
    programs,
    dimensions: { m, k, n },
    dtype,
    seed: protocol.seed,
    startSeconds: patience.start,
  };
  return withHarness(harnessOptions, async (harness) => {
    try {
      return await checkAndTime(harness, Object.keys(programs), options);
    } catch (error) {
      const { end, refusal } = harness;
      if (refusal !== undefined) return { kind: 'refused', refusal, end: await harness.close() };
      if (end !== undefined) return { kind: 'ended', end };
      throw error;
    }
  });
}

async function checkAndTime(harness: Harness, programs: readonly Side[], options: RunOptions): Promise<RunResult> {
  const { child, candidate, own, problem, protocol, patience, exactRange, energy, onProgress } = options;
  const introduction = await harness.introduction();
  onProgress({ kind: 'measuring', rounds: 0 });
  const candidateSide = candidate === undefined ? 'B' : 'C';
  const verdict = await checkResults(harness, programs, exactRange, protocol, patience);
  if (!verdict.ok) return { kind: 'wrong', verdict };

  const before = readDeviceState(child.cpus);
  const rounds = await timeRounds(harness, {
    sides: { baseline: 'B', candidate: candidateSide, ...(own === undefined ? {} : { own: 'O' }) },
    judged: ['baseline', 'candidate'],
    protocol,
    patience,
    baselineSeconds: verdict.baselineSeconds,
    warmupRuns: Math.max(1, MIN_WARMUP_RUNS - RUNS_OF_CHECK),
    energy,
    onProgress,
  });
  const after = readDeviceState(child.cpus);

  const { seconds, cpuSeconds, speedup, stopReason, peakGflops, joules } = rounds;
  const onCpu = introduction.accelerator === '';
  const baselineGflops = gflops(problem, rounds, onCpu);
  const baselineThreads = onCpu ? threadsUsed(rounds) : 0;
  const doubt = baselineDoubt({
    thirdParty: options.thirdParty,
    name: options.baselineName,
    gflops: baselineGflops,
    peakGflops,
  });
  const { accelerator } = introduction;
  const flags = [
    ...(doubt === undefined ? [] : [doubt]),
    ...findFlags({ options, rounds, accelerator, baselineThreads, before, after }),
  ];
  const ownGemm: { ownGemmSpeedup?: Interval } =
    own === undefined ? {} : { ownGemmSpeedup: estimateRatio(seconds.baseline, seconds.own, protocol.seed) };
  const lastThird = -Math.ceil(seconds.baseline.length / 3);
  const sustained: { sustainedSpeedup?: Interval } =
    protocol.minMeasuringSeconds === 0
      ? {}
      : {
          sustainedSpeedup: estimateRatio(
            seconds.baseline.slice(lastThird),
            seconds.candidate.slice(lastThird),
            protocol.seed,
          ),
        };
  const { resolved: _, ...applied } = protocol;
  return {
    kind: 'measured',
    introduction,
    before,
    after,
    baselineThreads,
    doubt,
    measurement: {
      baselineSeconds: [...seconds.baseline],
      candidateSeconds: [...seconds.candidate],
      ownGemmSeconds: [...(seconds.own ?? [])],
      speedup,
      ...ownGemm,
      ...sustained,
      relativeError: verdict.relativeErrors[candidateSide],
      baselineRelativeError: verdict.relativeErrors.B,
      stopReason,
      protocol: applied,
      baselineGflops,
      peakGflops,
      flags,
      drift: driftOf(seconds.baseline, cpuSeconds.baseline.length),
      ...(joules === undefined ? {} : { baselineJoules: joules.baseline, candidateJoules: joules.candidate }),
    },
  };
}

/**
 * The baseline's rate. On one thread it is taken of processor time, which leaves out what other processes took of the CPU; on
 * several, idle threads would count as busy, and an accelerator takes none. The median, as virtual machines credit single samples with too little,
 * and wall time where most were credited with nothing.
 */
export function gflops(
  { m, k, n, threads }: JobProblem,
  { seconds, cpuSeconds }: Pick<Rounds, 'seconds' | 'cpuSeconds'>,
  onCpu: boolean,
): number {
  const processor = onCpu && threads === 1 ? median(cpuSeconds.baseline) : 0;
  const typical = processor > 0 ? processor : median(seconds.baseline);
  return (2 * m * k * n) / typical / 1e9;
}

/**
 * Threads the baseline kept busy: processor time over wall time, in the round in which other processes took least of the CPUs.
 */
function threadsUsed({ seconds, cpuSeconds }: Rounds): number {
  return Math.max(1, Math.round(Math.max(...cpuSeconds.baseline.map((cpu, i) => cpu / seconds.baseline[i]))));
}

/** ln(last third / first third) of the baseline's samples. */
function driftOf(samples: readonly number[], rounds: number): number {
  const third = Math.max(1, Math.floor(rounds / 3));
  return Math.log(median(samples.slice(-third)) / median(samples.slice(0, third)));
}

/** Share of the CPU that a one-threaded measurement must have had to itself. */
const MIN_CPU_SHARE = 0.95;
const MAX_DRIFT = 0.05;

interface FlagInputs {
  readonly options: RunOptions;
  readonly rounds: Rounds;
  readonly accelerator: string;
  readonly baselineThreads: number;
  readonly before: DeviceState;
  readonly after: DeviceState;
}

/** What a reader must know before believing the figures, one clause each. */
function findFlags({ options, rounds, accelerator, baselineThreads, before, after }: FlagInputs): string[] {
  const { problem, exactRange } = options;
  const { seconds, cpuSeconds, stopReason } = rounds;
  const flags: string[] = [];
  if (accelerator === '' && baselineThreads !== problem.threads) {
    flags.push(`the baseline used ${baselineThreads} of ${problem.threads} threads`);
  }
  if (accelerator === '' && problem.threads === 1) {
    const share = median(cpuSeconds.baseline.map((cpu, i) => cpu / seconds.baseline[i]));
    if (share < MIN_CPU_SHARE) flags.push(`other processes took ${percent(1 - share)} of the CPU`);
  }
  const drift = driftOf(seconds.baseline, seconds.baseline.length);
  if (Math.abs(drift) > MAX_DRIFT) flags.push(`the device drifted by ${percent(Math.expm1(drift))} meanwhile`);
  if (stopReason === 'STOP_REASON_NOISE_PLATEAU' || stopReason === 'STOP_REASON_BUDGET') {
    flags.push('the interval is wider than asked for');
  }
  if (throttled(before, after) === true) flags.push('the CPU was throttled meanwhile');
  if (exactRange === 0)
    flags.push('checked within a tolerance only: no exact check is possible for these coefficients');
  return flags;
}

/** Whether throttling was counted between two states; undefined where the device does not count it. */
export function throttled(before: DeviceState, after: DeviceState): boolean | undefined {
  if (before.throttleCount === undefined || after.throttleCount === undefined) return undefined;
  return after.throttleCount > before.throttleCount;
}
