import type { Interval, StopReason } from '@alphatensor-edge/proto';
import { pairedRatio, Random } from '@alphatensor-edge/shared';
import type { EnergyMeter } from '../device/energy.js';
import type { Harness, Side } from '../process/harness.js';
import type { Patience } from './patience.js';
import type { ResolvedProtocol } from './protocol.js';
import { stopReason } from './stopping.js';

/** Tells how far the rounds have come. There is no estimate before the first one. */
export interface MeasuringProgress {
  readonly kind: 'measuring';
  readonly rounds: number;
  readonly speedup?: Interval | undefined;
}

/** Names what is timed. The caller chooses the names. */
export type Role = string;

/** Holds the raw samples of a measurement. Index i is round i. */
export interface Rounds {
  /** Seconds for one product. */
  readonly seconds: Readonly<Record<Role, readonly number[]>>;
  /** Processor time of the same samples, all threads together. */
  readonly cpuSeconds: Readonly<Record<Role, readonly number[]>>;
  /** The ratio of the two judged roles. */
  readonly speedup: Interval;
  readonly stopReason: StopReason;
  readonly peakGflops: number;
  /** Joules for one product, mean over all samples. Undefined: unknown, or not asked for. */
  readonly joules: Readonly<Record<Role, number>> | undefined;
}

interface RoundsOptions {
  /** The child's side for each role. Two roles may have the same side (the control). */
  readonly sides: Readonly<Record<Role, Side>>;
  /** The two roles whose ratio of times, first over second, decides when to stop. */
  readonly judged: readonly [numerator: Role, denominator: Role];
  readonly protocol: ResolvedProtocol;
  readonly patience: Patience;
  /** The baseline's time for one product so far. */
  readonly baselineSeconds: number;
  readonly warmupRuns: number;
  /** Read just before and after every sample. */
  readonly energy?: EnergyMeter | undefined;
  readonly onProgress: (progress: MeasuringProgress) => void;
}

/**
 * The length of a burst at the multiply-add peak, seconds. One comes before every round, and the best of them is
 * the peak.
 */
const PEAK_SECONDS = 0.003;
const MIN_PEAK_BURSTS = 20;

/**
 * Warms up every side and times rounds until the stopping criterion is met. In a round every role is timed once, in
 * random order, so that changes of the device affect all alike.
 */
export async function timeRounds(harness: Harness, options: RoundsOptions): Promise<Rounds> {
  const { sides, judged, protocol, patience, baselineSeconds, warmupRuns, energy, onProgress } = options;
  const started = performance.now();
  const random = new Random(protocol.seed).split('order');
  const wait = (runs: number): number => patience.runs(baselineSeconds, runs);
  const roles = Object.entries(sides);

  const runs: Record<Role, number> = {};
  for (const [role, side] of roles) {
    const deadline = wait(warmupRuns) + protocol.minWarmupSeconds;
    const seconds = await harness.warmUp(side, warmupRuns, protocol.minWarmupSeconds, deadline);
    runs[role] = Math.ceil(protocol.minSampleSeconds / seconds);
  }
  await harness.bindThreads(patience.aside);

  const seconds = forEach(roles, (): number[] => []);
  const cpuSeconds = forEach(roles, (): number[] => []);
  const joules = forEach(roles, () => 0);
  const estimates: Interval[] = [];
  let peakGflops = 0;
  const burst = async (): Promise<void> => {
    peakGflops = Math.max(peakGflops, await harness.peakGflops(PEAK_SECONDS, patience.aside));
  };
  for (let i = 0; i < MIN_PEAK_BURSTS; i++) await burst();

  for (;;) {
    await burst();
    for (const [role, side] of random.shuffle([...roles])) {
      const before = energy?.();
      const sample = await harness.sample(side, runs[role], wait(runs[role]));
      // An unknown reading makes the sum NaN, and so unknown.
      joules[role] += (energy?.() ?? Number.NaN) - (before ?? Number.NaN);
      seconds[role].push(sample.seconds);
      cpuSeconds[role].push(sample.cpuSeconds);
    }
    const speedup = estimateRatio(seconds[judged[0]], seconds[judged[1]], protocol.seed);
    estimates.push(speedup);
    onProgress({ kind: 'measuring', rounds: estimates.length, speedup });
    const reason = stopReason({ estimates, elapsedSeconds: (performance.now() - started) / 1000 }, protocol);
    if (reason !== undefined) {
      const perProduct = energyPerProduct(joules, runs, estimates.length);
      return { seconds, cpuSeconds, speedup, stopReason: reason, peakGflops, joules: perProduct };
    }
  }
}

function forEach<T>(roles: readonly (readonly [Role, Side])[], initial: () => T): Record<Role, T> {
  return Object.fromEntries(roles.map(([role]) => [role, initial()]));
}

/**
 * Computes joules for one product as the mean over all samples. The counters move about once a millisecond, so a single
 * short sample can be off by that part of its time, in either direction. Counters that stand still, as in some virtual
 * machines, give no result.
 */
function energyPerProduct(
  joules: Readonly<Record<Role, number>>,
  runs: Readonly<Record<Role, number>>,
  samples: number,
): Readonly<Record<Role, number>> | undefined {
  if (!Object.values(joules).every((sum) => sum > 0)) return undefined;
  return Object.fromEntries(Object.entries(joules).map(([role, sum]) => [role, sum / (samples * runs[role])]));
}

/** Estimates exp(median of ln(numerator / denominator)) with its bootstrapped 95 % interval. */
export function estimateRatio(numerators: readonly number[], denominators: readonly number[], seed: number): Interval {
  return pairedRatio(numerators, denominators, { seed });
}
