import { formatPercent } from '../shapes/lines.js';
import { formatRatio, formatShape } from './format.js';
import type { LayerGain, ModelGain } from './model-gain.js';

// What a report and the command line say of a tuned model.

/** Writes what a model gains, in a few sentences. */
export function modelGainSentence({ model, measuredShare, measuredSpeedup, speedup, unknown }: ModelGain): string {
  const left = unknown === 0 ? '' : ` Products of unknown shape (${unknown}) are not in these figures.`;
  if (measuredSpeedup === null || speedup === null) return `${model}: no product was measured.${left}`;
  return (
    `${model}: the products that were measured, ${formatPercent(measuredShare)} of the arithmetic, are together ` +
    `${formatRatio(measuredSpeedup)} times as fast as with the baseline. All products of the model are predicted to be ` +
    `${formatRatio(speedup)} times as fast if the rest keeps the baseline.${left}`
  );
}

/** Names the columns of a layer's line. */
export const LAYER_COLUMNS = [
  'Layer',
  'Operator',
  'Product',
  'Type',
  'Count',
  'Share',
  'Algorithm',
  'Speed-up',
  'Saves',
];

/** Writes the cells of a layer's line. */
export function layerCells(gain: LayerGain): string[] {
  const { layer, op, type, count, share, algorithm, speedup, saved, reason } = gain;
  return [
    ...[layer, op, formatShape(gain), type, String(count), formatPercent(share)],
    algorithm ?? `baseline: ${reason}`,
    speedup === null ? 'not measured' : formatRatio(speedup),
    formatPercent(saved),
  ];
}

export const MODEL_GAIN_HINT =
  'Count: how often one run of the model makes the product. Share: of the arithmetic of all products. Saves: what part of the time of all products the choice saves; what was not measured is taken to run at the mean rate of what was. A convolution is its implicit product, which a program may compute in another way.';
