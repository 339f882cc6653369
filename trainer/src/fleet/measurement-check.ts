import type { Environment, InputErrors, Interval, Measurement } from '@alphatensor-edge/proto';
import { type Baseline, median, percent, type RatioEstimate, verdictOn } from '@alphatensor-edge/shared';
import { boundedSentence } from './bounded-text.js';
import type { ProblemSpec } from './measurement.js';
import { notBelieved } from './not-believed.js';

/** Holds what is known of a measurement without asking the agent. */
export interface Expected {
  readonly jobId: string;
  readonly problem: ProblemSpec;
  /** Whether the candidate is the baseline itself. */
  readonly isBaseline: boolean;
  /** The product of the levels' error growths; undefined: unknown, and the agent's is kept. */
  readonly growth: number | undefined;
  /** The candidate's multiplications over those of a plain product, at most 1 for anything worth measuring. */
  readonly productShare: number;
  /** Fewest rounds that were asked for; 0: the agent's own. */
  readonly minRounds: number;
  /** What the agent was asked for. Absent for stored rows, whose agents cannot be asked again. */
  readonly asked?: { readonly seed: number; readonly maxRelativeError: number | undefined } | undefined;
}

/** The fewest and the most rounds that an agent times (its protocol's bounds). */
const [FEWEST_ROUNDS, MOST_ROUNDS] = [3, 10_000];
/** Longer than an agent waits for one product. */
const LONGEST_SECONDS = 24 * 3600;
/** More than any one device computes, operations a second. */
const FASTEST_FLOPS = 1e16;
/** How far above the measured peak a rate may be. A disturbed peak is measured too low. */
const TIMES_PEAK = 10;
const MAX_FLAGS = 32;
/** The least share of the CPU that goes without a flag, as on the agent. */
const MIN_CPU_SHARE = 0.95;
/** By how much a stated figure may differ from what its samples give: only by rounding. */
const ROUNDING = 1e-9;

/**
 * Checks a measurement and computes again what follows from its raw samples: ratio, interval, drift, claim and flags.
 * @throws AlphaTensorError NOT_BELIEVED with the reason
 */
export function checkedMeasurement(
  said: Measurement,
  environment: Environment | null | undefined,
  expected: Expected,
): Measurement {
  const { problem, asked } = expected;
  const { baselineSeconds, candidateSeconds, ownGemmSeconds = [] } = said;
  requireFigures(said, expected);
  requireSamples(said, expected);
  const seed = said.protocol?.seed ?? 0;
  const baseline = baselineOf(said, environment, problem);
  const growth = expected.growth ?? known(said.growth);
  const verdict = verdictOn({
    ...{ baselineSeconds, candidateSeconds, ownGemmSeconds, seed, baseline },
    isControl: expected.isBaseline,
    isSustained: (said.protocol?.minMeasuringSeconds ?? 0) > 0,
    control: said.aaControl ?? undefined,
    stopReason: said.stopReason,
    threads: problem.threads,
    // On an accelerator, and in stores without an environment, there is nothing to compare.
    baselineThreads: environment?.accelerator === '' ? environment.baselineThreads : undefined,
    relativeError: said.relativeError,
    growth: growth ?? 1,
    predictedRelativeError: growth === undefined ? undefined : known(said.predictedRelativeError),
  });
  const { speedup, ownGemmSpeedup, sustainedSpeedup, drift, fasterThanBaseline, notClaimedBecause } = verdict;
  const contradictions = [
    ...contradiction('speed-up', said.speedup, speedup),
    ...contradiction('speed-up of its own GEMM', said.ownGemmSpeedup, ownGemmSpeedup),
    ...contradiction('speed-up in the last third', said.sustainedSpeedup, sustainedSpeedup),
  ];
  if (asked !== undefined && said.speedup && !isClose(said.speedup.estimate, speedup.estimate)) {
    throw notBelieved(`${contradictions[0].replace(/, which is used$/, '')}.`);
  }
  const { ownGemmSpeedup: _, sustainedSpeedup: __, ...rest } = said;
  return {
    ...rest,
    speedup,
    ...(ownGemmSpeedup && { ownGemmSpeedup }),
    ...(sustainedSpeedup && { sustainedSpeedup }),
    ...(growth !== undefined && { growth }),
    baselineGflops: baseline.gflops,
    drift,
    fasterThanBaseline,
    notClaimedBecause,
    flags: allFlags([...verdict.flags, ...contradictions], said, baseline.gflops, problem),
  };
}

