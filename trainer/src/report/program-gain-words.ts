import { transposedSuffix } from '@alphatensor-edge/shared';
import { formatPercent } from '../shapes/lines.js';
import { formatRatio, formatShape } from './format.js';
import type { ProductGain, ProgramGain } from './program-gain.js';

// What a report and the command line say of a tuned program.

/** Writes what a program is predicted to gain, and a line for each of its products. */
export function programGainLines(gain: ProgramGain): string[] {
  return [programGainSentence(gain), ...gain.products.map(productLine)];
}

/** Writes what a program is predicted to gain, in a few sentences. */
export function programGainSentence(gain: ProgramGain): string {
  const { command, measuredShare, leftOutShare, othersShare, speedup } = gain;
  const others = othersShare > 0 ? `, and ${formatPercent(othersShare)} are functions that no library takes` : '';
  return (
    `${command.join(' ')}: predicted to be ${formatRatio(speedup)} times as fast as a whole. The products that were measured ` +
    `are ${formatPercent(measuredShare)} of its time; ${formatPercent(leftOutShare)} are products that were left out${others}.`
  );
}

/** Names the columns of a product's line. */
export const PRODUCT_COLUMNS = [
  'Product',
  'Type',
  'Threads',
  'Calls',
  'Shapes',
  'Share',
  'Algorithm',
  'Speed-up',
  'Saves',
];

/** Writes the cells of a product's line. */
export function productCells(gain: ProductGain): string[] {
  const { dtype, threads, calls, shapes, share, algorithm, speedup, saved, reason } = gain;
  return [
    ...[
      formatShape(gain),
      `${dtype}${transposedSuffix(gain)}`,
      String(threads),
      String(calls),
      String(shapes),
      formatPercent(share),
    ],
    algorithm ?? `baseline: ${reason}`,
    speedup === null ? 'not measured' : formatRatio(speedup),
    formatPercent(saved),
  ];
}

export const PROGRAM_GAIN_HINT =
  "Calls, Share: in the profile of the program, of its time. Shapes: how many similar ones are put together, under the one with the most time. Saves: what part of the program's time the choice saves, if its own BLAS is as fast as the baseline.";

function productLine({
  share,
  dtype,
  threads,
  calls,
  shapes,
  algorithm,
  speedup,
  saved,
  reason,
  ...size
}: ProductGain): string {
  const others = shapes > 1 ? `, with ${shapes - 1} similar` : '';
  const what = `  ${formatPercent(share)}  ${formatShape(size)} ${dtype}${transposedSuffix(size)}, threads ${threads}, ${calls} calls${others}: `;
  if (algorithm === null) return `${what}the baseline: ${reason}`;
  return `${what}${algorithm}, ${formatRatio(speedup ?? 1)}x, saves ${formatPercent(saved)}`;
}
