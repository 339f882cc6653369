import type { MetricsLine } from '../run/metrics.js';
import type { FoundFactorization } from '../training/contract.js';
import { foundLine, statusWords } from '../training/words.js';
import { note, type Progress, progress } from './output.js';

/** Limits the new factorizations that are announced one by one. */
const ANNOUNCED = 8;

/** Shows the live line of a training run. */
export class TrainingView {
  readonly #progress: Progress;
  readonly #end: { readonly budgetSeconds?: number | undefined; readonly maxSteps?: number | undefined };
  #announced = 0;
  #line: MetricsLine = {};

  constructor(label: string, end: { budgetSeconds?: number | undefined; maxSteps?: number | undefined }) {
    this.#progress = progress(label, end.budgetSeconds !== undefined || end.maxSteps !== undefined);
    this.#end = end;
  }

  update(line: MetricsLine): void {
    this.#line = { ...this.#line, ...line };
    const { time = 0, step = 0 } = this.#line;
    // The run ends by time or by steps, whichever comes first; without either no share is shown.
    const { budgetSeconds = Number.POSITIVE_INFINITY, maxSteps = Number.POSITIVE_INFINITY } = this.#end;
    this.#progress.update(Math.max(time / budgetSeconds, step / maxSteps), statusWords(this.#line));
  }

  announce(found: FoundFactorization): void {
    if (!found.isNew) return;
    this.#announced++;
    if (this.#announced <= ANNOUNCED) note(foundLine(found));
    else if (this.#announced === ANNOUNCED + 1) note('further ones are only counted');
  }

  stop(): void {
    this.#progress.stop();
  }
}
