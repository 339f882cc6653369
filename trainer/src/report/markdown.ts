import { answerSentence, answerTable, isClaimed, TAKE_HOME_WORDS } from './answer-words.js';
import { changesSentence, changesTable, trendsSentence, trendsTable } from './change-words.js';
import { withoutEmptyRows } from './comparison.js';
import { count, formatProblem, formatSeconds, formatShape, formatShare, formatSignificant } from './format.js';
import { measurementBlocks } from './markdown-measurements.js';
import { deviceName, protocolsOf, type Report } from './model.js';
import { LAYER_COLUMNS, layerCells, MODEL_GAIN_HINT, modelGainSentence } from './model-gain-words.js';
import { escapeMarkdown, markdownTable, type PlainTable } from './plain-table.js';
import { pricesWords } from './prices.js';
import { PRODUCT_COLUMNS, PROGRAM_GAIN_HINT, productCells, programGainSentence } from './program-gain-words.js';
import { PLOTTED } from './progress.js';
import { isMeasured, isSteady, type ReportRow } from './row.js';
import {
  DEFINITIONS,
  deviceFacts,
  environmentFacts,
  type Facts,
  factorizationWords,
  intervalWords,
  NOISE_COLUMNS,
  noiseCells,
  protocolSentence,
  provenanceSentence,
  runFacts,
  SLOW_BASELINE,
  scopeSentence,
  settingWords,
  statusWords,
  TITLE,
  tunedWords,
} from './words.js';

