import { type DispatchProblem, median } from '@alphatensor-edge/shared';
import type { Candidate } from '../fleet/algorithms.js';
import { errorRatio, isWithin } from '../fleet/error-bound.js';
import type { MeasurementRow } from '../fleet/measurement.js';
import { type Combination, candidateOf, levelsKey, ownGemm } from './combinations.js';
import { ownErrorOf } from './dispatch.js';
import { type Expected, effectiveGrowth, errorPredictor, inOrderOfTrial } from './ranking.js';
import { fitTimeModel, predictBaseline, predictSeconds, type TimedRow, type TimeModel } from './time-model.js';

export interface OutlookOptions {
  /** Largest multiple of the error of a plain product; null: any. */
  readonly maxError: number | null;
  /** Gives the times that are known by now, of this device, backend and variant. */
  readonly timed: () => readonly TimedRow[];
  /** Levels of the combinations that the store has rows for, as levelsKey writes them. */
  readonly known: ReadonlySet<string>;
}

/** The depth that is summed up at a time where a program does not say it. */
const MOST_SUMMED = 512;
/** Combinations that stay open once the device's speed is known. */
const SHORTLIST = 1000;

/** Knows what was measured of a problem, and what that makes one expect of the combinations that were not. */
export class Outlook {
  /** The engine itself, <1,1,1>. */
  readonly own = ownGemm();
  readonly #problem: DispatchProblem;
  readonly #options: OutlookOptions;
  readonly #open: Set<Combination>;
  readonly #tried: Combination[] = [];
  readonly #candidates = new Map<Combination, Candidate>();
  readonly #latest = new Map<Candidate, MeasurementRow>();
  #fitted: TimeModel | undefined;

  constructor(problem: DispatchProblem, combinations: readonly Combination[], options: OutlookOptions) {
    this.#problem = problem;
    this.#options = options;
    this.#open = new Set(combinations);
  }

  /** The latest row of each candidate. */
  get rows(): MeasurementRow[] {
    return [...this.#latest.values()];
  }

  get ownRow(): MeasurementRow | undefined {
    return this.#latest.get(this.own);
  }

  learn(candidate: Candidate, row: MeasurementRow | undefined): void {
    if (row !== undefined) this.#latest.set(candidate, row);
    this.#fitted = undefined;
  }

  /** Takes a combination from those that are open. */
  take(combination: Combination): Candidate {
    this.#open.delete(combination);
    this.#tried.push(combination);
    return this.candidateOf(combination);
  }

  candidateOf(combination: Combination): Candidate {
    const candidate = this.#candidates.get(combination) ?? candidateOf(combination);
    this.#candidates.set(combination, candidate);
    return candidate;
  }

  /** Lists the combinations that are open in the order of trial, without those that are clearly too inaccurate. */
  expected(): Expected[] {
    const model = this.#model();
    const { maxError } = this.#options;
    const { predict, margin } = this.#errors();
    const bound = maxError === null ? null : maxError * margin;
    const expected = [...this.#open].map((combination) => ({
      combination,
      seconds: predictSeconds(model, combination.work, this.#problem),
      error: predict(this.#growthOf(combination.growth, combination.work.m)),
    }));
    return inOrderOfTrial(
      expected.filter(({ error }) => isWithin(bound, error)),
      maxError,
      this.#tried,
    );
  }

  /** Keeps the combinations that may be worth timing at all: predicting tens of thousands takes time each time. */
  shorten(): void {
    const kept = [
      ...[...this.#open].filter((one) => this.isKnown(one)),
      ...this.expected()
        .slice(0, SHORTLIST)
        .map(({ combination }) => combination),
    ];
    this.#open.clear();
    for (const combination of kept) this.#open.add(combination);
  }

  /** Tells whether the store has a row of the combination. */
  isKnown({ schemes }: Combination): boolean {
    return this.#options.known.has(levelsKey(schemes.map(({ hash }) => hash)));
  }

  /** The baseline's time for a product: as measured, or as predicted. */
  get baselineSeconds(): number {
    const measured = this.rows.flatMap(({ outcome: { measurement } }) =>
      measurement?.baselineSeconds.length ? [median(measurement.baselineSeconds)] : [],
    );
    return measured.length > 0 ? median(measured) : predictBaseline(this.#model(), this.#problem);
  }

  secondsOf({ work }: Combination): number {
    return predictSeconds(this.#model(), work, this.#problem);
  }

  /** Computes the measured error of a row as a multiple of that of a plain product. */
  errorOf({ outcome: { measurement } }: MeasurementRow): number | undefined {
    return measurement ? errorRatio(measurement, ownErrorOf(this.rows)) : undefined;
  }

  #errors() {
    const measured = this.rows.flatMap((row) => {
      const { growth, size } = row.algorithm;
      const ratio = this.errorOf(row);
      if (row === this.ownRow || growth === undefined || ratio === undefined) return [];
      return [{ growth: this.#growthOf(growth, size.m), ratio }];
    });
    return errorPredictor((this.ownRow && this.errorOf(this.ownRow)) ?? 1, measured);
  }

  #growthOf(growth: number, m: number): number {
    return effectiveGrowth(growth, m, this.#problem.k, Math.min(this.#model().kernel.kc, MOST_SUMMED));
  }

  /** Fits the model again only after a measurement. */
  #model(): TimeModel {
    this.#fitted ??= fitTimeModel(this.#options.timed(), this.#problem);
    return this.#fitted;
  }
}
