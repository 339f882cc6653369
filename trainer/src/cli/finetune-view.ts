import type { FinetuneRunHooks } from '../training/finetune-run.js';
import { lazyProgress, note } from './output.js';
import { TrainingView } from './training-view.js';

/** Shows a fine-tuning run: a live line while it trains, and another while it measures for its report. */
export class FinetuneView {
  readonly hooks: FinetuneRunHooks;
  readonly #measuring = lazyProgress('measuring');
  #training: TrainingView | undefined;

  /** @param budgetSeconds the budget of the training; undefined if it has none */
  constructor(budgetSeconds: number | undefined) {
    this.hooks = {
      onConnected: () => {
        this.#training = new TrainingView('fine-tuning', { budgetSeconds });
      },
      onMessage: note,
      onMetrics: (line) => this.#training?.update(line),
      onFactorization: (found) => this.#training?.announce(found),
      onReportProgress: (done, total, what) => {
        this.#training?.stop();
        this.#measuring.update(done / total, what);
      },
    };
  }

  stop(): void {
    this.#training?.stop();
    this.#measuring.stop();
  }
}