/** Writes the report as GitHub-flavoured Markdown: all of the page except the plots. */
export function formatMarkdown(report: Report): string {
  const blocks = [
    `# ${TITLE}`,
    escapeMarkdown(`${report.runs.map((run) => run.name).join(', ')}. ${scopeSentence(report)}`),
    `> ${escapeMarkdown(provenanceSentence(report.provenance))}`,
    '## What to run',
    ...summary(report),
    ...changes(report),
    ...comparisons(report),
    ...modelGains(report),
    ...programGains(report),
    '## All measurements',
    ...measurementBlocks(report),
    '## Speed-up against error',
    errorFront(report),
    '## Predicted times',
    timeModel(report),
    '## Cost model',
    costModel(report),
    '## Noise and control',
    noise(report),
    '## Over time',
    overTime(report),
    '## Devices and environments',
    ...devices(report),
    '## What failed and why',
    failures(report),
    '## How it was measured',
    ...protocolsOf(report).map((protocol) => escapeMarkdown(protocolSentence(protocol))),
    '## Runs and provenance',
    ...runs(report),
    '## Definitions',
    bullets(DEFINITIONS),
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function summary(report: Report): string[] {
  const notes = report.runs.flatMap((run) => run.notes.map((note) => `- ${escapeMarkdown(`${run.name}: ${note}`)}`));
  const claims = report.groups.map(
    ({ deviceId, problem, best }) =>
      `- **${escapeMarkdown(`${deviceName(report, deviceId)}, ${formatProblem(problem)}`)}**: ${escapeMarkdown(best.claim)}`,
  );
  return [
    answerSentence(report),
    report.groups.length === 0 ? '' : markdownTable(answerTable(report)),
    report.groups.some(({ answer }) => isClaimed(answer)) ? TAKE_HOME_WORDS : '',
    claims.join('\n'),
    notes.join('\n'),
  ];
}

function changes(report: Report): string[] {
  const { changes: against, trends } = report;
  const tableOf = (part: PlainTable): string => (part.rows.length === 0 ? '' : markdownTable(part));
  return [
    ...(against === null
      ? []
      : ['## Changes', escapeMarkdown(changesSentence(against)), tableOf(changesTable(report, against))]),
    ...(trends === null ? [] : ['## Regressions', trendsSentence(trends), tableOf(trendsTable(report, trends))]),
  ];
}

function comparisons(report: Report): string[] {
  if (report.comparisons.length === 0) return [];
  const nameOf = (id: string): string => deviceName(report, id);
  return [
    '## Comparison of devices',
    'Speed-up over the baseline of the same device, precision and threads, with the 95 % interval.',
    ...report.comparisons.map(withoutEmptyRows).flatMap((comparison) => {
      const header = comparison.columns.map((setting) => `${nameOf(setting.deviceId)}, ${settingWords(setting)}`);
      const lines = comparison.rows.map((row) => [
        `${row.algorithm.label} (${tunedWords(row, comparison, nameOf)})`,
        ...row.cells.map(comparisonCell),
      ]);
      return [`### ${formatShape(comparison.shape)}`, table(['Algorithm', ...header], lines)];
    }),
  ];
}

function modelGains(report: Report): string[] {
  if (report.modelGains.length === 0) return [];
  return [
    '## Layers of the model',
    MODEL_GAIN_HINT,
    ...report.modelGains.flatMap((gain) => [
      escapeMarkdown(`${deviceName(report, gain.deviceId)}: ${modelGainSentence(gain)}`),
      table(LAYER_COLUMNS, gain.layers.map(layerCells)),
    ]),
  ];
}

function programGains(report: Report): string[] {
  if (report.programGains.length === 0) return [];
  return [
    '## Products of the program',
    PROGRAM_GAIN_HINT,
    ...report.programGains.flatMap((gain) => [
      escapeMarkdown(`${deviceName(report, gain.deviceId)}: ${programGainSentence(gain)}`),
      table(PRODUCT_COLUMNS, gain.products.map(productCells)),
    ]),
  ];
}

function comparisonCell(cell: ReportRow | null): string {
  if (cell === null) return 'not measured';
  if (!isMeasured(cell)) return statusWords(cell);
  return `${intervalWords(cell.figures.speedup)} ${statusWords(cell)}${isSteady(cell) ? '' : SLOW_BASELINE}`;
}

function errorFront(report: Report): string {
  const front = report.errorFronts.flatMap(({ deviceId, problem, points }) =>
    points
      .filter(({ isOnFront }) => isOnFront)
      .map(({ label, speedup, error }) => [
        deviceName(report, deviceId),
        formatProblem(problem),
        label,
        intervalWords(speedup),
        `${formatSignificant(error)}x`,
      ]),
  );
  if (front.length === 0) return 'No two algorithms were measured for the same problem.';
  const hint =
    'The front: nothing measured is both faster and more accurate. The error is a multiple of the smaller one of the baseline and of own GEMM.';
  return `${hint}\n\n${table(['Device', 'Problem', 'Algorithm', 'Speed-up', 'Error'], front)}`;
}

function timeModel(report: Report): string {
  if (report.timeFits.length === 0) return 'No tuning run predicted enough times.';
  return table(
    ['Device', 'Format', 'Threads', 'Predictions', 'Median error', '90 % within'],
    report.timeFits.map(({ deviceId, dtype, threads, points, medianError, error90 }) => [
      deviceName(report, deviceId),
      dtype,
      String(threads),
      String(points.length),
      formatShare(medianError),
      formatShare(error90),
    ]),
  );
}

function costModel(report: Report): string {
  if (report.costFits.length === 0) return 'No cost model was fitted.';
  const prices = report.runs.flatMap(({ name, prices: of }) =>
    of === undefined ? [] : [`${name}: ${pricesWords(of)}`],
  );
  const fits = table(
    ['Device', 'Problem', 'Levels', 'Algorithms', 'Mean error of t / t_baseline', 'Of predicting the mean'],
    report.costFits.map(({ deviceId, problem, depth, points, meanError, meanErrorOfMean }) => [
      deviceName(report, deviceId),
      formatProblem(problem),
      String(depth),
      String(points.length),
      formatSignificant(meanError),
      formatSignificant(meanErrorOfMean),
    ]),
  );
  return [...prices, fits].join('\n\n');
}

function noise(report: Report): string {
  if (report.noise.length === 0) return 'Nothing was measured.';
  return table(
    ['Device', 'Baseline against itself', ...NOISE_COLUMNS],
    report.noise.map((one) => [
      deviceName(report, one.deviceId),
      one.controls.map(intervalWords).join('; ') || 'not measured',
      ...noiseCells(one),
    ]),
  );
}

/** Lists the last value of each plotted series. */
function overTime(report: Report): string {
  const rows = report.runs.flatMap((run) => {
    const evaluations = run.evaluations.flatMap(({ name, series }) =>
      series.map(({ key, points }) => ({ key: name === key ? name : `${name}.${key}`, points })),
    );
    return [...run.series, ...evaluations].map(({ key, points }) => {
      const [time, value] = points[points.length - 1];
      const title = PLOTTED.find((plot) => plot.key === key)?.title ?? key;
      return [run.name, title, formatSignificant(points[0][1]), formatSignificant(value), formatSeconds(time)];
    });
  });
  if (rows.length === 0) return 'The runs recorded nothing over time.';
  return table(['Run', 'Quantity', 'First', 'Last', 'At'], rows);
}

function devices(report: Report): string[] {
  if (report.devices.length === 0) return ['No device measured anything.'];
  return report.devices.flatMap((device) => [
    `### ${escapeMarkdown(device.name)}`,
    bullets(deviceFacts(device)),
    ...report.environments
      .filter(({ deviceId }) => deviceId === device.id)
      .flatMap(({ id, environment }) => [`#### Environment ${id}`, bullets(environmentFacts(environment))]),
  ]);
}

function failures(report: Report): string {
  if (report.failures.length === 0) {
    return report.jobs === 0 ? 'Nothing was tried on a device.' : `None of the ${count(report.jobs, 'job')} failed.`;
  }
  return table(
    ['Outcome', 'Device', 'Backend', 'Jobs', 'Algorithms', 'Problems', 'Why'],
    report.failures.map((failure) => [
      failure.status.toLowerCase().replace(/_/g, ' '),
      deviceName(report, failure.deviceId),
      failure.backend,
      String(failure.jobs),
      failure.algorithms.join(', '),
      failure.problems.join('; '),
      failure.message || 'no message',
    ]),
  );
}

function runs(report: Report): string[] {
  return report.runs.flatMap((run) => [
    `### ${escapeMarkdown(run.name)}`,
    bullets(runFacts(run)),
    run.factorizations.length === 0
      ? 'The run kept no factorizations.'
      : `Exact factorizations kept:\n\n${run.factorizations.map((one) => `- ${escapeMarkdown(factorizationWords(one))}`).join('\n')}`,
  ]);
}

function bullets(facts: Facts): string {
  return facts.map(([name, value]) => `- **${escapeMarkdown(name)}**: ${escapeMarkdown(value)}`).join('\n');
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  return markdownTable({ columns: header.map((title) => ({ title })), rows });
}
