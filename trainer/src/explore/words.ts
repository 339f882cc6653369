import { type Arithmetic, formatSize, type Size, sameSize } from '@alphatensor-edge/shared';
import type { ExploreProgress, ExploreResult, FoundByFlips } from './run.js';

// The words in which a flip graph search is reported.

/** Says which coefficients are allowed: `modulo 2`. */
export function arithmeticWords(arithmetic: Arithmetic): string {
  return arithmetic === 'modulo-2' ? 'modulo 2' : 'with coefficients -1, 0 and 1';
}

/** Says how far a search for `wanted` is. */
export function statusWords({ seconds, flips, bestRank, size }: ExploreProgress, wanted: Size | undefined): string {
  return [
    ...(wanted === undefined ? [] : [bestRank === undefined ? 'growing' : `best rank ${bestRank}`]),
    ...(wanted !== undefined && sameSize(size, wanted) ? [] : [`at ${formatSize(size)}`]),
    `${(flips / seconds / 1e6).toFixed(1)} million flips/s`,
    `${Math.round(seconds)} s`,
  ].join(', ');
}

/** Announces a factorization in one line. */
export function foundLine(
  { size, rank, arithmetic, lifted, composed, hash, seconds }: FoundByFlips,
  wanted: Size | undefined,
): string {
  const how = `${lifted ? 'lifted to the integers' : arithmeticWords(arithmetic)}${composed ? ', composed of two smaller ones' : ''}`;
  const of = wanted !== undefined && sameSize(size, wanted) ? '' : `${formatSize(size)} `;
  return `found ${of}rank ${rank} (${hash.slice(0, 6)}), ${how}, after ${seconds.toFixed(1)} s`;
}

/** Says how a search ended. */
export function resultLines(result: ExploreResult, wanted: Size | undefined): string[] {
  const { sizes = [], flips, seconds, flipsPerSecondPerWorker } = result;
  return [
    ...(wanted === undefined ? [] : [`best rank  ${rankWords(result)}`]),
    ...sizes.map((each) => `${formatSize(each.size).padEnd(10)} ${rankWords(each)}`),
    `flips      ${(flips / 1e6).toFixed(1)} million in ${seconds.toFixed(1)} s, ${(flipsPerSecondPerWorker / 1e6).toFixed(2)} million/s a thread`,
  ];
}

function rankWords({ bestRank, bestIntegerRank }: Pick<ExploreResult, 'bestRank' | 'bestIntegerRank'>): string {
  if (bestRank === undefined) return 'nothing found';
  if (bestIntegerRank === bestRank) return String(bestRank);
  const integers = bestIntegerRank === undefined ? 'modulo 2 only' : `modulo 2; ${bestIntegerRank} with integers`;
  return `${bestRank} (${integers})`;
}
