// Original file: alphatensor/agent/v1/agent.proto

import type { Interval as _alphatensor_agent_v1_Interval, Interval__Output as _alphatensor_agent_v1_Interval__Output } from '../../../alphatensor/agent/v1/Interval.js';
import type { StopReason as _alphatensor_agent_v1_StopReason, StopReason__Output as _alphatensor_agent_v1_StopReason__Output } from '../../../alphatensor/agent/v1/StopReason.js';
import type { MeasuringProtocol as _alphatensor_agent_v1_MeasuringProtocol, MeasuringProtocol__Output as _alphatensor_agent_v1_MeasuringProtocol__Output } from '../../../alphatensor/agent/v1/MeasuringProtocol.js';
import type { InputErrors as _alphatensor_agent_v1_InputErrors, InputErrors__Output as _alphatensor_agent_v1_InputErrors__Output } from '../../../alphatensor/agent/v1/InputErrors.js';

export interface Measurement {
  /**
   * Raw samples, seconds for one product, one entry a round; the same index is the same round.
   */
  'baselineSeconds'?: (number | string)[];
  'candidateSeconds'?: (number | string)[];
  /**
   * Empty unless asked for.
   */
  'ownGemmSeconds'?: (number | string)[];
  /**
   * baseline / candidate, exp(median of ln ratios), bootstrapped.
   */
  'speedup'?: (_alphatensor_agent_v1_Interval | null);
  'ownGemmSpeedup'?: (_alphatensor_agent_v1_Interval | null);
  /**
   * The baseline timed against itself on the problem's shape, some minutes ago at most.
   */
  'aaControl'?: (_alphatensor_agent_v1_Interval | null);
  /**
   * Relative Frobenius errors against float64, on the same inputs.
   */
  'relativeError'?: (number | string);
  'baselineRelativeError'?: (number | string);
  'stopReason'?: (_alphatensor_agent_v1_StopReason);
  /**
   * The protocol as it was applied.
   */
  'protocol'?: (_alphatensor_agent_v1_MeasuringProtocol | null);
  'baselineGflops'?: (number | string);
  /**
   * 0: unknown, as on accelerators; then nothing is called faster.
   */
  'peakGflops'?: (number | string);
  /**
   * The interval's lower end is above 1, and above what the control shows where it is off; the baseline is a BLAS library, and
   * it reaches 80 % of the multiply-add peak, and no more than there is of it.
   */
  'fasterThanBaseline'?: (boolean);
  /**
   * What a reader must know before believing the figures: a slow baseline, noise, throttling, another's load.
   */
  'flags'?: (string)[];
  /**
   * ln(last third / first third) of the baseline's samples: drift of the device during the measurement.
   */
  'drift'?: (number | string);
  /**
   * The speed-up over the last third of the rounds, where min_measuring_seconds was asked for.
   */
  'sustainedSpeedup'?: (_alphatensor_agent_v1_Interval | null);
  /**
   * Joules for one product, mean over all samples, where min_measuring_seconds was asked for and the processor tells it
   * (RAPL). Of all processor packages as a whole: idle cores and whatever else ran meanwhile are in it, graphics cards
   * and memory outside the packages are not. Absent is unknown.
   */
  'baselineJoules'?: (number | string);
  'candidateJoules'?: (number | string);
  /**
   * Why an interval above 1 is not called faster, one clause; else empty, and with agents that do not tell.
   */
  'notClaimedBecause'?: (string);
  /**
   * Relative Frobenius error of the same engine with <1,1,1> on inputs of the same kind and depth k, whether or not it was
   * timed. Absent: unknown.
   */
  'ownGemmRelativeError'?: (number | string);
  /**
   * What growth times the error of a leaf product, measured in the same run, makes of relative_error. Absent: unknown.
   */
  'predictedRelativeError'?: (number | string);
  /**
   * Product of the levels' sqrt(Phi / (n m p)) (arXiv 2609.26077). Absent: unknown, as with older agents.
   */
  'growth'?: (number | string);
  /**
   * One for each kind of inputs that was measured; none with older agents.
   */
  'inputErrors'?: (_alphatensor_agent_v1_InputErrors)[];
  '_ownGemmSpeedup'?: "ownGemmSpeedup";
  '_aaControl'?: "aaControl";
  '_sustainedSpeedup'?: "sustainedSpeedup";
  '_baselineJoules'?: "baselineJoules";
  '_candidateJoules'?: "candidateJoules";
  '_ownGemmRelativeError'?: "ownGemmRelativeError";
  '_predictedRelativeError'?: "predictedRelativeError";
  '_growth'?: "growth";
}

