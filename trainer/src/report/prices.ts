import { present } from '@alphatensor-edge/shared';
import type { RecordedLine } from '../run/metrics.js';
import { count, formatSignificant } from './format.js';

/** Says how well a run's cost models predicted measurements before they were made, as its last metrics have it. */
export interface Prices {
  /** Number of the latest predictions that count. */
  readonly predictions: number;
  /** Those that were made from what the agent says of the program. */
  readonly fromPrograms: number;
  /** Mean of |predicted - measured| of t / t_baseline. */
  readonly error: number;
  /** The same for predicting the mean of the earlier measurements. */
  readonly errorOfMean: number;
  /** Images that had a price at the end, measured or estimated. Absent: the network was shown none. */
  readonly images?: number | undefined;
}

/** Reads what a run recorded; undefined for one whose models predicted nothing. */
export function pricesOf(metrics: readonly RecordedLine[]): Prices | undefined {
  const line = metrics.findLast(({ costError }) => costError !== undefined);
  if (line === undefined) return undefined;
  const { costError, costErrorOfMean, costPredictions, costFromPrograms, pricedImages } = line;
  const numbers = [costError, costErrorOfMean, costPredictions, costFromPrograms];
  if (!numbers.every((value) => typeof value === 'number' && Number.isFinite(value))) return undefined;
  const [error, errorOfMean, predictions, fromPrograms] = numbers as number[];
  const images = typeof pricedImages === 'number' && Number.isFinite(pricedImages) ? pricedImages : undefined;
  return { predictions, fromPrograms, error, errorOfMean, ...present({ images }) };
}

/** Says it in sentences. */
export function pricesWords({ predictions, fromPrograms, error, errorOfMean, images }: Prices): string {
  const shown =
    images === undefined
      ? ''
      : ` The network was shown images of the best algorithms under symmetries (${images} at the end), at prices that these models estimate where none was measured. No estimate is in any other figure of this report.`;
  return (
    `Before the last ${count(predictions, 'measurement')} the search's models erred by ${formatSignificant(error)} of t / t_baseline on average ` +
    `(${formatSignificant(errorOfMean)} by predicting the mean of those before); ${fromPrograms} of these predictions followed what the agent says of the program.${shown}`
  );
}
