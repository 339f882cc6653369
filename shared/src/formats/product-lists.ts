import { AlphaTensorError } from '../errors.js';
import { type Size, sameSize } from '../tensor.js';
import type { Coefficient } from './coefficient.js';
import { isList, type Nested } from './nested.js';
import type { AnyRecord } from './record.js';
import { type Matrix, type Modes, reconstruct, transpose } from './scheme.js';

/**
 * Splits what the nested lists of a file hold into schemes: one, or several in one more list.
 * @throws AlphaTensorError UNSUPPORTED_FORMAT
 */
export function schemesOfLists(value: Nested): readonly Nested[] {
  return isList(value) && depthOf(value) === 5 ? value : [value];
}

/**
 * Reads a scheme as nested lists: R products of three matrices, A's n x m, B's m x p and the product's p x n (or, where only that is exact, n
 * x p); R products of three vectors; or three factor matrices.
 * @throws AlphaTensorError UNSUPPORTED_FORMAT, INVALID_ARGUMENT or NOT_A_FACTORIZATION
 */
export function readLists(value: Nested): AnyRecord {
  const depth = depthOf(value);
  if (depth === 4) return readProducts(itemsOf(value));
  if (depth !== 3) {
    throw malformed(`they are ${depth} deep; lists of products {u, v, w} of matrices are 4 deep, those of vectors 3`);
  }
  const lists = itemsOf(value).map((item) => itemsOf(item).map(rowOf));
  const modes = lists.length === 3 ? lists : transpose(lists);
  if (modes.length !== 3) throw malformed('neither it nor its products are three, u, v and w');
  return reconstruct({ modes: modes as unknown as Modes, orders: ['transposed', 'row-major'] });
}

function readProducts(products: readonly Nested[]): AnyRecord {
  const terms = products.map((product, r) => {
    const matrices = itemsOf(product).map((matrix) => itemsOf(matrix).map(rowOf));
    if (matrices.length !== 3)
      throw malformed(`product ${r + 1} has ${matrices.length} matrices; three, u, v and w, are needed`);
    return matrices;
  });
  const sizes = terms.map(sizeOf);
  const size = sizes[0];
  const other = sizes.findIndex((each) => !sameSize(each, size));
  if (other >= 0) throw malformed(`the matrices of product ${other + 1} are of another size than those of the first`);
  const [u, v, w] = [0, 1, 2].map((mode) => terms.map((matrices) => matrices[mode].flat()));
  // A product n x p is row by row what a p x n one is column by column.
  const isTransposed = terms[0][2].length === size.p;
  const orders =
    size.n === size.p ? (['transposed', 'row-major'] as const) : ([isTransposed ? 'transposed' : 'row-major'] as const);
  return reconstruct({ size, modes: [u, v, w], orders });
}

function sizeOf([u, v, w]: readonly Matrix[], r: number): Size {
  const [n, m, p] = [u.length, v.length, v[0]?.length ?? 0];
  const fits = (matrix: Matrix, rows: number, columns: number): boolean =>
    matrix.length === rows && matrix.every((row) => row.length === columns);
  if (!fits(u, n, m) || !fits(v, m, p) || !(fits(w, p, n) || fits(w, n, p))) {
    const shape = (matrix: Matrix): string => `${matrix.length} x ${matrix[0]?.length ?? 0}`;
    throw malformed(
      `the matrices of product ${r + 1} are ${shape(u)}, ${shape(v)} and ${shape(w)}; n x m, m x p and p x n are needed`,
    );
  }
  return { n, m, p };
}

function depthOf(value: Nested): number {
  let depth = 0;
  for (let inside: Nested | undefined = value; inside !== undefined && isList(inside); inside = inside[0]) depth++;
  return depth;
}

function itemsOf(value: Nested): readonly Nested[] {
  if (!isList(value)) throw malformed('a number stands where a list should');
  return value;
}

function rowOf(value: Nested): Coefficient[] {
  return itemsOf(value).map((item) => {
    if (isList(item)) throw malformed('a list stands where a number should');
    return item;
  });
}

function malformed(what: string): AlphaTensorError {
  return new AlphaTensorError('UNSUPPORTED_FORMAT', `The lists are no factorization: ${what}.`);
}
