import type { Call, Operator } from '../call.js';
import type { ElementType } from '../element-type.js';
import { type Dimension, product, type Value } from '../value.js';

/** Says where a product's operands are, and which of them are transposed. */
interface Operands {
  readonly a: number;
  readonly b: number;
  readonly type: ElementType | undefined;
  readonly transA?: boolean | undefined;
  readonly transB?: boolean | undefined;
}

/** Multiplies matrices, or stacks of them that broadcast, as NumPy's matmul. One side may be a vector. */
export function matMul(call: Call, { a, b, type, transA, transB }: Operands): Value {
  const operands = [call.inputs[a], call.inputs[b]];
  const [left, right] = [matrixOf(call.dims(a), transA, 'row'), matrixOf(call.dims(b), transB, 'column')];
  if (left === undefined || right === undefined) {
    call.product({ m: left?.rows, k: left?.columns ?? right?.rows, n: right?.columns }, operands);
    return call.unknown(type);
  }
  const k = left.columns ?? right.rows;
  if (left.columns !== undefined && right.rows !== undefined && left.columns !== right.rows) {
    throw call.conflict(`${left.columns} columns of A meet ${right.rows} rows of B`);
  }
  const stack = call.broadcast([left.stack, right.stack]);
  // Where B is one matrix for all of A's, a runtime makes one product with the rows of all.
  const isOneB = product(right.stack) === 1;
  const rows = isOneB ? product([...(stack ?? []), left.rows]) : left.rows;
  call.product({ m: rows, k, n: right.columns, count: isOneB ? 1 : stack && product(stack) }, operands);
  return call.value(type, [
    ...(stack ?? []),
    ...(left.isVector ? [] : [left.rows]),
    ...(right.isVector ? [] : [right.columns]),
  ]);
}

interface Matrix {
  readonly stack: readonly Dimension[];
  readonly rows: Dimension;
  readonly columns: Dimension;
  readonly isVector: boolean;
}

function matrixOf(
  dims: readonly Dimension[] | undefined,
  isTransposed: boolean | undefined,
  vector: 'row' | 'column',
): Matrix | undefined {
  if (dims === undefined || dims.length === 0) return undefined;
  if (dims.length === 1) {
    const [rows, columns] = vector === 'row' ? [1, dims[0]] : [dims[0], 1];
    return { stack: [], rows, columns, isVector: true };
  }
  const [rows, columns] = isTransposed ? [dims.at(-1), dims.at(-2)] : [dims.at(-2), dims.at(-1)];
  return { stack: dims.slice(0, -2), rows, columns, isVector: false };
}

const plain: Operator = (call) => [matMul(call, { a: 0, b: 1, type: call.inputs[0]?.type })];

export const gemm: Operator = (call) => [
  matMul(call, {
    ...{ a: 0, b: 1, type: call.inputs[0]?.type },
    transA: call.int('transA', 0) !== 0,
    transB: call.int('transB', 0) !== 0,
  }),
];

const integer: Operator = (call) => [matMul(call, { a: 0, b: 1, type: 'i32' })];
const quantized: Operator = (call) => [matMul(call, { a: 0, b: 3, type: call.inputs[7]?.type })];

/** Einsum of two operands is a product if every letter of the sum is in both; else only its shape is told. */
const einsum: Operator = (call) => {
  const type = call.inputs[0]?.type;
  const equation = call.text('equation', '').replace(/\s/g, '');
  const [left, given] = equation.split('->');
  const terms = left.split(',');
  if (equation.includes('...') || terms.length !== call.inputs.length) {
    if (terms.length > 1) call.product({ m: undefined, k: undefined, n: undefined }, call.inputs);
    return [call.unknown(type)];
  }
  const sizes = new Map<string, Dimension>();
  terms.forEach((term, index) => {
    const dims = call.dims(index);
    [...term].forEach((letter, axis) => {
      const size = dims?.[axis];
      const known = sizes.get(letter);
      if (known !== undefined && size !== undefined && known !== size && known !== 1 && size !== 1) {
        throw call.conflict(`the letter ${letter} stands for ${known} and for ${size}`);
      }
      sizes.set(letter, known === undefined || known === 1 ? (size ?? known) : known);
    });
  });
  // Without an arrow the result has the letters that occur once, in order.
  const all = terms.join('');
  const result =
    given ??
    [...new Set(all)]
      .filter((letter) => all.split(letter).length === 2)
      .sort()
      .join('');
  const sizeOf = (letters: readonly string[]): Dimension => product(letters.map((letter) => sizes.get(letter)));
  if (terms.length === 2) {
    const [a, b] = terms.map((term) => [...new Set(term)]);
    const isIn = (letters: string | readonly string[]) => (letter: string) => letters.includes(letter);
    const isOut = isIn(result);
    const both = a.filter(isIn(b));
    call.product(
      {
        m: sizeOf(a.filter((letter) => isOut(letter) && !b.includes(letter))),
        k: sizeOf(both.filter((letter) => !isOut(letter))),
        n: sizeOf(b.filter((letter) => isOut(letter) && !a.includes(letter))),
        count: sizeOf(both.filter(isOut)),
      },
      call.inputs,
    );
  } else if (terms.length > 2) {
    call.around.onNote(`Einsum "${call.layer}" has ${terms.length} operands; its products are left out.`);
  }
  return [
    call.value(
      type,
      [...result].map((letter) => sizes.get(letter)),
    ),
  ];
};

const determinant: Operator = (call) => [call.value(call.inputs[0]?.type, call.dims(0)?.slice(0, -2))];

export const PRODUCTS: Record<string, Operator> = {
  MatMul: plain,
  Gemm: gemm,
  MatMulInteger: integer,
  QLinearMatMul: quantized,
  Einsum: einsum,
  Det: determinant,
};
