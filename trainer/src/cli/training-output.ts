import { createRequire } from 'node:module';
import { formatSize } from '@alphatensor-edge/shared';
import type { MetricsLine } from '../run/metrics.js';
import { provenanceWords } from '../run/provenance.js';
import { searchWords } from '../training/search-words.js';
import type { FoundFactorization, TrainingInfo } from '../training/train.js';
import type { Progress } from './output.js';
import { note } from './output.js';

export const PROGRAM_VERSION = (createRequire(import.meta.url)('../../package.json') as { version: string }).version;

/** Which TensorFlow.js backend really runs, why the faster ones do not, and where the network comes from. */
export function backendLines({ backend, weights, step, config, ...provenance }: TrainingInfo): string[] {
  const { workers } = config.acting;
  const missing = backend.unavailable.map(({ name, reason }) => `${name}: ${reason}`);
  return [
    `TensorFlow.js runs on ${backend.name}: ${backend.description}`,
    ...(missing.length > 0 ? [`  faster backends that do not run here: ${missing.join('; ')}`] : []),
    `network of ${weights} weights, learner step ${step}, ${provenanceWords(provenance)}`,
    ...(workers > 1 ? [`games are played by ${workers} threads`] : []),
  ];
}

export function foundLine({ factorization, hash, seconds, ...search }: FoundFactorization): string {
  const { size, rank } = factorization;
  return `found ${formatSize(size)} of rank ${rank} (${hash.slice(0, 6)}) by ${searchWords(search)} after ${Math.round(seconds)} s`;
}

/** New factorizations are announced one by one up to this many; the rest only count. */
const ANNOUNCED = 8;

/** The live line of a training run. */
export class TrainingProgress {
  #announced = 0;
  #line: MetricsLine = {};

  constructor(
    private readonly progress: Progress,
    private readonly end: { readonly budgetSeconds?: number | undefined; readonly maxSteps?: number | undefined },
  ) {}

  update(line: MetricsLine): void {
    this.#line = { ...this.#line, ...line };
    const { time = 0, step = 0, bestRank, games, solved, measured, waiting } = this.#line;
    const parts = [
      `step ${step}`,
      ...this.#learning(),
      ...(games === undefined ? [] : [`last round solved ${solved} of ${games}${this.#rates()}`]),
      ...(bestRank === undefined ? [] : [`best rank ${bestRank}`]),
      ...this.#otherRanks(),
      ...(measured === undefined ? [] : [`${measured} measured, ${waiting} waiting`]),
    ];
    // Whichever end comes first; without either there is no telling.
    const { budgetSeconds = Number.POSITIVE_INFINITY, maxSteps = Number.POSITIVE_INFINITY } = this.end;
    this.progress.update(Math.max(time / budgetSeconds, step / maxSteps), parts.join(', '));
  }

  #learning(): string[] {
    const { policyLoss, valueLoss } = this.#line;
    if (policyLoss === undefined) return [];
    const error = this.#line['eval.value_error'];
    const shares = (['synthetic', 'played', 'best'] as const).flatMap((name) => {
      const share = this.#line[`mix.${name}`] ?? 0;
      return share > 0 ? [`${Math.round(100 * share)} % ${name}`] : [];
    });
    return [
      `policy loss ${policyLoss.toFixed(2)}`,
      `value loss ${valueLoss.toFixed(3)}`,
      ...(error === undefined ? [] : [`value off by ${error.toFixed(1)} moves`]),
      `learning from ${shares.join(' + ')}`,
    ];
  }

  #otherRanks(): string[] {
    const prefix = 'bestRank.';
    const others = Object.entries(this.#line).filter(([name]) => name.startsWith(prefix));
    return others.map(([name, rank]) => `${name.slice(prefix.length)} rank ${rank}`);
  }

  /** Of the last round of games. */
  #rates(): string {
    const { gamesPerSecond, simulationsPerSecond, evaluationsPerSecond } = this.#line;
    const searched =
      simulationsPerSecond === undefined
        ? `${Math.round(evaluationsPerSecond)} evaluations/s`
        : `${Math.round(simulationsPerSecond)} simulations/s`;
    return ` (${gamesPerSecond.toPrecision(2)} games/s, ${searched})`;
  }

  remark(text: string): void {
    this.#announced++;
    if (this.#announced <= ANNOUNCED) note(text);
    else if (this.#announced === ANNOUNCED + 1) note('further ones are only counted');
  }

  stop(): void {
    this.progress.stop();
  }
}
