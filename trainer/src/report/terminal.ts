import { formatError, formatProblem, formatRange, formatRatio, formatSeconds, formatShare, plain } from './format.js';
import type { Group, Report } from './model.js';
import { isBaseline, isMeasured, type ReportRow } from './row.js';
import { provenanceSentence, statusWords } from './words.js';

/** Widest line of the table, columns. */
export const TERMINAL_WIDTH = 100;

type Align = 'left' | 'right';
const COLUMNS: readonly (readonly [title: string, width: number, align: Align])[] = [
  ['algorithm', 24, 'left'],
  ['rank', 5, 'right'],
  ['speed-up', 8, 'right'],
  ['95 % interval', 13, 'right'],
  ['median', 8, 'right'],
  ['of peak', 7, 'right'],
  ['error', 7, 'right'],
  ['verdict', 14, 'left'],
];
const INDENT = '  ';
const GAP = ' ';

/** Writes the report's tables as plain text, at most TERMINAL_WIDTH columns wide, ending with a newline. */
export function formatTable(report: Report): string {
  const provenance = wrap(provenanceSentence(report.provenance), '');
  if (report.groups.length === 0) return `${provenance}\nNothing was measured.\n`;
  const names = new Map(report.devices.map(({ id, name }) => [id, name]));
  const blocks = report.groups.map((group) => block(group, names.get(group.deviceId) ?? group.deviceId));
  return `${provenance}\n\n${blocks.join('\n\n')}\n`;
}

function block(group: Group, device: string): string {
  return [
    cut(`${plain(device)} · ${formatProblem(group.problem)}`, TERMINAL_WIDTH),
    INDENT + line(COLUMNS.map(([title]) => title)),
    ...group.rows.map((row) => INDENT + line(cells(row))),
    wrap(group.best.claim, INDENT),
  ].join('\n');
}

function cells(row: ReportRow): string[] {
  const name = plain(row.algorithm.label);
  if (!isMeasured(row)) return [name, String(row.algorithm.rank), '', '', '', '', '', statusWords(row)];
  const { speedup, candidateMedianSeconds, candidateShareOfPeak, relativeError } = row.figures;
  return [
    name,
    isBaseline(row) ? '' : String(row.algorithm.rank),
    formatRatio(speedup.estimate),
    isBaseline(row) ? 'by definition' : formatRange(speedup),
    formatSeconds(candidateMedianSeconds),
    candidateShareOfPeak === null ? 'unknown' : formatShare(candidateShareOfPeak),
    formatError(relativeError),
    statusWords(row),
  ];
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
function wrap(text: string, indent: string): string {
  const width = TERMINAL_WIDTH - indent.length;
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
