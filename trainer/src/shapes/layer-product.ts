import type { ElementType } from './element-type.js';

/** A product that a layer makes: C = A B, A m x k, B k x n. */
export interface LayerProduct {
  readonly layer: string;
  readonly op: string;
  readonly m: number;
  readonly k: number;
  readonly n: number;
  /** How often one run of the model makes it: groups, heads, turns. */
  readonly count: number;
  /** The number format of the operands; `unknown` where the file does not say. */
  readonly type: ElementType | 'unknown';
}

/** A product of which a dimension is unknown. */
export interface UnknownProduct {
  readonly layer: string;
  readonly op: string;
  /** What is known, `?` for what is not. */
  readonly shape: string;
  /** Why. */
  readonly reason: string;
}

/** Counts multiplications and additions. */
export function arithmeticOf({ m, k, n, count }: Pick<LayerProduct, 'm' | 'k' | 'n' | 'count'>): number {
  return 2 * m * k * n * count;
}
