import { setImmediate, setTimeout } from 'node:timers/promises';
import type { ProgramCost } from '@alphatensor-edge/proto';
import { AlphaTensorError, countNonzeros, type VerifiedFactorization } from '@alphatensor-edge/shared';
import { findBackend } from '../backends/backends.js';
import { sourceOf, withinBound } from '../job/sides.js';
import type { PlanQuestion } from './request.js';

/** Bounds the planning for one request, milliseconds of this process. What is left then is left out of the answer. */
const MAX_PLANNING_MS = 1500;
/** Bounds the time that a request waits while a program is timed, milliseconds. */
const MAX_WAIT_MS = 30_000;
const POLL_MS = 50;
/** Bounds the requests that wait for one that is being answered. */
const MAX_WAITING = 8;
/** The search for common sums is quick up to this many summands; programs of more would not be compiled either. */
const MAX_NONZEROS = 8000;

/**
 * Answers what programs would do, one request at a time. Planning takes the processor of this device, so it pauses while a program is
 * timed.
 */
export class Planner {
  readonly #isTiming: () => boolean;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** @param isTiming tells whether a program is being timed */
  constructor(isTiming: () => boolean) {
    this.#isTiming = isTiming;
  }

  /**
   * Plans the programs of a request as far as the time allows.
   * @param signal ends it when the caller has left
   * @returns costs of the first factorizations, in their order
   * @throws AlphaTensorError RESOURCE_EXHAUSTED if too many requests wait
   */
  async answer(question: PlanQuestion, signal: AbortSignal): Promise<ProgramCost[]> {
    if (this.#waiting >= MAX_WAITING) {
      throw new AlphaTensorError('RESOURCE_EXHAUSTED', 'Too many requests for plans wait; try again in a few seconds.');
    }
    this.#waiting++;
    const answer = this.#last.then(() => this.#plan(question, signal)).finally(() => this.#waiting--);
    this.#last = answer.catch(() => undefined);
    return answer;
  }

  async #plan(question: PlanQuestion, signal: AbortSignal): Promise<ProgramCost[]> {
    const costs: ProgramCost[] = [];
    const giveUpAt = performance.now() + MAX_WAIT_MS;
    let spent = 0;
    for (const factorization of question.factorizations) {
      while (this.#isTiming() && performance.now() < giveUpAt && !signal.aborted) await setTimeout(POLL_MS);
      if (signal.aborted || spent > MAX_PLANNING_MS || this.#isTiming()) break;
      const start = performance.now();
      costs.push(programCost(question, factorization));
      spent += performance.now() - start;
      // Calls of others are answered in between.
      await setImmediate();
    }
    return costs;
  }
}

/** Plans one program. */
function programCost(question: PlanQuestion, factorization: VerifiedFactorization): ProgramCost {
  const { variant, problem, levels } = question;
  const { dtype, threads } = problem;
  const backend = findBackend(question.backend);
  if (backend === undefined || !backend.dtypes.includes(dtype)) {
    return refused(`${question.backend} has no programs in ${dtype}.`);
  }
  if (countNonzeros(factorization) > MAX_NONZEROS) return refused('It has too many coefficients to be planned.');
  const applied = Array.from({ length: levels }, () => factorization);
  const program = withinBound(backend.program(variant || backend.variants[0], applied, dtype), question);
  const source = sourceOf(program);
  if (!source.ok) return refused(source.reason);
  return {
    refusal: '',
    ...program.cost(problem, threads),
    workspaceBytes: program.workspaceBytes(problem, threads),
  };
}

function refused(refusal: string): ProgramCost {
  return { refusal, products: 0, multiplyAdds: 0, a: null, b: null, c: null, workspaceBytes: 0 };
}