/** Refuses figures beside the samples that no measurement has. */
function requireFigures(said: Measurement, { asked }: Expected): void {
  const { protocol, relativeError } = said;
  if (asked !== undefined && (protocol?.seed ?? 0) !== asked.seed) {
    throw notBelieved(`its seed is ${protocol?.seed ?? 0}, but ${asked.seed} was asked for.`);
  }
  if (protocol && !Object.values(protocol).every((value) => typeof value === 'boolean' || isSize(value))) {
    throw notBelieved('its protocol holds what is no number of rounds or seconds.');
  }
  const sizes = { relativeError, baselineRelativeError: said.baselineRelativeError, ...presentSizes(said) };
  for (const [name, value] of Object.entries(sizes)) {
    if (!isSize(value)) throw notBelieved(`its ${name} is ${value}.`);
  }
  for (const errors of said.inputErrors ?? []) requireErrors(errors);
  const limit = asked?.maxRelativeError;
  if (limit !== undefined && relativeError > limit) {
    throw notBelieved(`its relative error, ${relativeError}, is over the limit of ${limit}, so it is no measurement.`);
  }
  for (const name of ['speedup', 'ownGemmSpeedup', 'sustainedSpeedup', 'aaControl'] as const) {
    const interval = said[name];
    if (interval && !isInterval(interval)) {
      throw notBelieved(`its ${name} is ${interval.estimate} (${interval.low} to ${interval.high}).`);
    }
  }
}

/** Lists the figures that may be absent. */
function presentSizes(said: Measurement): Record<string, number> {
  const { baselineGflops, peakGflops, ownGemmRelativeError, predictedRelativeError, growth } = said;
  const { baselineJoules, candidateJoules } = said;
  const values = { baselineGflops, peakGflops, ownGemmRelativeError, predictedRelativeError, growth };
  return Object.fromEntries(
    Object.entries({ ...values, baselineJoules, candidateJoules }).flatMap(([name, value]) =>
      value === undefined || value === null ? [] : [[name, value]],
    ),
  );
}

function requireErrors({ kind, ...errors }: InputErrors): void {
  const wrong = Object.entries(errors).find(([, value]) => typeof value === 'number' && !isSize(value));
  if (wrong !== undefined) throw notBelieved(`its ${wrong[0]} on other inputs is ${wrong[1]}.`);
}

/** Refuses raw samples that no device gives. */
function requireSamples(said: Measurement, { problem, productShare, minRounds }: Expected): void {
  const { baselineSeconds, candidateSeconds, ownGemmSeconds = [], peakGflops } = said;
  const rounds = baselineSeconds.length;
  if (candidateSeconds.length !== rounds || (ownGemmSeconds.length !== 0 && ownGemmSeconds.length !== rounds)) {
    const others = [candidateSeconds, ownGemmSeconds].map(({ length }) => length).join(' and ');
    throw notBelieved(`it has ${rounds} samples of the baseline, but ${others} of the others.`);
  }
  const fewest = Math.max(FEWEST_ROUNDS, minRounds);
  if (rounds < fewest) throw notBelieved(`it has ${rounds} rounds of samples, and at least ${fewest} are due.`);
  if (rounds > MOST_ROUNDS)
    throw notBelieved(`it has ${rounds} rounds of samples, and at most ${MOST_ROUNDS} are due.`);
  const operations = 2 * problem.m * problem.k * problem.n;
  const flops = Math.min(FASTEST_FLOPS, peakGflops > 0 ? TIMES_PEAK * peakGflops * 1e9 : FASTEST_FLOPS);
  const sides = [
    ['baseline', baselineSeconds, 1],
    ['candidate', candidateSeconds, productShare],
    ['own GEMM', ownGemmSeconds, 1],
  ] as const;
  for (const [side, seconds, share] of sides) {
    const wrong = seconds.find((each) => !(each > 0 && each <= LONGEST_SECONDS));
    if (wrong !== undefined) throw notBelieved(`a sample of its ${side} is ${wrong} s.`);
    const fastest = (operations * share) / flops;
    const impossible = seconds.find((each) => each < fastest);
    if (impossible !== undefined) {
      throw notBelieved(
        `a sample of its ${side} is ${impossible} s, less than the multiplications take on any device.`,
      );
    }
  }
}

