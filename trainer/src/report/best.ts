import { blasText } from '@alphatensor-edge/proto';
import type { RatioEstimate } from '@alphatensor-edge/shared';
import { maxErrorText } from '../fleet/error-bound.js';
import { chooseRow } from './choose.js';
import { errorMultiple } from './error-multiple.js';
import { findingWords, givenWords } from './finding.js';
import { count, formatList, formatMultiple, formatRange, formatRatio, orUnknown } from './format.js';
import type { MeasuredRow, ReportRow } from './row.js';

/** Holds the best algorithm for one device and problem, and what can honestly be said about it. */
export interface Best {
  /** Label of the candidate in the claim; null: nothing was measured. */
  readonly label: string | null;
  readonly speedup: RatioEstimate | null;
  readonly faster: boolean;
  /** Labels of the other algorithms whose intervals overlap the best one's. */
  readonly ties: readonly string[];
  /** Full sentences. */
  readonly claim: string;
}

/**
 * Sums up `rows`, which are of one device and problem, fastest first, by what is chosen among them. Everything measured counts,
 * references included. Only the agent's own verdict makes one "faster".
 */
export function bestOf(rows: readonly ReportRow[], chosen = chooseRow(rows)): Best {
  if (chosen === undefined) {
    const tried = rows.some((row) => row.status !== 'NOT_MEASURED');
    return {
      label: null,
      speedup: null,
      faster: false,
      ties: [],
      claim: tried
        ? 'No candidate was measured, so no candidate was shown to be faster than the baseline.'
        : 'Nothing was measured.',
    };
  }
  const { row: best, pool, overBound, maxError } = chosen;
  const { speedup, verdict } = best.figures;
  const ties = pool.filter((row) => row !== best && !overBound.includes(row) && overlap(row.figures.speedup, speedup));
  const name = namer(pool);
  const sentences = [
    verdict === 'faster' ? `${figureSentence(best, name)}.` : notFasterSentence(best, name),
    tieSentence(ties, name),
    overBoundSentence(overBound, maxError, rows, name),
    pickSentence(pool),
  ];
  return {
    label: best.algorithm.label,
    speedup,
    faster: verdict === 'faster',
    ties: ties.map(name),
    claim: sentences.filter((sentence) => sentence !== '').join(' '),
  };
}

/** Writes the baseline's name, such as `the baseline (OpenBLAS 0.3.21)`, or what was used in place of a BLAS library. */
export function baselineName(row: ReportRow): string {
  const blas = row.environment?.blas;
  if (!blas) return 'the baseline (unknown library)';
  const name = blasText({ ...blas, name: orUnknown(blas.name) });
  if (blas.thirdParty) return `the baseline (${name})`;
  return blas.library === 'portable'
    ? `the project's own portable GEMM (no BLAS library: ${name})`
    : `the ${name} (no BLAS library)`;
}

function overlap(a: RatioEstimate, b: RatioEstimate): boolean {
  return a.low <= b.high && b.low <= a.high;
}

type Namer = (row: ReportRow) => string;

/** Makes the function that names rows: by label, with backend and variant if the rows have more than one of them. */
function namer(rows: readonly ReportRow[]): Namer {
  const program = ({ backend, variant }: ReportRow): string => [backend, variant].filter(Boolean).join(' ');
  const several = new Set(rows.map(program)).size > 1;
  return (row) => (several ? `${row.algorithm.label} [${program(row)}]` : row.algorithm.label);
}

function figureSentence(row: MeasuredRow, name: Namer): string {
  const { speedup } = row.figures;
  return (
    `${name(row)} (rank ${row.algorithm.rank}, ${whence(row)}) is ${formatRatio(speedup.estimate)} times as fast as ` +
    `${baselineName(row)}, 95 % interval ${formatRange(speedup)}`
  );
}

function whence({ algorithm }: ReportRow): string {
  if (algorithm.role === 'reference')
    return algorithm.found ? 'a known reference that the search found' : 'a known reference';
  return algorithm.found ? findingWords(algorithm) : givenWords(algorithm);
}

function notFasterSentence(best: MeasuredRow, name: Namer): string {
  const { verdict, notClaimedBecause, flags } = best.figures;
  // Older agents give no reason; it is among the flags then.
  const reason = notClaimedBecause || flags.join('; ');
  const unclaimed =
    verdict === 'unclaimed'
      ? ` The interval lies above 1, but the agent claims nothing${reason === '' ? '' : `: ${reason}`}.`
      : '';
  return `No candidate was shown to be faster than the baseline. The best of them, ${figureSentence(best, name)}.${unclaimed}`;
}

/** Says which algorithms tie with the best: references by name, the others by number. */
function tieSentence(ties: readonly MeasuredRow[], name: Namer): string {
  if (ties.length === 0) return '';
  const named = ties.filter((row) => row.algorithm.role === 'reference').map(name);
  const rest = ties.length - named.length;
  const more =
    rest > 0 ? [named.length > 0 ? `${rest} other${rest === 1 ? '' : 's'}` : count(rest, 'other candidate')] : [];
  return `The measurement shows no difference from ${formatList([...named, ...more])} (overlapping intervals).`;
}

function overBoundSentence(
  rows: readonly MeasuredRow[],
  maxError: number | null,
  all: readonly ReportRow[],
  name: Namer,
): string {
  if (rows.length === 0) return '';
  const some = rows.slice(0, 3).map((row) => {
    const { estimate } = row.figures.speedup;
    return `${name(row)} at ${formatRatio(estimate)} with ${formatMultiple(errorMultiple(row, all))}`;
  });
  return `Faster still, but with more than ${maxErrorText(maxError)} the error of a plain product: ${formatList(some)}.`;
}

/** Warns that the best of several noisy estimates tends to be too high. */
function pickSentence(pool: readonly MeasuredRow[]): string {
  if (pool.length < 3) return '';
  return `As the pick of ${pool.length} measured candidates, its estimate is biased upwards.`;
}
