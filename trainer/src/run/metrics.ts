import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writing } from './folder.js';
import { EventFile } from './tensorboard.js';

// `metrics.jsonl` has one JSON object on each line: numbers by name.

/** Names the file in a run folder. */
export const METRICS = 'metrics.jsonl';
const NEWLINE = 0x0a;

/** Holds the numbers of a line by name; `time` is in seconds of the run, `step` in learner steps. */
export type MetricsLine = Readonly<Record<string, number>>;

/** Holds [predicted, real] returns, which a line may have under `eval.value_calibration`. */
export type Calibration = readonly (readonly [predicted: number, real: number])[];

/** Holds a line as it was read. Any version may have written it, so each value must be checked. */
export type RecordedLine = Readonly<Record<string, unknown>>;

/** Ends a line that was cut off when its run was killed, so that the next line does not join it. */
export function mendMetrics(runDir: string): void {
  const path = join(runDir, METRICS);
  if (!existsSync(path)) return;
  const text = readFileSync(path);
  if (text.length > 0 && text[text.length - 1] !== NEWLINE) writing(runDir, () => appendFileSync(path, '\n'));
}

/** Appends a line. @throws AlphaTensorError RESOURCE_EXHAUSTED if the folder cannot be written */
export function appendMetrics(runDir: string, line: Readonly<Record<string, unknown>>): void {
  writing(runDir, () => appendFileSync(join(runDir, METRICS), `${JSON.stringify(line)}\n`));
}

/** The names that TensorBoard shows; other numbers keep their own. TensorBoard groups charts by the part before the slash. */
const TAGS: Readonly<Record<string, string>> = {
  policyLoss: 'loss/policy',
  valueLoss: 'loss/value',
  gradientNorm: 'optimizer/gradient_norm',
  learningRate: 'optimizer/learning_rate',
  games: 'games/played',
  gamesPerSecond: 'games/per_second',
  solved: 'games/solved',
  meanReturn: 'games/mean_return',
  meanReward: 'games/mean_reward',
  bestRank: 'rank/best',
  roundRank: 'rank/best_of_round',
  evaluations: 'search/evaluations',
  evaluationsPerSecond: 'search/evaluations_per_second',
  wastedSamples: 'search/wasted_samples',
  treeSearch: 'search/is_tree_search',
  measured: 'latency/measured',
  waiting: 'latency/waiting',
  latencyBonus: 'latency/best_bonus',
  pricedImages: 'latency/priced_images',
  describedPrograms: 'latency/described_programs',
  costError: 'latency/cost_error',
  costErrorOfMean: 'latency/cost_error_of_mean',
  costPredictions: 'latency/cost_predictions',
  costFromPrograms: 'latency/cost_predictions_from_programs',
};

/** Writes a run's metrics as lines of `metrics.jsonl`, and the same numbers to a TensorBoard event file. */
export class MetricsLog {
  readonly #runDir: string;
  readonly #events: EventFile;

  /** @param step the learner step at which the run begins or goes on */
  constructor(runDir: string, step: number) {
    this.#runDir = runDir;
    mendMetrics(runDir);
    this.#events = writing(runDir, () => EventFile.create(runDir, step));
  }

  /**
   * Appends a line.
   * @param calibration is written to `metrics.jsonl` alone, as `eval.value_calibration`; TensorBoard has no place for pairs
   */
  append(line: MetricsLine, calibration?: Calibration): void {
    appendMetrics(this.#runDir, calibration === undefined ? line : { ...line, 'eval.value_calibration': calibration });
    const { time: _, step, ...values } = line;
    const tagged = Object.fromEntries(Object.entries(values).map(([name, value]) => [TAGS[name] ?? name, value]));
    writing(this.#runDir, () => this.#events.addScalars(step, tagged));
  }
}

/** Reads the metrics of a run as far as possible. Adds a note to `notes` for what is missing, cut off or damaged. */
export function readMetrics(runDir: string, notes: string[]): RecordedLine[] {
  const path = join(runDir, METRICS);
  if (!existsSync(path)) {
    notes.push('There are no metrics, so nothing is plotted over time.');
    return [];
  }
  const lines = readFileSync(path, 'utf8').split('\n');
  // A complete file ends with a newline, so text after the last newline was cut off.
  const last = lines.length - 1;
  const metrics: RecordedLine[] = [];
  const broken: number[] = [];
  lines.forEach((line, index) => {
    if (line.trim() === '') return;
    const parsed = parseObject(line);
    if (parsed !== undefined) metrics.push(parsed);
    else if (index === last) {
      notes.push(`The last line of ${METRICS} was cut off (the run was stopped while it wrote) and is left out.`);
    } else broken.push(index + 1);
  });
  if (broken.length > 0) {
    const count = broken.length === 1 ? 'One line' : `${broken.length} lines`;
    notes.push(
      `${count} of ${METRICS} (first: line ${broken[0]}) cannot be read and ${broken.length === 1 ? 'is' : 'are'} left out.`,
    );
  }
  if (metrics.length === 0) notes.push(`${METRICS} holds no complete line, so nothing is plotted over time.`);
  return metrics;
}

function parseObject(line: string): RecordedLine | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as RecordedLine) : undefined;
  } catch {
    return undefined;
  }
}
