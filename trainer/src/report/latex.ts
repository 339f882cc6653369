import { answerTable } from './answer-words.js';
import { changesTable, trendsTable } from './change-words.js';
import type { Report } from './model.js';
import { latexTable } from './plain-table.js';

/** Writes the table at the top of the report as LaTeX, and those of changes. The commands, which a paper does not want, are left out. */
export function formatLatex(report: Report): string {
  const { columns, rows, caption } = answerTable(report);
  const kept = columns.length - 1;
  const answer = { caption, columns: columns.slice(0, kept), rows: rows.map((row) => row.slice(0, kept)) };
  const tables = [
    answer,
    ...(report.changes === null ? [] : [changesTable(report, report.changes)]),
    ...(report.trends === null ? [] : [trendsTable(report, report.trends)]),
  ];
  return tables
    .filter((table) => table.rows.length > 0)
    .map(latexTable)
    .join('\n');
}
