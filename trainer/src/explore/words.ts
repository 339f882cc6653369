import { type Arithmetic, formatSize, moduloWords, type Size, sameSize } from '@alphatensor-edge/shared';
import { arithmeticWords, liftedWords } from './arithmetic-words.js';
import type { SizeRanks } from './rank-records.js';
import type { ExploreProgress, ExploreResult, FoundByFlips } from './run.js';

// The words in which a flip graph search is reported.

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
  { size, rank, arithmetic, lifted, isInteger, composed, hash, seconds }: FoundByFlips,
  wanted: Size | undefined,
): string {
  const how = `${lifted ? liftedWords(isInteger) : arithmeticWords(arithmetic)}${composed ? ', composed of two smaller ones' : ''}`;
  const of = wanted !== undefined && sameSize(size, wanted) ? '' : `${formatSize(size)} `;
  return `found ${of}rank ${rank} (${hash.slice(0, 6)}), ${how}, after ${seconds.toFixed(1)} s`;
}

/** Says how a search ended. */
export function resultLines(result: ExploreResult, wanted: Size | undefined, arithmetic: Arithmetic): string[] {
  const { sizes = [], flips, seconds, flipsPerSecondPerWorker } = result;
  return [
    ...(wanted === undefined ? [] : [`best rank  ${rankWords(result, arithmetic)}`]),
    ...sizes.map((each) => `${formatSize(each.size).padEnd(10)} ${rankWords(each, arithmetic)}`),
    `flips      ${(flips / 1e6).toFixed(1)} million in ${seconds.toFixed(1)} s, ${(flipsPerSecondPerWorker / 1e6).toFixed(2)} million/s a thread`,
  ];
}

function rankWords(
  { bestRank, bestIntegerRank, bestRationalRank }: Pick<SizeRanks, 'bestRank' | 'bestIntegerRank' | 'bestRationalRank'>,
  arithmetic: Arithmetic,
): string {
  if (bestRank === undefined) return 'nothing found';
  if (bestIntegerRank === bestRank) return String(bestRank);
  const fractions = bestRationalRank === bestIntegerRank ? undefined : bestRationalRank;
  const parts = [
    ...(fractions === bestRank ? [] : [`${moduloWords(arithmetic)}${bestRationalRank === undefined ? ' only' : ''}`]),
    ...(fractions === undefined ? [] : [`${fractions === bestRank ? '' : `${fractions} `}with fractions`]),
    ...(bestIntegerRank === undefined ? [] : [`${bestIntegerRank} with integers`]),
  ];
  return `${bestRank} (${parts.join('; ')})`;
}
