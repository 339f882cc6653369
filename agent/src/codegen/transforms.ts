import type { Summand } from '../plan/additions.js';
import type { PackedLevel } from '../plan/packed.js';
import type { StraightLine } from '../plan/straight-line.js';

/** Holds the rows and columns of a grid of blocks. */
interface Grid {
  readonly rows: number;
  readonly columns: number;
}

/** Tells where a transform reads its inputs and writes its outputs, as macro arguments. */
export interface Places {
  /**
   * Gives the arguments of the macro that reads an input: a block of the operand for a split, a product for a merge.
   */
  read(x: number): string;
  /** Gives the arguments of the macro that writes an output: a product for a split, a block of C for a merge. */
  write(x: number): string;
}

/**
 * Writes straight-line code that computes the sums of several levels. The code consists of macros: AT_LOAD_BLOCK and
 * AT_STORE_PRODUCT in a split, AT_LOAD_PRODUCT and AT_STORE_BLOCK in a merge, and AT_ADD, AT_SUB, AT_SCALE and
 * AT_COMBINE in both. native/packed/lines.h defines them for cache lines, native/cuda/elements.cuh for the elements
 * that a thread holds.
 */
class Writer {
  readonly lines: string[] = [];
  #names = 0;

  /** Defines a new value and gives its name. */
  define(operation: string, ...operands: (string | number)[]): string {
    const name = `t${this.#names++}`;
    this.lines.push(`AT_${operation}(${[name, ...operands].join(', ')})`);
    return name;
  }

  /**
   * Computes the outputs of a program of one level. Each output is handed over as soon as it is known, so few values
   * stay alive.
   */
  run(
    { steps, outputs, denominator }: StraightLine,
    inputs: readonly string[],
    take: (output: number, value: string) => void,
  ): void {
    const values: string[] = [];
    const define = (value: string): void => {
      const source = values.push(value) - 1;
      outputs.forEach((output, index) => {
        if (output.source !== source) return;
        const { coefficient } = output;
        const isWhole = coefficient === denominator;
        take(index, isWhole ? value : this.define('SCALE', fraction(coefficient, denominator), value));
      });
    };
    for (const input of inputs) define(input);
    for (const { left, right } of steps) define(this.#add(left, right, values));
  }

  #add(left: Summand, right: Summand, values: readonly string[]): string {
    const [a, b] = [values[left.source], values[right.source]];
    if (left.coefficient === 1 && right.coefficient === 1) return this.define('ADD', a, b);
    if (left.coefficient === 1 && right.coefficient === -1) return this.define('SUB', a, b);
    if (left.coefficient === -1 && right.coefficient === 1) return this.define('SUB', b, a);
    return this.define('COMBINE', left.coefficient, a, right.coefficient, b);
  }
}

/**
 * Writes the body of a split, from the blocks of an operand to all products (AT_STORE_PRODUCT). Outer levels come
 * first. Each of their results is used up before the next one, so few values stay alive.
 */
export function splitBody(levels: readonly PackedLevel[], operand: 'a' | 'b', places: Places): string[] {
  const writer = new Writer();
  const grids = levels.map(
    ({ size }): Grid => (operand === 'a' ? { rows: size.n, columns: size.m } : { rows: size.m, columns: size.p }),
  );
  const loads = new Map<number, string>();
  const load = (x: number): string => {
    const known = loads.get(x) ?? writer.define('LOAD_BLOCK', places.read(x));
    loads.set(x, known);
    return known;
  };
  const split = (level: number, block: (x: number) => string, first: number): void => {
    const outer = grids[level];
    const inner = product(grids.slice(level + 1));
    const isInnermost = level === levels.length - 1;
    const results: string[][] = [];
    positions(inner).forEach(([row, column], x) => {
      const inputs = positions(outer).map(([i, j]) =>
        block((i * inner.rows + row) * outer.columns * inner.columns + j * inner.columns + column),
      );
      results[x] = [];
      writer.run(levels[level][operand], inputs, (r, value) => {
        if (isInnermost) writer.lines.push(`AT_STORE_PRODUCT(${places.write(first + r)}, ${value})`);
        else results[x][r] = value;
      });
    });
    if (isInnermost) return;
    const products = levels.slice(level + 1).reduce((rank, next) => rank * next.rank, 1);
    for (let r = 0; r < levels[level].rank; r++) split(level + 1, (x) => results[x][r], first + r * products);
  };
  split(0, load, 0);
  return writer.lines;
}

/** Writes the body of a merge, from all products to the blocks of C (AT_STORE_BLOCK). Inner levels come first. */
export function mergeBody(levels: readonly PackedLevel[], places: Places): string[] {
  const writer = new Writer();
  const grids = levels.map(({ size }): Grid => ({ rows: size.n, columns: size.p }));
  /** Gives the blocks of C that the products from `first` on make up, at the levels from `level` on. */
  const merge = (level: number, first: number): string[] => {
    if (level === levels.length) {
      return [writer.define('LOAD_PRODUCT', places.read(first))];
    }
    const outer = grids[level];
    const inner = product(grids.slice(level + 1));
    const products = levels.slice(level + 1).reduce((rank, next) => rank * next.rank, 1);
    const parts = Array.from({ length: levels[level].rank }, (_, r) => merge(level + 1, first + r * products));
    const blocks: string[] = [];
    positions(inner).forEach(([row, column], x) => {
      const inputs = parts.map((part) => part[x]);
      writer.run(levels[level].c, inputs, (y, value) => {
        const [i, j] = [Math.floor(y / outer.columns), y % outer.columns];
        const block = (i * inner.rows + row) * outer.columns * inner.columns + j * inner.columns + column;
        if (level > 0) blocks[block] = value;
        else writer.lines.push(`AT_STORE_BLOCK(${places.write(block)}, ${value})`);
      });
    });
    return blocks;
  };
  merge(0, 0);
  return writer.lines;
}

function product(grids: readonly Grid[]): Grid {
  return grids.reduce((a, b) => ({ rows: a.rows * b.rows, columns: a.columns * b.columns }), { rows: 1, columns: 1 });
}

function positions({ rows, columns }: Grid): [number, number][] {
  return Array.from({ length: rows * columns }, (_, x) => [Math.floor(x / columns), x % columns]);
}

function fraction(numerator: number, denominator: number): string {
  // In C, a whole number over a whole number would be rounded down.
  return denominator === 1
    ? `${numerator}`
    : `${Number.isInteger(numerator) ? `${numerator}.0` : numerator} / ${denominator}.0`;
}