export interface Measurement__Output {
  /**
   * Raw samples, seconds for one product, one entry a round; the same index is the same round.
   */
  'baselineSeconds': (number)[];
  'candidateSeconds': (number)[];
  /**
   * Empty unless asked for.
   */
  'ownGemmSeconds': (number)[];
  /**
   * baseline / candidate, exp(median of ln ratios), bootstrapped.
   */
  'speedup': (_alphatensor_agent_v1_Interval__Output | null);
  'ownGemmSpeedup'?: (_alphatensor_agent_v1_Interval__Output | null);
  /**
   * The baseline timed against itself on the problem's shape, some minutes ago at most.
   */
  'aaControl'?: (_alphatensor_agent_v1_Interval__Output | null);
  /**
   * Relative Frobenius errors against float64, on the same inputs.
   */
  'relativeError': (number);
  'baselineRelativeError': (number);
  'stopReason': (_alphatensor_agent_v1_StopReason__Output);
  /**
   * The protocol as it was applied.
   */
  'protocol': (_alphatensor_agent_v1_MeasuringProtocol__Output | null);
  'baselineGflops': (number);
  /**
   * 0: unknown, as on accelerators; then nothing is called faster.
   */
  'peakGflops': (number);
  /**
   * The interval's lower end is above 1, and above what the control shows where it is off; the baseline is a BLAS library, and
   * it reaches 80 % of the multiply-add peak, and no more than there is of it.
   */
  'fasterThanBaseline': (boolean);
  /**
   * What a reader must know before believing the figures: a slow baseline, noise, throttling, another's load.
   */
  'flags': (string)[];
  /**
   * ln(last third / first third) of the baseline's samples: drift of the device during the measurement.
   */
  'drift': (number);
  /**
   * The speed-up over the last third of the rounds, where min_measuring_seconds was asked for.
   */
  'sustainedSpeedup'?: (_alphatensor_agent_v1_Interval__Output | null);
  /**
   * Joules for one product, mean over all samples, where min_measuring_seconds was asked for and the processor tells it
   * (RAPL). Of all processor packages as a whole: idle cores and whatever else ran meanwhile are in it, graphics cards
   * and memory outside the packages are not. Absent is unknown.
   */
  'baselineJoules'?: (number);
  'candidateJoules'?: (number);
  /**
   * Why an interval above 1 is not called faster, one clause; else empty, and with agents that do not tell.
   */
  'notClaimedBecause': (string);
  /**
   * Relative Frobenius error of the same engine with <1,1,1> on inputs of the same kind and depth k, whether or not it was
   * timed. Absent: unknown.
   */
  'ownGemmRelativeError'?: (number);
  /**
   * What growth times the error of a leaf product, measured in the same run, makes of relative_error. Absent: unknown.
   */
  'predictedRelativeError'?: (number);
  /**
   * Product of the levels' sqrt(Phi / (n m p)) (arXiv 2609.26077). Absent: unknown, as with older agents.
   */
  'growth'?: (number);
  /**
   * One for each kind of inputs that was measured; none with older agents.
   */
  'inputErrors': (_alphatensor_agent_v1_InputErrors__Output)[];
  '_ownGemmSpeedup'?: "ownGemmSpeedup";
  '_aaControl'?: "aaControl";
  '_sustainedSpeedup'?: "sustainedSpeedup";
  '_baselineJoules'?: "baselineJoules";
  '_candidateJoules'?: "candidateJoules";
  '_ownGemmRelativeError'?: "ownGemmRelativeError";
  '_predictedRelativeError'?: "predictedRelativeError";
  '_growth'?: "growth";
}
