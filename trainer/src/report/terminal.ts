import { foldAlike } from './alike.js';
import { answerTable, isClaimed } from './answer-words.js';
import { changeLines, changesSentence, regressionLines, trendsSentence } from './change-words.js';
import { errorMultiple } from './error-multiple.js';
import {
  formatError,
  formatMultiple,
  formatProblem,
  formatRange,
  formatRatio,
  formatSeconds,
  formatShare,
  plain,
} from './format.js';
import { deviceName, type Group, type Report } from './model.js';
import { isRecommended } from './pick.js';
import { isBaseline, isMeasured, type ReportRow } from './row.js';
import { growthWords, provenanceSentence, statusWords } from './words.js';

/** Widest line of the tables, columns. */
export const TERMINAL_WIDTH = 100;
/** Below this width a table of rows is cut, so each is written as lines. */
const NARROW = 96;

type Align = 'left' | 'right';
const COLUMNS: readonly (readonly [title: string, width: number, align: Align])[] = [
  ['algorithm (> run it)', 22, 'left'],
  ['rank', 4, 'right'],
  ['speed-up', 8, 'right'],
  ['95 % interval', 13, 'right'],
  ['median', 7, 'right'],
  ['of peak', 7, 'right'],
  ['error', 7, 'right'],
  ['growth', 7, 'right'],
  ['verdict', 13, 'left'],
];
const INDENT = '  ';
const GAP = ' ';
/** Stands before the row that is recommended. */
const CHOSEN = '> ';

/** Writes what to run, then the measurements behind it, as plain text of at most `width` columns that ends with a newline. */
export function formatTable(report: Report, width = TERMINAL_WIDTH): string {
  const provenance = wrap(provenanceSentence(report.provenance), '', width);
  if (report.groups.length === 0) return `${provenance}\nNothing was measured.\n`;
  const blocks = report.groups.map((group) => block(group, deviceName(report, group.deviceId), width));
  return `${provenance}\n\n${formatAnswer(report, width)}\n${blocks.join('\n\n')}\n`;
}

/**
 * Writes the table that is at the top of a report: for each device and problem what to run, in a few short lines. It ends with a newline.
 * A command to copy is never broken.
 */
export function formatAnswer(report: Report, width = TERMINAL_WIDTH): string {
  const { rows } = answerTable(report);
  const lines = rows.flatMap((row, index) => {
    const [device, problem, run, speedup, interval, verdict, error, workspace, time, adds, command] = row;
    const { answer } = report.groups[index];
    const gain = answer.searchAdds === null ? [] : [`best found against best known: ${adds}`];
    // A command stands once for a device, below the last problem that it serves.
    const isRepeated = rows.slice(index + 1).some((later) => later[0] === device && later[10] === command);
    const isNew = index === 0 || rows[index - 1][0] !== device;
    const claim = isClaimed(answer)
      ? [
          `▲ ${verdict === 'faster' ? '' : `${verdict}: `}${speedup}x (${interval}) with ${run}`,
          [`error ${error}`, `memory ${workspace}`, time, ...gain].join('; '),
        ]
      : [`– ${speedup}: keep ${run}`, ...(interval === '' ? [] : [`${interval}: ${verdict}`])];
    return [
      ...(isNew ? [cut(plain(device), width)] : []),
      cut(`${INDENT}${problem}`, width),
      ...claim.map((text) => wrap(text, INDENT.repeat(2), width)),
      ...(command === '' || isRepeated ? [] : [`${INDENT.repeat(2)}$ ${plain(command)}`]),
    ];
  });
  return `${lines.join('\n')}\n`;
}

/** Writes what changed against a reference, and what regressed, as plain text that ends with a newline. */
export function formatChanges(report: Report, width = TERMINAL_WIDTH): string {
  const { changes, trends } = report;
  const lines = (sentence: string, each: readonly string[]): string[] => [
    wrap(sentence, '', width),
    ...each.map((line) => wrap(line, INDENT, width)),
  ];
  return [
    ...(changes === null ? [] : lines(changesSentence(changes), changeLines(report, changes))),
    ...(trends === null ? [] : lines(trendsSentence(trends), regressionLines(report, trends))),
    '',
  ].join('\n');
}

function block(group: Group, device: string, width: number): string {
  const { shown, folded } = foldAlike(group.rows, group.answer.choice?.jobId);
  return [
    cut(`${plain(device)} · ${formatProblem(group.problem)}`, width),
    ...(width < NARROW
      ? shown.map((row) => wrap(narrowRow(row, group), INDENT, width))
      : [
          INDENT + line(COLUMNS.map(([title]) => title)),
          ...shown.map((row) => (isRecommended(row, group) ? CHOSEN : INDENT) + line(cells(row, group))),
        ]),
    ...(folded.length > 0
      ? [wrap(`… ${folded.length} more of the same size and rank are in the report`, INDENT, width)]
      : []),
    wrap(group.best.claim, INDENT, width),
  ].join('\n');
}

function cells(row: ReportRow, group: Group): string[] {
  const name = plain(row.algorithm.label);
  if (!isMeasured(row)) return [name, String(row.algorithm.rank), '', '', '', '', '', '', statusWords(row)];
  const { speedup, candidateMedianSeconds, candidateShareOfPeak, relativeError } = row.figures;
  return [
    name,
    isBaseline(row) ? '' : String(row.algorithm.rank),
    formatRatio(speedup.estimate),
    isBaseline(row) ? 'by definition' : formatRange(speedup),
    formatSeconds(candidateMedianSeconds),
    candidateShareOfPeak === null ? 'unknown' : formatShare(candidateShareOfPeak),
    isBaseline(row) ? formatError(relativeError) : formatMultiple(errorMultiple(row, group.rows)),
    growthWords(row),
    statusWords(row),
  ];
}

/** Writes the cells of a row one after the other, where there is no room for columns. */
function narrowRow(row: ReportRow, group: Group): string {
  const [name, rank, speedup, interval, median, share, error, growth, verdict] = cells(row, group);
  const named = [
    ['rank', rank],
    ['', interval === '' ? speedup : `${speedup} (${interval})`],
    ['', median],
    ['of peak', share],
    ['error', error],
    ['growth', growth],
    ['', verdict],
  ].filter(([, value]) => value !== '');
  const words = named.map(([what, value]) => (what === 'of peak' ? `${value} ${what}` : `${what} ${value}`.trim()));
  return [name, ...words, ...(isRecommended(row, group) ? ['recommended'] : [])].join(' · ');
}

function line(parts: readonly string[]): string {
  const padded = parts.map((part, index) => {
    const [, width, align] = COLUMNS[index];
    const fitted = cut(part, width);
    return align === 'left' ? fitted.padEnd(width) : fitted.padStart(width);
  });
  return padded.join(GAP).trimEnd();
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}

/** Breaks a text between words. A word that is longer than a line is cut. */
function wrap(text: string, indent: string, full: number): string {
  const width = full - indent.length;
  const lines = [''];
  for (const word of plain(text)
    .split(' ')
    .flatMap((each) => each.match(new RegExp(`.{1,${width}}`, 'gu')) ?? [])) {
    const joined = `${lines[lines.length - 1]} ${word}`.trim();
    if (joined.length <= width) lines[lines.length - 1] = joined;
    else lines.push(word);
  }
  return lines.map((each) => indent + each).join('\n');
}
