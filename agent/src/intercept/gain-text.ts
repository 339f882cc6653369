import { inColumns, productWords, secondsText } from './columns.js';
import type { Gain, ProductGain } from './gain.js';
import type { BlasLibrary } from './library-record.js';

/** How many lines of the table are shown. */
const MOST_LINES = 20;
/** How many products a sentence names. */
const MOST_NAMED = 5;
/** What a taken product may take longer than in the BLAS before it is said: a sample is not more exact. */
const SLOWER = 0.98;
/** From this load on, for each processor, a machine is busy. A tuning that has just ended leaves about 1. */
const BUSY = 1.5;
/** What makes a library for the program. */
const TUNE_ANEW =
  'tune for this program with at-agent profile -- PROGRAM, then at-trainer tune --profile gemm-profile.json';

/** Why a product was passed on (agent/library/blas/README.md), in words of a line. */
const REASONS: Readonly<Record<string, string>> = {
  small: 'BLAS: as fast',
  off: 'BLAS: not taken in this mode or format',
  invalid: 'BLAS: an argument is wrong',
  empty: 'BLAS: nothing to multiply',
  infinite: 'BLAS: infinities or NaN',
  large: 'BLAS: entries too large',
  scale: 'BLAS: rows or columns of very different scale',
  memory: 'BLAS: no memory for the workspace',
  pinned: 'BLAS: the thread may use fewer CPUs',
  wide: 'BLAS: other integers than its names say',
};

/** Names a library, and what is known of it. */
export function libraryLine({ path, record }: BlasLibrary): string {
  if (record === undefined) return `library  ${path}`;
  const { createdAt, problems, taken, against } = record;
  const made = `${createdAt.slice(0, 16).replace('T', ' ')} UTC`;
  return `library  ${path} (built ${made}; an algorithm for ${taken} of ${problems} problems; compared with ${against.join(', ')})`;
}

/** Writes for people what a library changed: how many products it took, and what the BLAS would have needed for them. */
export function gainLines(gain: Gain): string[] {
  const { processes, products, calls, seconds, takenCalls, takenSeconds } = gain;
  if (processes === 0)
    return [
      'No process of the program loaded the library; it may clear LD_PRELOAD, or start programs that are statically linked.',
    ];
  if (calls === 0)
    return [
      'The program made no product through a shared BLAS, so nothing could be accelerated; at-agent profile says more.',
    ];
  const shown = products.slice(0, MOST_LINES);
  return [
    takenCalls === 0
      ? `None of the ${calls} products, ${secondsText(seconds)}, was taken.`
      : `${takenCalls} of ${calls} products were taken: ${secondsText(takenSeconds)} of the ${secondsText(seconds)} of all.`,
    ...comparison(gain),
    ...inColumns(
      [['m x k x n', 'layout', 'type', 'threads', 'calls', 'time', 'BLAS / now', 'computed by'], ...shown.map(cells)],
      [false, false, false, true, true, true, true, false],
    ),
    ...(products.length > shown.length ? [`and ${products.length - shown.length} other kinds`] : []),
    ...advice(gain),
  ];
}

/** Says that the times are worth little where other programs were running before the program started. @param load of the last minute */
export function busyLines({ takenCalls }: Gain, load: number, processors: number): string[] {
  if (takenCalls === 0 || load < processors * BUSY) return [];
  return [
    `Other programs keep this machine busy (load ${load.toFixed(1)} on ${processors} ${processors === 1 ? 'processor' : 'processors'}), so these times say little; run it again when they have ended.`,
  ];
}

/** Compares with the BLAS. The program's own time is known only with the library; the difference comes from the samples. */
function comparison({ takenCalls, compared, programSeconds }: Gain): string[] {
  if (takenCalls === 0) return [];
  if (compared.samples === 0)
    return ['None of them was computed by the BLAS as well, so it is not known what that gained.'];
  const { seconds, blasSeconds, samples } = compared;
  const before = programSeconds + blasSeconds - seconds;
  return [
    `Before ${secondsText(blasSeconds)}, now ${secondsText(seconds)}: ${ratio(blasSeconds / seconds)} times as fast (by ${samples} that ${samples === 1 ? 'was' : 'were'} computed both ways).`,
    `The program: before ${secondsText(before)}, now ${secondsText(programSeconds)} without what that took: ${ratio(before / programSeconds)} times as fast.`,
  ];
}

/** Says what to do where the program did not gain, or gained less than it could. */
function advice({ products, takenCalls, compared }: Gain): string[] {
  if (takenCalls === 0) {
    const isUntuned = products.some(({ reason }) => reason === 'small');
    return isUntuned
      ? [`The program gained nothing: the library has no faster algorithm for these products; ${TUNE_ANEW}.`]
      : ['The program gained nothing: the last column says why its products were passed on.'];
  }
  const slower = products.filter(({ sampled }) => sampled !== null && sampled.speedup < SLOWER);
  const named = slower.slice(0, MOST_NAMED).map((one) => productWords(one));
  if (slower.length > named.length) named.push(`${slower.length - named.length} others`);
  if (compared.samples > 0 && compared.blasSeconds < SLOWER * compared.seconds) {
    return [
      `The program became SLOWER: its own BLAS is faster for ${named.join(', ')}. Run it without this library, or ${TUNE_ANEW}.`,
    ];
  }
  return slower.length === 0 ? [] : [`Slower than in the program's own BLAS: ${named.join(', ')}; ${TUNE_ANEW}.`];
}

function cells(product: ProductGain): string[] {
  const { layout, transA, transB, dtype, threads, calls, seconds, sampled, algorithm, reason } = product;
  const transposed = [transA && 'A', transB && 'B'].filter((one) => one !== false).join(' ');
  return [
    ...[
      productWords(product),
      transposed === '' ? layout : `${layout}, ${transposed} transposed`,
      dtype,
      String(threads),
    ],
    ...[String(calls), secondsText(seconds), sampled === null ? '' : ratio(sampled.speedup)],
    algorithm ?? REASONS[reason ?? ''] ?? `BLAS: ${reason}`,
  ];
}

function ratio(value: number): string {
  return value.toFixed(2);
}
