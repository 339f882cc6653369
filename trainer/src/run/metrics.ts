import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writing } from './folder.js';
import { EventFile } from './tensorboard.js';

// `metrics.jsonl`: one JSON object a line, numbers by name.

/** The name of the file in a run folder. */
export const METRICS = 'metrics.jsonl';
const NEWLINE = 0x0a;

/** What a run writes: numbers by name, `time` in seconds of the run, `step` in learner steps. */
export type MetricsLine = Readonly<Record<string, number>>;

/** [predicted, real] returns, which a line may hold under `eval.value_calibration`. */
export type Calibration = readonly (readonly [predicted: number, real: number])[];

/** A line as it is read: of any version, so that every value must be looked at. */
export type RecordedLine = Readonly<Record<string, unknown>>;

/** Ends a line that was cut off when its run was killed, so that what follows does not run into it. */
export function mendMetrics(runDir: string): void {
  const path = join(runDir, METRICS);
  if (!existsSync(path)) return;
  const text = readFileSync(path);
  if (text.length > 0 && text[text.length - 1] !== NEWLINE) writing(runDir, () => appendFileSync(path, '\n'));
}

export function appendMetrics(runDir: string, line: Readonly<Record<string, unknown>>): void {
  writing(runDir, () => appendFileSync(join(runDir, METRICS), `${JSON.stringify(line)}\n`));
}

/** What TensorBoard calls the numbers of a line; others go by their own name. The part before the slash groups its charts. */
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
  treeSearch: 'search/is_tree_search',
  measured: 'latency/measured',
  waiting: 'latency/waiting',
  latencyBonus: 'latency/best_bonus',
};

/** A run's metrics: lines of `metrics.jsonl`, and the same numbers in a TensorBoard event file of their own. */
export class MetricsLog {
  readonly #events: EventFile;

  /** @param step the learner step that the run begins or goes on at */
  constructor(
    private readonly runDir: string,
    step: number,
  ) {
    mendMetrics(runDir);
    this.#events = writing(runDir, () => EventFile.create(runDir, step));
  }

  /** @param calibration goes into `metrics.jsonl` alone, as `eval.value_calibration`: TensorBoard has no place for pairs */
  append(line: MetricsLine, calibration?: Calibration): void {
    appendMetrics(this.runDir, calibration === undefined ? line : { ...line, 'eval.value_calibration': calibration });
    const { time: _, step, ...values } = line;
    const tagged = Object.fromEntries(Object.entries(values).map(([name, value]) => [TAGS[name] ?? name, value]));
    writing(this.runDir, () => this.#events.addScalars(step, tagged));
  }
}

/** Reads the metrics of a run as far as they go; adds to `notes` what is missing, cut off or damaged. */
export function readMetrics(runDir: string, notes: string[]): RecordedLine[] {
  const path = join(runDir, METRICS);
  if (!existsSync(path)) {
    notes.push('There are no metrics, so nothing is plotted over time.');
    return [];
  }
  const lines = readFileSync(path, 'utf8').split('\n');
  // A complete file ends with a newline: what stands after the last one is empty or was cut off.
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
