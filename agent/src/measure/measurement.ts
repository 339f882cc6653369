import type { Blas, InputErrors, Interval, Measurement } from '@alphatensor-edge/proto';
import { present, verdictOn } from '@alphatensor-edge/shared';
import type { DeviceState } from '../device/environment.js';
import type { InputKind, ProductErrors, Side } from '../process/harness.js';
import type { Right, SidesErrors } from './correctness.js';
import { gflops, threadsUsed } from './figures.js';
import { flagsOf } from './flags.js';
import type { Problem } from './problem.js';
import type { ResolvedProtocol } from './protocol.js';
import type { Rounds } from './rounds.js';

/** Holds what the errors of a measurement are compared with. */
export interface Accuracy {
  /** The product of the levels' error growths; 1 without levels. */
  readonly growth: number;
  /** Own <1,1,1>'s errors on inputs of the same kind and depth. Undefined if they are unknown. */
  readonly ownErrors: Partial<Readonly<Record<InputKind, ProductErrors>>> | undefined;
  /** What the growth makes of the error of a leaf product. Undefined if that is unknown. */
  readonly predictedRelativeError: number | undefined;
}

/** Holds everything that a measurement is computed from. */
export interface Observations {
  readonly problem: Problem;
  readonly protocol: ResolvedProtocol;
  /** The baseline. */
  readonly blas: Blas;
  /** The child's side that was timed against it. Without a candidate it is the baseline's own. */
  readonly candidateSide: Side;
  /** The accelerator that multiplied. Empty if this device's processor did. */
  readonly accelerator: string;
  readonly exactRange: number;
  readonly verdict: Right;
  readonly rounds: Rounds;
  readonly before: DeviceState;
  readonly after: DeviceState;
  /** The baseline against itself. */
  readonly control: Interval;
  readonly accuracy: Accuracy;
}

/** Computes the figures, the flags and the claim from the observations. */
export function measurementOf(observed: Observations): Measurement {
  const { problem, protocol, blas, candidateSide, verdict: checked, rounds, control, accuracy } = observed;
  const { seconds, stopReason, peakGflops, joules } = rounds;
  const onCpu = observed.accelerator === '';
  const baselineGflops = gflops(problem, rounds, onCpu);
  const name = blas.library === 'portable' ? 'the portable GEMM' : blas.name;
  const { resolved: _, errorBoundOf, ...applied } = protocol;
  const relativeError = checked.relativeErrors[candidateSide];
  const verdict = verdictOn({
    baselineSeconds: seconds.baseline,
    candidateSeconds: seconds.candidate,
    ownGemmSeconds: seconds.own ?? [],
    seed: protocol.seed,
    isControl: candidateSide === 'B',
    isSustained: protocol.minMeasuringSeconds > 0,
    baseline: { thirdParty: blas.thirdParty, name, gflops: baselineGflops, peakGflops },
    control,
    stopReason,
    threads: problem.threads,
    baselineThreads: onCpu ? threadsUsed(rounds) : undefined,
    relativeError,
    growth: accuracy.growth,
    predictedRelativeError: accuracy.predictedRelativeError,
  });
  const { speedup, ownGemmSpeedup, sustainedSpeedup, drift, fasterThanBaseline, notClaimedBecause } = verdict;
  return {
    baselineSeconds: [...seconds.baseline],
    candidateSeconds: [...seconds.candidate],
    ownGemmSeconds: [...(seconds.own ?? [])],
    speedup,
    ...present({
      ownGemmSpeedup,
      sustainedSpeedup,
      baselineJoules: joules?.baseline,
      candidateJoules: joules?.candidate,
      ownGemmRelativeError: accuracy.ownErrors?.['zero-mean']?.relativeError,
      predictedRelativeError: accuracy.predictedRelativeError,
    }),
    relativeError,
    baselineRelativeError: checked.relativeErrors.B,
    stopReason,
    protocol: applied,
    baselineGflops,
    peakGflops,
    drift,
    growth: accuracy.growth,
    inputErrors: checked.inputErrors.map((each) => inputErrorsOf(each, candidateSide, accuracy.ownErrors?.[each.kind])),
    aaControl: control,
    fasterThanBaseline,
    notClaimedBecause,
    flags: [
      ...verdict.flags,
      ...flagsOf({ ...observed, threads: problem.threads, onCpu }),
      ...(errorBoundOf.includes('ceiling') ? [`the error was bounded by ${errorBoundOf}`] : []),
    ],
  };
}

const WIRE_KINDS: Readonly<Record<InputKind, InputErrors['kind']>> = {
  'zero-mean': 'INPUT_KIND_ZERO_MEAN',
  positive: 'INPUT_KIND_POSITIVE',
  'badly-scaled': 'INPUT_KIND_BADLY_SCALED',
};

function inputErrorsOf(
  { kind, errors }: SidesErrors,
  candidateSide: Side,
  own: ProductErrors | undefined,
): InputErrors {
  return {
    kind: WIRE_KINDS[kind],
    ...errors[candidateSide],
    baselineRelativeError: errors.B.relativeError,
    baselineComponentwiseError: errors.B.componentwiseError,
    ...present({ ownGemmRelativeError: own?.relativeError, ownGemmComponentwiseError: own?.componentwiseError }),
  };
}
