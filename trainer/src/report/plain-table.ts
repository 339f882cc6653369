import { plain } from './format.js';

/** Holds a table in words, which Markdown, LaTeX and the terminal write alike. */
export interface PlainTable {
  readonly caption: string;
  readonly columns: readonly { readonly title: string; readonly isNumber?: boolean | undefined }[];
  readonly rows: readonly (readonly string[])[];
}

/** Writes a table as GitHub-flavoured Markdown. */
export function markdownTable({ columns, rows }: Omit<PlainTable, 'caption'>): string {
  const line = (parts: readonly string[]): string => `| ${parts.map(escapeMarkdown).join(' | ')} |`;
  const rule = `|${columns.map(({ isNumber }) => (isNumber ? '---:|' : '---|')).join('')}`;
  return [line(columns.map(({ title }) => title)), rule, ...rows.map(line)].join('\n');
}

/** Puts a text on one line and escapes everything that has a meaning in Markdown or HTML. */
export function escapeMarkdown(text: string): string {
  return plain(text)
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/[\\`*_[\]|#!~]/g, '\\$&');
}

/** Writes a table as LaTeX that needs no package. */
export function latexTable({ caption, columns, rows }: PlainTable): string {
  const line = (parts: readonly string[]): string => `${parts.map(escapeLatex).join(' & ')} \\\\`;
  return [
    '\\begin{table}',
    `\\caption{${escapeLatex(caption)}}`,
    `\\begin{tabular}{${columns.map(({ isNumber }) => (isNumber ? 'r' : 'l')).join('')}}`,
    '\\hline',
    line(columns.map(({ title }) => title)),
    '\\hline',
    ...rows.map(line),
    '\\hline',
    '\\end{tabular}',
    '\\end{table}',
    '',
  ].join('\n');
}

const LATEX: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '<': '$<$',
  '>': '$>$',
  '|': '$|$',
  '×': '$\\times$',
  '–': '--',
  '—': '---',
  '’': "'",
  '“': '``',
  '”': "''",
  µ: '$\\mu$',
  '²': '$^2$',
  '³': '$^3$',
  '⁴': '$^4$',
};

/** Escapes everything that has a meaning in LaTeX, and writes the signs that its fonts lack. */
export function escapeLatex(text: string): string {
  return plain(text).replace(/[\\~^<>|×–—’“”µ²³⁴]|[{}$&#%_]/g, (sign) => LATEX[sign] ?? `\\${sign}`);
}
