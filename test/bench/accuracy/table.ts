import type { InputKind } from '@alphatensor-edge/agent/process/harness.js';
import { type Row, UNIT } from './measure.js';
import { ratioOf, type Spread } from './summary.js';

/** The names of the kinds of inputs in a table. */
const KIND: Readonly<Record<InputKind, string>> = {
  'zero-mean': 'zero-mean',
  positive: 'all-positive',
  'badly-scaled': 'badly scaled',
};

/** Writes one line for each algorithm and problem: all errors are relative ones in units of rounding. */
export function rowLines(rows: readonly Row[]): string[] {
  return [
    '| algorithm | size | type | growth | leaf depth | predicted | measured | measured / predicted | x baseline | x own | positive, x own | badly scaled, x own |',
    '|---|---|---|---|---|---|---|---|---|---|---|---|',
    ...rows.map((row) => {
      const { scheme, size, dtype, growth, leafDepth, predicted, errors, own, baseline } = row;
      const error = errors['zero-mean'].relativeError;
      const timesOwn = (kind: InputKind): string => short(errors[kind].relativeError / own[kind].relativeError);
      return line([
        ...[scheme, size, dtype, growth.toFixed(2), leafDepth],
        ...[short(predicted / UNIT[dtype]), short(error / UNIT[dtype]), ratioOf(row, 'zero-mean').toFixed(2)],
        short(error / baseline['zero-mean'].relativeError),
        ...[timesOwn('zero-mean'), timesOwn('positive'), timesOwn('badly-scaled')],
      ]);
    }),
  ];
}

/** Writes c by type and leaf depth. */
export function constantLines(rows: readonly Row[]): string[] {
  const seen = new Map(rows.map((row) => [`${row.dtype} ${row.leafDepth}`, row]));
  const sorted = [...seen.values()].sort((a, b) => a.dtype.localeCompare(b.dtype) || a.leafDepth - b.leafDepth);
  return [
    '| type | leaf depth | c, units of rounding | c / sqrt(depth) |',
    '|---|---|---|---|',
    ...sorted.map(({ dtype, leafDepth, constant }) => {
      const units = constant / UNIT[dtype];
      return line([dtype, leafDepth, units.toFixed(2), (units / Math.sqrt(leafDepth)).toFixed(3)]);
    }),
  ];
}

/** Writes how the errors spread around c x growth. */
export function spreadLines(spreads: readonly Spread[]): string[] {
  return [
    '| type | inputs | products | error / (c x growth), geometric mean | middle 90 % | lowest and highest |',
    '|---|---|---|---|---|---|',
    ...spreads.map(({ dtype, kind, rows, mean, middle, low, high }) =>
      line([dtype, KIND[kind], rows, short(mean), middle.map(short).join(' to '), `${short(low)} to ${short(high)}`]),
    ),
  ];
}

function line(cells: readonly (string | number)[]): string {
  return `| ${cells.join(' | ')} |`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}
