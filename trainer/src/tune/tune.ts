import type { DispatchObjective, DispatchProblem } from '@alphatensor-edge/shared';
import type { Candidate } from '../fleet/algorithms.js';
import { isWithin } from '../fleet/error-bound.js';
import type { MeasurementRow } from '../fleet/measurement.js';
import { Bench, type BenchOptions, type TrialSettings } from './bench.js';
import type { Combination } from './combinations.js';
import type { MeasuredProblem } from './dispatch.js';
import { FINALISTS, planRungs, type Rung, survivors } from './halving.js';
import { Outlook, type OutlookOptions } from './outlook.js';
import type { Expected } from './ranking.js';

interface TuneOptions extends BenchOptions, Omit<OutlookOptions, 'maxError'> {
  /** How many plans the agent tries for each finalist at most; 0: only the one that suits its caches. */
  readonly tunePlans: number;
  /** How many combinations the first rung times at most. */
  readonly mostCandidates: number;
  readonly objective: DispatchObjective;
  readonly onProgress?: ((fraction: number, what: string) => void) | undefined;
}

/** Rounds that a trial needs at least to decide which candidates go on, and for the choice. */
const SCREENING_ROUNDS = 5;
const FULL_ROUNDS = 10;
/** Of a product so slow that the rounds above take too much of the time. */
const [FEW_SCREENING_ROUNDS, FEW_FULL_ROUNDS] = [3, 5];
/** The share of a problem's time beyond which the rounds above are too many for one trial. */
const LARGE_SHARE = 1 / 8;
/** Share of a problem's time in which candidates are screened. The rest is for the next rungs and for trying plans. */
const SCREENED = 0.6;
/** Least time of timing in one trial, seconds, and its share of a problem's time: of the engine itself, and of a screened candidate. */
const LEAST_TIMING = 0.5;
const OWN_TIMING = 1 / 20;
const SCREENING_TIMING = 1 / 60;
/** Share of the time that is kept while the first rungs run, because the last one is estimated. */
const SPARE = 1.15;
/** Fewer plans than this are not worth their time. */
const LEAST_PLANS = 2;

/** A candidate with what was measured of it and what is expected. */
interface Contender {
  readonly candidate: Candidate;
  readonly combination: Combination;
  readonly row: MeasurementRow | undefined;
}

/**
 * Searches one problem. The engine without an algorithm is timed first. A model of the time, fitted to all that was measured on the
 * device, then says which combinations are worth timing, and is fitted again after each; those whose predicted error exceeds the bound
 * clearly are left out. Successive halving decides among them. A stored row that was measured at least as long is used instead of
 * measuring again, so a stopped search goes on where it was.
 */
export async function tuneProblem(
  combinations: readonly Combination[],
  problem: DispatchProblem,
  options: TuneOptions,
): Promise<MeasuredProblem> {
  const search = new Search(combinations, problem, options);
  await search.run();
  return search.result();
}

class Search {
  readonly #problem: DispatchProblem;
  readonly #options: TuneOptions;
  readonly #bench: Bench;
  readonly #outlook: Outlook;
  readonly #size: number;
  #lastRung: MeasurementRow[] | undefined;
  #done = 0;
  #total = 1;

  constructor(combinations: readonly Combination[], problem: DispatchProblem, options: TuneOptions) {
    this.#problem = problem;
    this.#options = options;
    this.#bench = new Bench(problem, options);
    this.#size = combinations.length;
    this.#outlook = new Outlook(problem, combinations, { ...options, maxError: options.objective.maxError });
  }

