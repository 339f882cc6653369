import type { GemmProfile, ProfiledProduct } from '@alphatensor-edge/shared';
import { inColumns, percent, productWords, secondsText } from './columns.js';

/** How many lines of each table are shown; the file has all. */
const MOST_LINES = 20;
const HEAD = ['m x k x n', 'layout', 'type', 'threads', 'calls', 'time', 'share'];
const IS_FIGURE = [false, false, false, true, true, true, true];

/** Writes for people which products a program makes, and what is seen but cannot be taken. */
export function profileLines(profile: GemmProfile): string[] {
  const { products, others, left, seconds, processes, isComplete } = profile;
  if (products.length === 0) return [noProducts(profile), ...otherLines(profile)];
  const took = products.reduce((sum, one) => sum + one.seconds, left.seconds);
  const calls = products.reduce((sum, one) => sum + one.calls, left.calls);
  const shown = products.slice(0, MOST_LINES);
  return [
    `${calls} ${calls === 1 ? 'product' : 'products'} of matrices took ${secondsText(took)}, ${percent(took / seconds)} of the program's ${secondsText(seconds)}${
      processes > 1 ? ` (${processes} processes together)` : ''
    }.`,
    ...inColumns([HEAD, ...shown.map(cells)], IS_FIGURE),
    ...(products.length > shown.length ? [`and ${products.length - shown.length} other kinds`] : []),
    ...(left.calls > 0 ? [`and ${left.calls} products of further shapes, ${secondsText(left.seconds)}`] : []),
    ...(others.length > 0 ? otherLines(profile) : []),
    ...(isComplete
      ? []
      : [
          'A process was killed or left without its usual end, so its last products and its time after them are missing.',
        ]),
  ];
}

function cells({ layout, transA, transB, dtype, threads, calls, seconds, share, ...sizes }: ProfiledProduct): string[] {
  const transposed = [transA && 'A', transB && 'B'].filter((one) => one !== false).join(' ');
  const words = transposed === '' ? layout : `${layout}, ${transposed} transposed`;
  return [
    ...[productWords(sizes), words, dtype, String(threads), String(calls)],
    ...[secondsText(seconds), percent(share)],
  ];
}

function otherLines({ others }: GemmProfile): string[] {
  if (others.length === 0) return [];
  const lines = others
    .slice(0, MOST_LINES)
    .map(({ symbol, calls, seconds, share }) => [...[symbol, String(calls), secondsText(seconds), percent(share)]]);
  return [
    'Seen, but no library takes it:',
    ...inColumns([['function', 'calls', 'time', 'share'], ...lines], [false, true, true, true]),
  ];
}

function noProducts({ processes, others }: GemmProfile): string {
  if (processes === 0) {
    return 'No product was seen: no process of the program loaded the library; it may clear LD_PRELOAD, or start programs that are statically linked.';
  }
  if (others.length > 0) return 'No product of real matrices (sgemm, dgemm) was seen.';
  return 'No product was seen: the program multiplies no matrices, or it does so without a shared BLAS (a BLAS that is a part of a library, own loops as Eigen has, a GPU).';
}
