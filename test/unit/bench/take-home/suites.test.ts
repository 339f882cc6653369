import { describe, expect, it } from 'vitest';
import { outcomesOf } from '../../../bench/take-home/suites/netlib.js';
import { differencesOf, suiteLines } from '../../../bench/take-home/suites/suites.js';

// As Netlib's testers of Fortran and of C write them, shortened.
const FORTRAN = `
 SGEMM  PASSED THE TESTS OF ERROR-EXITS

 ******* FATAL ERROR - COMPUTED RESULT IS LESS THAN HALF ACCURATE *******
 ******* SGEMM  FAILED ON CALL NUMBER:
 SSYMM  PASSED THE COMPUTATIONAL TESTS (  1296 CALLS)
`;
const C = `
 cblas_dgemm      PASSED THE TESTS OF ERROR-EXITS
 cblas_dgemm      PASSED THE COLUMN-MAJOR COMPUTATIONAL TESTS ( 17496 CALLS)
 cblas_dgemm      COMPLETED THE ROW-MAJOR    COMPUTATIONAL TESTS ( 17496 CALLS)
 ******* BUT WITH MAXIMUM TEST RATIO    19.17 - SUSPECT *******
`;

describe('outcomesOf', () => {
  it("reads what Netlib's testers say of each function, layout and kind of test", () => {
    expect([...outcomesOf(FORTRAN)]).toEqual([
      ['SGEMM, error exits', { outcome: 'passed', why: '' }],
      ['SGEMM', { outcome: 'failed', why: 'FAILED ON CALL NUMBER:' }],
      ['SSYMM', { outcome: 'passed', why: '' }],
    ]);
    expect([...outcomesOf(C)].map(([test, { outcome }]) => [test, outcome])).toEqual([
      ['cblas_dgemm, error exits', 'passed'],
      ['cblas_dgemm, column-major', 'passed'],
      ['cblas_dgemm, row-major', 'failed'],
    ]);
    expect(outcomesOf(C).get('cblas_dgemm, row-major')?.why).toMatch(/MAXIMUM TEST RATIO +19\.17/);
  });
});

describe('differencesOf', () => {
  it('lists what came out otherwise, and what was run only once', () => {
    const passed = { outcome: 'passed', why: '' };
    const failed = { outcome: 'failed', why: 'off by 2' };
    const plain = new Map([
      ['a', passed],
      ['b', passed],
      ['c', failed],
    ]);
    const differences = differencesOf(
      plain,
      new Map([
        ['a', failed],
        ['c', failed],
        ['d', passed],
      ]),
    );
    expect(differences).toEqual([
      { test: 'a', plain: 'passed', now: 'failed', why: 'off by 2' },
      { test: 'b', plain: 'passed', now: 'not run', why: '' },
      { test: 'd', plain: 'not run', now: 'passed', why: '' },
    ]);
    const modes = [{ mode: 'always', calls: 3, takenCalls: 2, tests: 3, differences } as const];
    expect(suiteLines([{ suite: 'S', tests: 3, failed: 1, modes }]).slice(0, 4)).toEqual([
      'S: 3 tests, of which 1 fail without the library',
      '  always: 2 of 3 products taken; 3 differ:',
      '    a: passed, now failed',
      '      off by 2',
    ]);
  });
});
