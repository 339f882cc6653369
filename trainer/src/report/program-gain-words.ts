import { formatPercent } from '../shapes/lines.js';
import { formatRatio, formatShape } from './format.js';
import type { ProductGain, ProgramGain } from './program-gain.js';

// What the command line says of a tuned program.

/** Writes what a program is predicted to gain, and a line for each of its products. */
export function programGainLines(gain: ProgramGain): string[] {
  const { command, measuredShare, leftOutShare, othersShare, speedup, products } = gain;
  const others = othersShare > 0 ? `, and ${formatPercent(othersShare)} are functions that no library takes` : '';
  return [
    `${command.join(' ')}: predicted to be ${formatRatio(speedup)} times as fast as a whole. The products that were measured ` +
      `are ${formatPercent(measuredShare)} of its time; ${formatPercent(leftOutShare)} are products that were left out${others}.`,
    ...products.map(productLine),
  ];
}

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
  const what = `  ${formatPercent(share)}  ${formatShape(size)} ${dtype}, threads ${threads}, ${calls} calls${others}: `;
  if (algorithm === null) return `${what}the baseline: ${reason}`;
  return `${what}${algorithm}, ${formatRatio(speedup ?? 1)}x, saves ${formatPercent(saved)}`;
}