  result(): MeasuredProblem {
    const rows = this.#lastRung ?? this.#outlook.rows;
    return { problem: this.#problem, rows, isComplete: this.#lastRung !== undefined };
  }

  async run(): Promise<void> {
    const { seconds } = this.#options;
    const most = Math.min(this.#options.mostCandidates, this.#size);
    // Times how fast the device is before anything is predicted.
    const own = await this.#measure(this.#outlook.own, this.#ownTrial(most), 'first');
    if (own === undefined) return;
    this.#outlook.shorten();
    const [first] = planRungs(most);
    const screening = seconds === undefined ? first.seconds : Math.max(LEAST_TIMING, SCREENING_TIMING * seconds);
    this.#total = 1 + most + FINALISTS;
    // With few candidates the first rung is the last, too.
    const isScreened = !first.isLast;
    let contenders = isScreened
      ? await this.#screen({ ...first, seconds: screening })
      : this.#outlook
          .expected()
          .slice(0, most)
          .map((next) => this.#contenderOf(next));
    // There was no time for a single one.
    if (contenders.length === 0 && this.#outlook.expected().length > 0) return;
    const rungs = this.#rungsFor(contenders);
    for (const rung of isScreened && rungs.length > 1 ? rungs.slice(1) : rungs) {
      const going = isScreened ? this.#goingOn(contenders, rung.count) : contenders;
      if (rung.isLast) return this.#decide(going, rung);
      contenders = await this.#again(going, rung, 'once more');
    }
  }

  /** Plans the rungs for what was screened: two finalists, or one if there is time for no more. */
  #rungsFor(contenders: readonly Contender[]): Rung[] {
    const { seconds } = this.#options;
    if (seconds === undefined) return planRungs(contenders.length);
    const left = this.#bench.secondsLeft;
    const baselineSeconds = this.#outlook.baselineSeconds;
    const finalists = contenders.map(({ candidate, combination }) =>
      this.#bench.estimate(candidate, this.#outlook.secondsOf(combination), baselineSeconds, this.#fullTrial(0), true),
    );
    const two = finalists.sort((x, y) => y - x).slice(0, FINALISTS);
    const hasTime = SPARE * two.reduce((sum, each) => sum + each, 0) <= left;
    return planRungs(contenders.length, left / 2, hasTime ? FINALISTS : 1);
  }

  /** The engine itself needs few rounds: it is what the others are predicted from, and seldom what is chosen. */
  #ownTrial(most: number): TrialSettings {
    const { seconds } = this.#options;
    const full = {
      ...this.#fullTrial(planRungs(most).at(-1)?.seconds ?? 0),
      ...{ isBesideOwn: false, hasFurtherInputs: false },
    };
    if (seconds === undefined) return full;
    return { ...full, seconds: Math.max(LEAST_TIMING, OWN_TIMING * seconds), minRounds: FEW_FULL_ROUNDS };
  }

  /** Times combinations one after the other, each the most promising by then, as long as there is time for it. */
  async #screen({ count, seconds }: Rung): Promise<Contender[]> {
    const contenders: Contender[] = [];
    const settings = this.#screeningTrial(seconds);
    const whole = this.#options.seconds ?? Number.POSITIVE_INFINITY;
    while (contenders.length < count && !this.#bench.isStopped) {
      const expected = this.#outlook.expected();
      // What the store has costs nothing.
      const next = expected.find(({ combination }) => this.#outlook.isKnown(combination)) ?? expected[0];
      if (next === undefined) break;
      const { combination } = next;
      const candidate = this.#outlook.take(combination);
      const isStored = this.#bench.stored(candidate, settings) !== undefined;
      const isEnough = contenders.length >= FINALISTS && this.#bench.secondsLeft < (1 - SCREENED) * whole;
      // One that is screened is better than none, even if there is no time for the last rung then.
      const after = contenders.length === 0 ? 0 : SPARE;
      if (!isStored && (isEnough || !this.#hasTimeFor(candidate, next.seconds, settings, after))) break;
      const row = await this.#measure(candidate, settings, `candidate ${contenders.length + 1} of at most ${count}`);
      contenders.push({ candidate, combination, row });
    }
    return contenders;
  }

  /** Times those that went on for longer. */
  async #again(contenders: readonly Contender[], { seconds }: Rung, what: string): Promise<Contender[]> {
    const settings = this.#screeningTrial(seconds);
    const measured: Contender[] = [];
    for (const contender of contenders) {
      const { candidate, combination, row } = contender;
      const isTime = this.#hasTimeFor(candidate, this.#outlook.secondsOf(combination), settings);
      // What there is no time for goes on with what is known of it.
      const again = this.#bench.isStopped || !isTime ? row : await this.#measure(candidate, settings, what);
      measured.push({ ...contender, row: again ?? row });
    }
    return measured;
  }

  /** Measures the finalists in full, after trying plans of each. */
  async #decide(contenders: readonly Contender[], { seconds }: Rung): Promise<void> {
    const own = this.#outlook.ownRow;
    const rows = own === undefined ? [] : [own];
    const baselineSeconds = this.#outlook.baselineSeconds;
    const least = contenders.map(({ candidate, combination }) =>
      this.#bench.estimate(candidate, this.#outlook.secondsOf(combination), baselineSeconds, this.#fullTrial(0)),
    );
    for (const [index, { candidate, combination }] of contenders.entries()) {
      if (this.#bench.isStopped) return;
      const rest = least.slice(index).reduce((sum, each) => sum + each, 0);
      const spare = (this.#bench.secondsLeft - rest * SPARE) / (contenders.length - index);
      const plans = this.#plansFor(combination, spare);
      const spent = plans * this.#bench.cost.estimatePlan(this.#costOf(combination));
      const timing = Number.isFinite(spare) ? Math.min(seconds, Math.max(LEAST_TIMING, spare - spent)) : seconds;
      // Better one finalist less than one that the deadline cuts off in the middle.
      if (this.#bench.secondsLeft < least[index]) {
        if (index === 0) return;
        break;
      }
      const settings = { ...this.#fullTrial(timing), plans };
      const row = await this.#measure(candidate, settings, `finalist ${index + 1} of ${contenders.length}`);
      if (row === undefined && this.#bench.isStopped) return;
      if (row !== undefined) rows.push(row);
    }
    // No row at all means that the infrastructure failed, which says nothing about the candidates.
    if (rows.length > 0) this.#lastRung = rows;
  }

  #plansFor(combination: Combination, spare: number): number {
    const { tunePlans } = this.#options;
    if (!Number.isFinite(spare)) return tunePlans;
    const plans = Math.floor(spare / this.#bench.cost.estimatePlan(this.#costOf(combination)));
    return plans < LEAST_PLANS ? 0 : Math.min(plans, tunePlans);
  }

  #goingOn(contenders: readonly Contender[], count: number): Contender[] {
    const { maxError } = this.#options.objective;
    const trials = contenders.map((candidate) => {
      const { row } = candidate;
      const error = row && this.#outlook.errorOf(row);
      return { candidate, speedup: row?.outcome.measurement?.speedup?.estimate, error };
    });
    return survivors(trials, count, (error) => isWithin(maxError, error));
  }

  #contenderOf({ combination }: Expected): Contender {
    return { candidate: this.#outlook.candidateOf(combination), combination, row: undefined };
  }

  async #measure(candidate: Candidate, settings: TrialSettings, what: string): Promise<MeasurementRow | undefined> {
    const { onProgress } = this.#options;
    const tell = (stage: string): void =>
      onProgress?.(Math.min(1, this.#done / this.#total), `${candidate.algorithm.label}, ${what}${stage}`);
    tell('');
    const expected = { seconds: this.#outlook.baselineSeconds, baselineSeconds: this.#outlook.baselineSeconds };
    const row = await this.#bench.trial(candidate, settings, expected, (stage) => tell(`: ${stage}`));
    this.#done++;
    this.#outlook.learn(candidate, row);
    return row;
  }

  /** Tells whether there is time for a trial, and after it for so many finalists. */
  #hasTimeFor(candidate: Candidate, seconds: number, settings: TrialSettings, finalists = SPARE): boolean {
    if (this.#options.seconds === undefined) return true;
    const baselineSeconds = this.#outlook.baselineSeconds;
    const last = this.#bench.estimate(candidate, seconds, baselineSeconds, this.#fullTrial(0), true);
    const trial = this.#bench.estimate(candidate, seconds, baselineSeconds, settings);
    return this.#bench.secondsLeft >= trial + finalists * last;
  }

  #screeningTrial(seconds: number): TrialSettings {
    const minRounds = this.#isLarge() ? FEW_SCREENING_ROUNDS : SCREENING_ROUNDS;
    return { seconds, minRounds, isFull: false, isBesideOwn: false, hasFurtherInputs: false, plans: 0 };
  }

  #fullTrial(seconds: number): TrialSettings {
    const isLarge = this.#isLarge();
    // Own <1,1,1> was timed by itself. Beside the candidate it is compared in the same rounds.
    return {
      seconds,
      minRounds: isLarge ? FEW_FULL_ROUNDS : FULL_ROUNDS,
      isFull: true,
      isBesideOwn: !isLarge,
      // The choice is made among these.
      hasFurtherInputs: true,
      plans: 0,
    };
  }

  /** Tells whether the usual number of rounds would take too much of the time. */
  #isLarge(): boolean {
    const { seconds } = this.#options;
    return seconds !== undefined && 3 * FULL_ROUNDS * this.#outlook.baselineSeconds > LARGE_SHARE * seconds;
  }

  #costOf(combination: Combination): { seconds: number; rank: number } {
    return { seconds: this.#outlook.secondsOf(combination), rank: combination.work.rank };
  }
}
