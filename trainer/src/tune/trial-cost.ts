import type { Outcome } from '@alphatensor-edge/proto';

/** Describes a measurement for an estimate of how long it takes. */
export interface PlannedTrial {
  /** Seconds of one product, by the candidate and by the baseline. */
  readonly seconds: number;
  readonly baselineSeconds: number;
  readonly rank: number;
  readonly isCompiled: boolean;
  readonly minRounds: number;
  readonly threads: number;
  /** Programs that are timed beside the baseline: 1, or 2 with own <1,1,1>. */
  readonly sides: 1 | 2;
  /** Whether the errors are measured on further kinds of inputs. */
  readonly hasFurtherInputs: boolean;
}

/** Runs of each side in the check and in the warm-up (agent/src/measure/correctness.ts, rounds.ts). */
const RUNS_BEFORE_ROUNDS = 3;
/** Runs of each side on further kinds of inputs: one on each. */
const RUNS_ON_FURTHER_INPUTS = 2;
/** Shortest sample and warm-up of the protocol, seconds. */
const LEAST_SAMPLE = 0.01;
const LEAST_WARM_UP = 0.2;
/** With several threads a round waits until those of the baseline sleep (agent/native/threads.h). */
const WAIT_SECONDS = 0.15;
/** Compiling takes about a second, and more for more products (4 s for 343), until it is known. */
const COMPILE_SECONDS = 0.6;
const COMPILE_SECONDS_OF_PRODUCT = 0.01;
/** Starting the child, filling matrices, and comparing, until it is known. */
const FIRST_OVERHEAD = 2;
/** Of the plan search: two programs in five to nine rounds, with what comes before. */
const RUNS_OF_PLAN = 9;

/** Estimates how long the trials of a run take, and learns from those that were made. */
export class TrialCost {
  #overhead = FIRST_OVERHEAD;
  #compileFactor = 1;
  #trials = 0;

  /** Estimates the wall-clock seconds of a trial that ends as soon as it may. */
  estimate(trial: PlannedTrial): number {
    return this.#overhead + this.#compiling(trial) + running(trial);
  }

  /** Estimates the seconds that one more plan takes. */
  estimatePlan({ seconds, rank }: Pick<PlannedTrial, 'seconds' | 'rank'>): number {
    const compile = this.#compiling({ rank, isCompiled: false });
    return 1 + compile + 2 * RUNS_OF_PLAN * Math.max(seconds, LEAST_SAMPLE);
  }

  /**
   * Learns from a trial.
   * @param wallSeconds from the request to the outcome
   */
  learn(trial: PlannedTrial, wallSeconds: number, { measurement, compileSeconds, compileCached }: Outcome): void {
    // What ended early took less than it might have.
    if (measurement === null || measurement === undefined) return;
    const compile = compileCached ? 0 : compileSeconds;
    const rounds = measurement.baselineSeconds.length;
    const overhead = Math.max(0.1, wallSeconds - compile - running({ ...trial, minRounds: rounds }));
    // The first one also makes what all share: the harness, the control.
    if (this.#trials > 0) this.#overhead = (this.#overhead + overhead) / 2;
    if (compile > 0) {
      const factor = compile / compileEstimate(trial.rank);
      this.#compileFactor = this.#trials === 0 ? factor : (this.#compileFactor + factor) / 2;
    }
    this.#trials++;
  }

  #compiling({ rank, isCompiled }: Pick<PlannedTrial, 'rank' | 'isCompiled'>): number {
    return isCompiled ? 0 : this.#compileFactor * compileEstimate(rank);
  }
}

function compileEstimate(rank: number): number {
  return COMPILE_SECONDS + COMPILE_SECONDS_OF_PRODUCT * rank;
}

/** Computes the seconds in which the programs run. Own <1,1,1> takes about as long as the baseline. */
function running({
  seconds,
  baselineSeconds,
  minRounds,
  sides,
  threads,
  hasFurtherInputs,
}: Omit<PlannedTrial, 'rank' | 'isCompiled'>): number {
  const all = [baselineSeconds, seconds, ...(sides === 2 ? [baselineSeconds] : [])];
  const before = RUNS_BEFORE_ROUNDS + (hasFurtherInputs ? RUNS_ON_FURTHER_INPUTS : 0);
  return all.reduce(
    (sum, each) =>
      sum + Math.max(LEAST_WARM_UP, before * each) + minRounds * (each >= LEAST_SAMPLE ? each : LEAST_SAMPLE + each),
    threads > 1 ? minRounds * WAIT_SECONDS : 0,
  );
}
