import type { DistinctProduct } from './distinct-products.js';
import type { ModelProducts } from './model-products.js';

/** Shapes with a smaller share of the arithmetic are put together in one line. */
const LEAST_SHARE = 0.001;
/** Most products of unknown shape that are listed. */
const MOST_UNKNOWN = 10;

const HEAD = ['share', 'MxKxN', 'type', 'count', 'layers'];
/** Columns of words, to the left. */
const WORDS = new Set(['MxKxN', 'type', 'layers']);

/** Writes the products of a model as a table for people. */
export function modelLines({ model, opset, arithmetic, products, unknown, notes }: ModelProducts): string[] {
  const count = products.reduce((sum, one) => sum + one.count, 0);
  const operators = opset === null ? '' : `, ONNX's operators version ${opset}`;
  const title = `${model}: ${number(count, 'product')} in ${number(products.length, 'shape')}, ${formatArithmetic(arithmetic)} a run${operators}`;
  const shown = products.filter(({ share }) => share >= LEAST_SHARE);
  const rest = products.slice(shown.length);
  const restShare = rest.reduce((sum, { share }) => sum + share, 0);
  return [
    title,
    ...(products.length === 0 ? [] : table(shown.map(cells))),
    ...(rest.length === 0 ? [] : [`${formatPercent(restShare)}  ${number(rest.length, 'smaller shape')}, see --json`]),
    ...unknown.slice(0, MOST_UNKNOWN).map((one) => `unknown: ${one.layer} (${one.op}) ${one.shape}: ${one.reason}`),
    ...(unknown.length > MOST_UNKNOWN ? [`unknown: ${unknown.length - MOST_UNKNOWN} more, see --json`] : []),
    ...notes.map((note) => `note: ${note}`),
  ];
}

function cells({ share, m, k, n, type, count, layers }: DistinctProduct): string[] {
  return [formatPercent(share), `${m}x${k}x${n}`, type, String(count), layerWords(layers)];
}

/** Writes `conv1 (Conv) and 5 more`. */
export function layerWords(layers: DistinctProduct['layers']): string {
  const [first] = layers;
  return `${first.layer} (${first.op})${layers.length > 1 ? ` and ${layers.length - 1} more` : ''}`;
}

/** Writes `17.0 %`. */
export function formatPercent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** Writes operations: `7.73 GFLOP`. */
function formatArithmetic(operations: number): string {
  const units = ['FLOP', 'kFLOP', 'MFLOP', 'GFLOP', 'TFLOP', 'PFLOP'];
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(operations || 1) / 3)));
  return `${Number((operations / 1000 ** step).toPrecision(3))} ${units[step]}`;
}

function number(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = HEAD.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column].length)));
  return [HEAD, ...rows].map((row) =>
    row
      .map((cell, column) => (WORDS.has(HEAD[column]) ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
      .join('  ')
      .trimEnd(),
  );
}
