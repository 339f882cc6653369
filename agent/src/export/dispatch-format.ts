import type { DispatchEntry, DispatchWinner, FactorizationRecord } from '@alphatensor-edge/shared';
import type { DType } from '../plan/plan.js';
import { type Algorithm, algorithmOf } from './unit.js';

/** Holds a measured problem and what to use for it. */
export interface DispatchRule {
  readonly problem: DispatchEntry['problem'];
  /** Undefined: the BLAS. */
  readonly use: { readonly levels: readonly FactorizationRecord[]; readonly winner: DispatchWinner } | undefined;
}

/** Holds one algorithm with one plan for one number format. Number 0 is the BLAS. */
export interface Unit {
  readonly number: number;
  readonly algorithm: Algorithm;
  readonly winner: DispatchWinner;
}

/** Holds what the library has for one number format. */
export interface Format {
  readonly dtype: DType;
  readonly units: readonly Unit[];
  readonly rules: readonly (DispatchRule & { readonly number: number })[];
}

/** Collects what the library has for a number format. Equal algorithms with equal plans become one unit. */
export function formatOf(dtype: DType, all: readonly DispatchRule[]): Format {
  const units = new Map<string, Unit>();
  const rules = all
    .filter(({ problem }) => problem.dtype === dtype)
    .map((rule) => {
      if (rule.use === undefined) return { ...rule, number: 0 };
      const { levels, winner } = rule.use;
      const key = JSON.stringify([winner.levels, winner.plan, winner.vectorIsa]);
      const unit = units.get(key) ?? { number: units.size + 1, algorithm: algorithmOf(levels), winner };
      units.set(key, unit);
      return { ...rule, number: unit.number };
    });
  return { dtype, units: [...units.values()], rules };
}
