import {
  baselineWork,
  type DispatchEntry,
  type DispatchTimeModel,
  type DispatchWinner,
  type FactorizationRecord,
  growthOfLevels,
  type PackedAlgorithm,
  type Preference,
  packedAlgorithm,
  packedLevelWork,
  packedWork,
  secondsFor,
} from '@alphatensor-edge/shared';
import { type DType, ELEMENT_BYTES } from '../plan/plan.js';
import { type Algorithm, algorithmOf } from './unit.js';

/** Holds an algorithm that a table chose. */
export interface DispatchUse {
  readonly levels: readonly FactorizationRecord[];
  readonly winner: DispatchWinner;
}

/** Holds a measured problem and what to use for it. Undefined: the BLAS. */
export interface DispatchRule {
  readonly problem: DispatchEntry['problem'];
  readonly fast: DispatchUse | undefined;
  readonly accurate: DispatchUse | undefined;
}

/** Holds what a library of several algorithms is made from. */
export interface DispatchRules {
  readonly rules: readonly DispatchRule[];
  /** None: the nearest rule decides for problems that were not measured. */
  readonly timeModels: readonly DispatchTimeModel[];
  readonly prefer: Preference;
}

/** Holds one algorithm with one plan for one number format. Number 0 is the BLAS. */
export interface Unit {
  readonly number: number;
  readonly algorithm: Algorithm;
  readonly winner: DispatchWinner;
  readonly growth: number;
  readonly work: PackedAlgorithm;
  /** What its measured times, over the BLAS's, are of the predicted ones. */
  readonly correction: number;
}

/** Holds what the library has for one number format. */
export interface Format {
  readonly dtype: DType;
  readonly units: readonly Unit[];
  readonly rules: readonly (DispatchRule & { readonly numbers: Readonly<Record<Preference, number>> })[];
  readonly timeModels: readonly DispatchTimeModel[];
}

/** Collects what the library has for a number format. Equal algorithms with equal plans become one unit. */
export function formatOf(dtype: DType, { rules: all, timeModels }: DispatchRules): Format {
  const models = timeModels.filter((model) => model.dtype === dtype);
  const numbered = new Map<string, Omit<Unit, 'correction'> & { readonly factors: number[] }>();
  const numberOf = (problem: DispatchRule['problem'], use: DispatchUse | undefined): number => {
    if (use === undefined) return 0;
    const { levels, winner } = use;
    const key = JSON.stringify([winner.levels, winner.plan, winner.vectorIsa]);
    const factorizations = levels.map(({ factorization }) => factorization);
    const unit = numbered.get(key) ?? {
      ...{ number: numbered.size + 1, algorithm: algorithmOf(levels), winner, factors: [] },
      ...{ growth: growthOfLevels(factorizations), work: packedAlgorithm(factorizations.map(packedLevelWork)) },
    };
    numbered.set(key, unit);
    const factor = correctionOf(unit.work, problem, winner, models);
    if (factor !== undefined) unit.factors.push(factor);
    return unit.number;
  };
  const rules = all
    .filter(({ problem }) => problem.dtype === dtype)
    .map((rule) => {
      const { problem, fast, accurate } = rule;
      return { ...rule, numbers: { fast: numberOf(problem, fast), accurate: numberOf(problem, accurate) } };
    });
  const units = [...numbered.values()].map(({ factors, ...unit }): Unit => {
    return { ...unit, correction: geometricMean(factors) };
  });
  return { dtype, units, rules, timeModels: models };
}

/**
 * Computes what the measured time of a choice, over the BLAS's in the same rounds, is of the predicted one; undefined if there is no
 * prediction.
 */
function correctionOf(
  work: PackedAlgorithm,
  { m, k, n, dtype, threads, transposed }: DispatchRule['problem'],
  { plan, speedup }: DispatchWinner,
  models: readonly DispatchTimeModel[],
): number | undefined {
  const model = models.find((one) => one.threads === threads && one.transposed === transposed);
  if (model === undefined || plan === null) return undefined;
  const elementBytes = ELEMENT_BYTES[dtype];
  const kernel = { mr: plan.mr, nr: (plan.lines * 64) / elementBytes, kc: plan.kc };
  const problem = { m, k, n, threads, elementBytes };
  const predicted = secondsFor(packedWork(work, kernel, problem), model.seconds);
  const baseline = secondsFor(baselineWork(problem), model.baselineSeconds);
  return baseline / speedup.estimate / predicted;
}

function geometricMean(factors: readonly number[]): number {
  if (factors.length === 0) return 1;
  return Math.exp(factors.reduce((sum, factor) => sum + Math.log(factor), 0) / factors.length);
}
