import type { Environment, Measurement } from '@alphatensor-edge/proto';
import { claim, messageOf, type RatioEstimate } from '@alphatensor-edge/shared';
import type { MeasurementRow, ProblemSpec } from '../fleet/measurement.js';
import { formatRange, formatRatio } from './format.js';
import type { Conditions, Figures, MeasuredRow, RowStatus, Sustained, Verdict } from './row.js';
import {
  figuresFromSamples,
  type SampleFigures,
  type Samples,
  sameInterval,
  samplesOf,
  speedupOfLastThird,
} from './samples.js';

export function statusOf({ outcome }: MeasurementRow): RowStatus {
  return outcome.kind.replace('OUTCOME_KIND_', '') as RowStatus;
}

/** Recomputes the figures of a row from its raw samples, the protocol's seed and the problem alone. */
export function recompute({ figures, problem }: MeasuredRow): SampleFigures {
  return figuresFromSamples(figures.samples, figures.protocol?.seed ?? 0, problem);
}

/**
 * Computes the figures of a stored row, or says why there are none.
 * @param baseline whether the row is the baseline itself
 */
export function figuresOf(row: MeasurementRow, baseline: boolean): { figures: Figures | null; problems: string } {
  const measurement = row.outcome.measurement;
  if (statusOf(row) !== 'MEASURED') return { figures: null, problems: '' };
  if (!measurement) return { figures: null, problems: 'The agent says MEASURED but sent no measurement.' };
  try {
    return { figures: figuresFrom(measurement, row.problem, baseline), problems: '' };
  } catch (error) {
    return { figures: null, problems: `The stored samples cannot be used: ${messageOf(error)}` };
  }
}

function figuresFrom(measurement: Measurement, problem: ProblemSpec, baseline: boolean): Figures {
  const samples = samplesOf(measurement);
  const computed = figuresFromSamples(samples, measurement.protocol?.seed ?? 0, problem);
  const peakGflops = measurement.peakGflops > 0 ? measurement.peakGflops : null;
  // The baseline's gain over itself says nothing.
  const sustained = baseline ? null : sustainedOf(measurement, samples);
  const aaControl = measurement.aaControl ?? (baseline ? computed.speedup : null);
  // What the samples give now must bear the claim, whatever is stored.
  const { fasterThanBaseline, notClaimedBecause } = measurement.fasterThanBaseline
    ? claim(computed.speedup, undefined, aaControl ?? undefined)
    : measurement;
  const share = (gflops: number): number | null => (peakGflops === null ? null : gflops / peakGflops);
  return {
    ...computed,
    // The baseline over itself is 1 by definition. The difference of its two series is the A/A control.
    speedup: baseline ? { estimate: 1, low: 1, high: 1 } : computed.speedup,
    verdict: baseline ? 'baseline' : verdictOf(computed.speedup, fasterThanBaseline),
    // Missing in older stores.
    notClaimedBecause: baseline ? '' : (notClaimedBecause ?? ''),
    baselineSlowdown: null,
    aaControl,
    peakGflops,
    candidateShareOfPeak: share(computed.candidateGflops),
    baselineShareOfPeak: share(computed.baselineGflops),
    relativeError: measurement.relativeError,
    baselineRelativeError: measurement.baselineRelativeError,
    // Missing in older stores.
    ownGemmRelativeError: measurement.ownGemmRelativeError ?? null,
    // Nothing predicts the baseline's own error.
    predictedRelativeError: baseline ? null : (measurement.predictedRelativeError ?? null),
    growth: baseline ? null : (measurement.growth ?? null),
    inputErrors: baseline ? [] : (measurement.inputErrors ?? []),
    rounds: samples.baselineSeconds.length,
    stopReason: measurement.stopReason.replace('STOP_REASON_', ''),
    flags: [...measurement.flags, ...disagreements(measurement, computed, sustained)],
    drift: measurement.drift,
    sustained,
    protocol: measurement.protocol,
    samples,
  };
}

function sustainedOf(measurement: Measurement, samples: Samples): Sustained | null {
  const seconds = measurement.protocol?.minMeasuringSeconds ?? 0;
  if (seconds === 0) return null;
  return {
    seconds,
    speedup: speedupOfLastThird(samples, measurement.protocol?.seed ?? 0),
    baselineJoules: measurement.baselineJoules ?? null,
    candidateJoules: measurement.candidateJoules ?? null,
  };
}

function verdictOf({ low, high }: RatioEstimate, fasterThanBaseline: boolean): Verdict {
  if (fasterThanBaseline) return 'faster';
  if (high < 1) return 'slower';
  return low > 1 ? 'unclaimed' : 'undecided';
}

/** Lists the agent's figures that do not follow from its samples, so that the report can warn. */
function disagreements(measurement: Measurement, computed: SampleFigures, sustained: Sustained | null): string[] {
  const flags: string[] = [];
  const compare = (name: string, stored: RatioEstimate | null | undefined, from: RatioEstimate | null): void => {
    if (!stored || !from || sameInterval(stored, from)) return;
    flags.push(
      `the agent reported a ${name} of ${formatRatio(stored.estimate)} (${formatRange(stored)}), but its samples give ` +
        `${formatRatio(from.estimate)} (${formatRange(from)}), which is shown`,
    );
  };
  compare('speed-up', measurement.speedup, computed.speedup);
  compare('speed-up of its own GEMM', measurement.ownGemmSpeedup, computed.ownGemmSpeedup);
  compare('speed-up in the last third', measurement.sustainedSpeedup, sustained?.speedup ?? null);
  return flags;
}

export function conditionsOf(environment: Environment | null | undefined): Conditions | null {
  if (!environment) return null;
  return {
    loadAverage: environment.loadAverage ?? null,
    temperatureCelsius: environment.temperatureCelsius ?? null,
    frequencyMhz: environment.frequencyMhz ?? null,
    throttled: environment.throttled ?? null,
    pinnedCpus: environment.pinnedCpus,
  };
}
