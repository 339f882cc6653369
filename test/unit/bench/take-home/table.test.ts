import { expect, it } from 'vitest';
import type { Measured } from '../../../bench/take-home/measure.js';
import { tableLines } from '../../../bench/take-home/table.js';

const row = { program: 'NumPy', what: 'a @ b', command: ['python'], isSmall: false };
const measured: Measured = {
  look: { calls: 4, takenCalls: 3, algorithms: ['<2,2,2;7>'], reasons: ['small'], libraries: ['OpenBLAS 0.3.31'] },
  kernels: '',
  samples: { plain: [0.3], own: [0.25], chosen: [0.2] },
  medianSeconds: { plain: 0.3, own: 0.25, chosen: 0.2 },
  ratios: { own: { estimate: 1.2, low: 1.1, high: 1.3 }, chosen: { estimate: 1.5, low: 1.4, high: 1.6 } },
  errors: { plain: 1e-7, own: 2e-7, chosen: 5e-7 },
};

it('marks an error over the bound, gives the cost of small products more exactly, and says why a row is missing', () => {
  const small = { ...row, what: 'small', isSmall: true };
  const lines = tableLines(
    [
      { ...row, measured },
      { ...small, measured: { ...measured, errors: null } },
      { ...row, program: 'R', missing: 'Rscript is not there' },
    ],
    4,
  );
  expect(lines[1]).toMatch(
    /^NumPy +a @ b +300\.0 ms +1\.20 +1\.10\.\.1\.30 +1\.50 +1\.40\.\.1\.60 +2\.00 +over 5\.00 +75\.0 %/,
  );
  expect(lines[2]).toMatch(/ 1\.5000 +1\.4000\.\.1\.6000 +75\.0 % +<2,2,2;7>, BLAS: small$/);
  expect(lines.slice(3)).toEqual(['R, a @ b: not measured: Rscript is not there', 'NumPy uses OpenBLAS 0.3.31']);
});
