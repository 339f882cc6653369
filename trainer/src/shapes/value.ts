import type { ElementType } from './element-type.js';

/** A size, or undefined where nothing tells it. */
export type Dimension = number | undefined;

/** What is known of a value of the graph. */
export interface Value {
  readonly type: ElementType | undefined;
  /** Undefined: not even their number is known. */
  readonly dims: readonly Dimension[] | undefined;
  /** Its numbers in row-major order where they follow from shapes and constants; undefined: not known, or too many. */
  readonly data?: readonly (number | undefined)[] | undefined;
  /** Why something of it is unknown. */
  readonly cause?: Cause | undefined;
}

/** What made a shape unknown. */
export interface Cause {
  /** operator: its rule is not known; data: its shape depends on what the model is given; input: the file does not say. */
  readonly kind: 'operator' | 'data' | 'input';
  /** The operator with its domain, or the name of the input. */
  readonly name: string;
  /** The layer it was met at. */
  readonly layer: string;
}

/** Most numbers of a value that are followed. Shapes are short; what is longer is data. */
export const MOST_DATA = 4096;

/** Most dimensions of a value. More are a mistake. */
const MOST_DIMENSIONS = 64;

/** Makes a shape of which only the number of dimensions may be known. */
export function ofRank(rank: Dimension): readonly Dimension[] | undefined {
  return rank === undefined || rank > MOST_DIMENSIONS ? undefined : Array<Dimension>(rank).fill(undefined);
}

/** Multiplies sizes; undefined if one is unknown and none is 0. */
export function product(dims: readonly Dimension[]): Dimension {
  if (dims.includes(0)) return 0;
  return dims.reduce<Dimension>(
    (result, dim) => (result === undefined || dim === undefined ? undefined : result * dim),
    1,
  );
}

/** Tells whether all of a shape is known. */
export function isKnown(dims: readonly Dimension[] | undefined): dims is readonly number[] {
  return dims?.every((dim) => dim !== undefined) ?? false;
}

/** Brings an axis that may count from the end into 0 … rank - 1. */
export function axisOf(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

/**
 * Combines shapes as ONNX's multidirectional broadcasting does; undefined if the number of dimensions of one is unknown.
 * @returns `conflict` if two sizes do not go together
 */
export function broadcast(
  shapes: readonly (readonly Dimension[] | undefined)[],
): readonly Dimension[] | undefined | 'conflict' {
  if (shapes.some((dims) => dims === undefined)) return undefined;
  const all = shapes as readonly (readonly Dimension[])[];
  const rank = Math.max(0, ...all.map((dims) => dims.length));
  const result: Dimension[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const sizes = all.flatMap((dims) => (axis < rank - dims.length ? [] : [dims[axis - rank + dims.length]]));
    const size = commonSize(sizes);
    if (size === 'conflict') return 'conflict';
    result.push(size);
  }
  return result;
}

/** An unknown size beside a larger one is that, or 1; beside ones only it stays unknown. */
function commonSize(sizes: readonly Dimension[]): Dimension | 'conflict' {
  const larger = [...new Set(sizes.filter((size) => size !== undefined && size !== 1))];
  if (larger.length > 1) return 'conflict';
  if (larger.length === 1) return larger[0];
  return sizes.includes(undefined) ? undefined : 1;
}
