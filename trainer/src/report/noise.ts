import { median, type RatioEstimate } from '@alphatensor-edge/shared';
import type { Sourced } from './sourced.js';

/** Holds the smallest and largest of some values. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** Sums up what disturbed the measurements of one device, over all its measured jobs. */
export interface Noise {
  readonly deviceId: string;
  readonly jobs: number;
  /** The distinct controls of the baseline against itself, in the order of measuring. */
  readonly controls: readonly RatioEstimate[];
  /** Median over the jobs of the interval's half-width, as a share of the speed-up. */
  readonly relativeHalfWidth: number;
  /** Range of ln(last third / first third) of the baseline's samples. */
  readonly drift: Range;
  /** Null: unknown in all jobs. */
  readonly loadAverage: Range | null;
  readonly temperatureCelsius: Range | null;
  readonly frequencyMhz: Range | null;
  /** Number of jobs during which the device throttled; null: unknown in all jobs. */
  readonly throttled: number | null;
  /** Number of jobs whose interval stayed wider than the target. */
  readonly notConverged: number;
}

/** Computes the noise of each device, in the order of `deviceIds`. A device without a measured job is left out. */
export function noiseOf(jobs: readonly Sourced[], deviceIds: readonly string[]): Noise[] {
  const inOrder = [...jobs].sort((a, b) => (a.row.createdAt < b.row.createdAt ? -1 : 1));
  return deviceIds.flatMap((deviceId) => {
    const outcomes = inOrder.filter(({ row }) => row.deviceId === deviceId).map(({ row }) => row.outcome);
    const measured = outcomes.flatMap(({ measurement, environment }) =>
      measurement?.speedup ? [{ ...measurement, speedup: measurement.speedup, environment }] : [],
    );
    if (measured.length === 0) return [];
    const controls = new Map(
      measured.flatMap(({ aaControl }) => (aaControl ? [[JSON.stringify(aaControl), aaControl] as const] : [])),
    );
    const environments = measured.flatMap(({ environment }) => environment ?? []);
    const throttled = environments.flatMap((environment) => environment.throttled ?? []);
    return [
      {
        deviceId,
        jobs: measured.length,
        controls: [...controls.values()].map(({ estimate, low, high }) => ({ estimate, low, high })),
        relativeHalfWidth: median(measured.map(({ speedup }) => (speedup.high - speedup.low) / 2 / speedup.estimate)),
        drift: rangeOf(measured.map(({ drift }) => drift)) ?? { low: 0, high: 0 },
        loadAverage: rangeOf(environments.flatMap(({ loadAverage }) => loadAverage ?? [])),
        temperatureCelsius: rangeOf(environments.flatMap(({ temperatureCelsius }) => temperatureCelsius ?? [])),
        frequencyMhz: rangeOf(environments.flatMap(({ frequencyMhz }) => frequencyMhz ?? [])),
        throttled: throttled.length === 0 ? null : throttled.filter(Boolean).length,
        notConverged: measured.filter(({ stopReason }) => stopReason !== 'STOP_REASON_CONVERGED').length,
      },
    ];
  });
}

function rangeOf(values: readonly number[]): Range | null {
  const finite = values.filter(Number.isFinite);
  return finite.length === 0 ? null : { low: Math.min(...finite), high: Math.max(...finite) };
}
