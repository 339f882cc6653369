import { checkSize, type Size } from '../tensor.js';
import { type Coefficient, NO_COEFFICIENT } from './coefficient.js';
import { entryOf, Formulas, malformed, type Sum } from './formula.js';
import type { AnyRecord } from './record.js';
import { type Matrix, reconstruct } from './scheme.js';

/** Tells whether the text is lines of formulas in which something is multiplied and entries of A and B occur. */
export function looksLikeExpressions(text: string): boolean {
  const entry = (letters: string): RegExp => new RegExp(String.raw`(?<![\w.])[${letters}](?:_?\d|_?\{|\[)`);
  return entry('aA').test(text) && entry('bB').test(text) && /[*)]\s*\(|\*/.test(text) && !/^\s*[[{]/.test(text);
}

/**
 * Reads an algorithm as formulas: either products of three sums, one a line, of entries of A, of B and of the product (transposed, or row by
 * row where only that is exact); or assignments such as m1 = (a11 + a22) * (b11 + b22) and c11 = m1 + m4, with shared sums as well. Entries are
 * written a11, a_1_12, a[1,12] or a_{1,12} and counted from 1, or from 0 where one has a 0. Nothing is executed.
 * @param size if the file says it elsewhere; else it follows from the entries
 * @throws AlphaTensorError UNSUPPORTED_FORMAT, INVALID_ARGUMENT or NOT_A_FACTORIZATION
 */
export function parseExpressions(text: string, size?: Size): AnyRecord {
  const formulas = new Formulas();
  const outputs = new Map<string, Sum>();
  for (const statement of statementsOf(text)) {
    const [, name, formula] = statement.match(/^([^=]*?)\s*:?=(.*)$/) ?? [];
    const value = formulas.evaluate(formula ?? statement);
    const entry = name === undefined ? undefined : entryOf(name);
    if (entry?.kind === 'c') outputs.set(entry.key, value);
    else if (entry !== undefined) throw malformed(`"${name}" is an entry of a factor, and gets a value`);
    else if (name !== undefined) formulas.assign(name, value);
  }
  const { products } = formulas;
  if (products.length === 0) throw malformed('no sum of entries of A is multiplied by one of B');
  const [isTrilinear, isBilinear] = [
    products.every(({ c }) => c !== undefined),
    products.every(({ c }) => c === undefined),
  ];
  if (isTrilinear === outputs.size > 0 || isTrilinear === isBilinear) {
    throw malformed(
      'neither every product has a third factor of entries of the product, nor are the entries given as c11 = …',
    );
  }
  const a = sparse(products.map((product) => product.a.terms));
  const b = sparse(products.map((product) => product.b.terms));
  const c = sparse(
    isTrilinear ? products.map((product) => (product.c as Sum).terms) : byProduct(outputs, products.length),
  );
  const base = Math.min(a.least, b.least, c.least) === 0 ? 0 : 1;
  const found = size ?? { n: a.rows - base + 1, m: a.columns - base + 1, p: b.columns - base + 1 };
  checkSize(found);
  const { n, m, p } = found;
  const isTurned = isTrilinear && c.rows - base < p && c.columns - base < n;
  const [rows, columns] = isTurned ? [p, n] : [n, p];
  return reconstruct({
    size: found,
    modes: [dense(a, n, m, base, 'A'), dense(b, m, p, base, 'B'), dense(c, rows, columns, base, 'C')],
    orders: isTurned ? (n === p ? ['transposed', 'row-major'] : ['transposed']) : ['row-major'],
  });
}

/** Lines, or what semicolons separate, without comments; also without the plus that goes on with the sum of all products. */
function statementsOf(text: string): string[] {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, ' ')
    .split(/[\r\n;]+/)
    .map((line) =>
      line
        .replace(/(?:\/\/|#|%).*$/, '')
        .replace(/^\s*\+|\s*[+,]?\s*$/g, '')
        .trim(),
    )
    .filter((line) => line !== '');
}

/** What each product has of the entries of C, from what each entry has of the products. */
function byProduct(outputs: ReadonlyMap<string, Sum>, rank: number): Map<string, Coefficient>[] {
  const rows = Array.from({ length: rank }, () => new Map<string, Coefficient>());
  for (const [key, { kind, terms }] of outputs) {
    if (kind !== 'product') throw malformed(`entry ${key} of C is no sum of products`);
    for (const [index, coefficient] of terms) rows[Number(index)].set(key, coefficient);
  }
  return rows;
}

/** Rows of coefficients by row and column, with the greatest and the least of those. */
interface Sparse {
  readonly terms: readonly (readonly [row: number, column: number, coefficient: Coefficient])[][];
  readonly rows: number;
  readonly columns: number;
  readonly least: number;
}

function sparse(maps: readonly ReadonlyMap<string, Coefficient>[]): Sparse {
  let [rows, columns, least] = [0, 0, 1];
  const terms = maps.map((map) =>
    Array.from(map, ([key, coefficient]) => {
      const [row, column] = key.split(',').map(Number);
      rows = Math.max(rows, row);
      columns = Math.max(columns, column);
      least = Math.min(least, row, column);
      return [row, column, coefficient] as const;
    }),
  );
  return { terms, rows, columns, least };
}

function dense({ terms, ...last }: Sparse, rows: number, columns: number, base: number, name: string): Matrix {
  if (last.rows - base >= rows || last.columns - base >= columns) {
    throw malformed(
      `${name} has an entry in row ${last.rows} and column ${last.columns} at most, beyond its ${rows} x ${columns}`,
    );
  }
  return terms.map((term) => {
    const row = new Array<Coefficient>(rows * columns).fill(NO_COEFFICIENT);
    for (const [i, j, coefficient] of term) row[(i - base) * columns + j - base] = coefficient;
    return row;
  });
}
