import { INPUT_KINDS, type InputKind } from '@alphatensor-edge/agent/process/harness.js';
import { quantile } from '@alphatensor-edge/shared';
import type { DType, Row } from './measure.js';

/** How the errors of one number format on one kind of inputs compare with c x growth. */
export interface Spread {
  readonly dtype: DType;
  readonly kind: InputKind;
  readonly rows: number;
  /**
   * Geometric mean, extremes and the middle 90 % of error / (c x growth). For zero-mean inputs c is the fitted constant; for
   * others the error of own <1,1,1> on such inputs at the leaf depth, as no prediction is made of them.
   */
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  readonly middle: readonly [number, number];
}

/** Computes error / (c x growth). */
export function ratioOf({ errors, ownAtLeaf, growth, predicted }: Row, kind: InputKind): number {
  const expected = kind === 'zero-mean' ? predicted : ownAtLeaf[kind].relativeError * growth;
  return errors[kind].relativeError / expected;
}

export function spreads(rows: readonly Row[]): Spread[] {
  const dtypes = [...new Set(rows.map(({ dtype }) => dtype))];
  return dtypes.flatMap((dtype) =>
    INPUT_KINDS.map((kind) => {
      const ratios = rows
        .filter((row) => row.dtype === dtype)
        .map((row) => ratioOf(row, kind))
        .sort((a, b) => a - b);
      const logs = ratios.map(Math.log);
      return {
        dtype,
        kind,
        rows: ratios.length,
        mean: Math.exp(logs.reduce((sum, log) => sum + log, 0) / logs.length),
        low: ratios[0],
        high: ratios[ratios.length - 1],
        middle: [quantile(ratios, 0.05), quantile(ratios, 0.95)],
      };
    }),
  );
}
