import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { modeLengths, multiplicationTensor, Random } from '../../../shared/src/index.js';

const length = fc.integer({ min: 1, max: 4 });

/** The product of two row-major matrices. */
function product(a: readonly number[], b: readonly number[], rows: number, inner: number, columns: number): number[] {
  return Array.from({ length: rows * columns }, (_, index) => {
    const [row, column] = [Math.floor(index / columns), index % columns];
    return Array.from({ length: inner }, (_, k) => a[row * inner + k] * b[k * columns + column]).reduce(
      (x, y) => x + y,
      0,
    );
  });
}

describe('the multiplication tensor', () => {
  it('is the trilinear form trace(A B C), with C of the shape of the product transposed', () => {
    fc.assert(
      fc.property(length, length, length, fc.integer(), (n, m, p, seed) => {
        const random = new Random(seed);
        const lengths = modeLengths({ n, m, p });
        const [a, b, c] = lengths.map((entries) => Array.from({ length: entries }, () => random.int(19) - 9));
        const tensor = multiplicationTensor({ n, m, p });
        let form = 0;
        tensor.forEach((entry, index) => {
          const third = index % lengths[2];
          const second = Math.floor(index / lengths[2]) % lengths[1];
          form += entry * a[Math.floor(index / (lengths[1] * lengths[2]))] * b[second] * c[third];
        });
        const square = product(product(a, b, n, m, p), c, n, p, n);
        const trace = Array.from({ length: n }, (_, i) => square[i * n + i]).reduce((x, y) => x + y, 0);
        expect(form).toBe(trace);
      }),
    );
  });
});
