import {
  bestKnownRank,
  type CatalogueEntry,
  formatSize,
  MODES,
  type Origin,
  type Size,
} from '@alphatensor-edge/shared';
import { summarizeFactorization } from './factorization-summary.js';

/** Holds the figures of one scheme of the catalogue. */
export interface CatalogueSummary {
  readonly name: string;
  readonly size: Size;
  readonly rank: number;
  /** The lowest that is known for the size. */
  readonly bestKnownRank: number;
  readonly growth: number;
  /** With common sums computed once; undefined where its file does not say it. */
  readonly additions?: number | undefined;
  readonly nonzeros: number;
  /** The largest of u, v and w. */
  readonly denominator: number;
  readonly origin: Origin;
  /** Who published what it began with. */
  readonly source?: string | undefined;
  readonly licence?: string | undefined;
  /** How it was made. */
  readonly notes?: string | undefined;
  readonly hash: string;
}

/** Makes the figures of a scheme as a document. */
export function summarizeCatalogueEntry({ name, record }: CatalogueEntry): CatalogueSummary {
  const { factorization, provenance = {} } = record;
  const { size, rank, growth, nonzeros, origin, notes, hash } = summarizeFactorization(record);
  const { additions, source, licence } = provenance;
  return {
    ...{ name, size, rank, bestKnownRank: bestKnownRank(size), growth: growth as number },
    additions: typeof additions === 'number' ? additions : undefined,
    nonzeros,
    denominator: Math.max(...MODES.map((mode) => factorization[mode].denominator)),
    origin,
    source: typeof source === 'string' ? source : undefined,
    licence: typeof licence === 'string' ? licence : undefined,
    notes,
    hash,
  };
}

const HEAD = ['name', 'rank', 'best', 'growth', 'additions', 'nonzeros', 'denominator', 'origin', 'source'];
/** Columns whose cells are words. */
const WORDS: ReadonlySet<string> = new Set(['name', 'origin', 'source']);

/** Writes the schemes as a table for people; of a source only its beginning, as `A. Fawzi et al.` */
export function catalogueLines(summaries: readonly CatalogueSummary[]): string[] {
  const rows = summaries.map((one) => [
    one.name,
    String(one.rank),
    String(one.bestKnownRank),
    one.growth.toFixed(3),
    one.additions === undefined ? 'unknown' : String(one.additions),
    String(one.nonzeros),
    String(one.denominator),
    one.origin,
    (one.source ?? 'unknown').split(/, (?=["a])/)[0],
  ]);
  const widths = HEAD.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column].length)));
  return [HEAD, ...rows].map((row) =>
    row
      .map((cell, column) => (WORDS.has(HEAD[column]) ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
      .join('  ')
      .trimEnd(),
  );
}

/** Writes all that is known of one scheme for people. */
export function catalogueEntryLines(summary: CatalogueSummary): string[] {
  const { name, size, rank, additions, notes, source, licence, origin, hash } = summary;
  return [
    `${name}: exact ${formatSize(size).slice(0, -1)};${rank}>; the lowest rank known is ${summary.bestKnownRank}`,
    `  growth       ${summary.growth.toFixed(3)}`,
    `  additions    ${additions ?? 'unknown'}`,
    `  nonzeros     ${summary.nonzeros}`,
    `  denominator  ${summary.denominator}`,
    `  origin       ${origin}${notes === undefined ? '' : `: ${notes}`}`,
    `  source       ${source ?? 'unknown'} (licence ${licence ?? 'unknown'})`,
    `  hash         ${hash.slice(0, 12)}`,
  ];
}