/**
 * Describes what the candidate was timed against. The agent takes the baseline's rate from processor time, which the trainer does
 * not see. It is never lower than the rate by the clock.
 */
function baselineOf(
  { baselineSeconds, baselineGflops, peakGflops }: Measurement,
  environment: Environment | null | undefined,
  problem: ProblemSpec,
): Baseline {
  const blas = environment?.blas;
  const name = blas?.library === 'portable' ? 'the portable GEMM' : (blas?.name ?? 'unknown');
  return {
    thirdParty: blas?.thirdParty === true,
    name: name || 'unknown',
    // Missing in older stores.
    gflops: Math.max(baselineGflops ?? 0, rateOf(baselineSeconds, problem)),
    peakGflops: peakGflops ?? 0,
  };
}

/** Computes the rate by the clock, GFLOP/s. */
function rateOf(seconds: readonly number[], { m, k, n }: ProblemSpec): number {
  return (2 * m * k * n) / median(seconds) / 1e9;
}

/**
 * Puts the flags that follow from the samples before those that only the device can know, and adds the one about other processes
 * if the device left it out.
 */
function allFlags(
  computed: readonly string[],
  { flags, baselineSeconds }: Measurement,
  gflops: number,
  problem: ProblemSpec,
): string[] {
  // Missing in older stores.
  const own = (flags ?? []).slice(0, MAX_FLAGS).map(boundedSentence);
  const share = rateOf(baselineSeconds, problem) / gflops;
  // Where a quota stopped the program, nobody can tell how much others took.
  const isTold = own.some((flag) => flag.startsWith('other processes took') || flag.startsWith('a CPU quota of'));
  const others =
    problem.threads === 1 && share < MIN_CPU_SHARE && !isTold
      ? [`other processes took ${percent(1 - share)} of the CPU`]
      : [];
  return [...new Set([...computed, ...others, ...own])];
}

/** Says that a stated interval does not follow from the samples; nothing if it does, or if none is stated. */
function contradiction(
  name: string,
  stated: Interval | null | undefined,
  computed: RatioEstimate | undefined,
): string[] {
  if (!stated || !computed || isSame(stated, computed)) return [];
  return [`the agent reported a ${name} of ${text(stated)}, but its samples give ${text(computed)}, which is used`];
}

function text({ estimate, low, high }: RatioEstimate): string {
  return `${shown(estimate)} (${shown(low)} to ${shown(high)})`;
}

function shown(value: number): string {
  return value < 1e6 ? value.toFixed(3) : value.toExponential(1);
}

function isSame(a: RatioEstimate, b: RatioEstimate): boolean {
  return isClose(a.estimate, b.estimate) && isClose(a.low, b.low) && isClose(a.high, b.high);
}

function isClose(x: number, y: number): boolean {
  return Math.abs(x - y) <= ROUNDING * Math.max(Math.abs(x), Math.abs(y));
}

function isInterval({ estimate, low, high }: Interval): boolean {
  return low > 0 && low <= estimate && estimate <= high && high < Number.POSITIVE_INFINITY;
}

function isSize(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value < Number.POSITIVE_INFINITY;
}

function known(value: number | null | undefined): number | undefined {
  return value ?? undefined;
}
