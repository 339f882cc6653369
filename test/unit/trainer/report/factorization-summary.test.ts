import { expect, it } from 'vitest';
import { contentHash, factorizationFileName, strassen } from '../../../../shared/src/index.js';
import { costWords, exactWords, summarizeFactorization } from '../../../../trainer/src/report/factorization-summary.js';
import { withDenominator } from '../../../support/conformance-cases.js';
import { modulo2 } from '../../../support/factorizations.js';

it('the figures of a factorization, and its file name, say modulo 2 where it is, and no growth there', () => {
  const hash = contentHash(strassen()).slice(0, 12);
  const summary = summarizeFactorization({ factorization: strassen(), origin: 'imported' });
  expect(summary).toMatchObject({ rank: 7, nonzeros: 36, arithmetic: 'standard', origin: 'imported' });
  expect(costWords(summary)).toMatch(/^36 nonzeros, growth \d+\.\d{3}$/);
  expect(exactWords(summary)).toBe(`exact <2,2,2> of rank 7, ${costWords(summary)}, origin imported, ${hash}`);
  expect(factorizationFileName(strassen())).toBe(`2x2x2_m7_${hash}.json`);

  const halves = summarizeFactorization({ factorization: withDenominator(strassen(), 2), origin: 'imported' });
  expect(costWords(halves)).toMatch(/^36 nonzeros over 2, 1, 1, growth/);

  const modulo = modulo2(strassen());
  const short = contentHash(modulo).slice(0, 12);
  const other = summarizeFactorization({ factorization: modulo, origin: 'flip-graph' });
  expect(exactWords(other)).toBe(`exact <2,2,2> of rank 7 modulo 2, 36 nonzeros, origin flip-graph, ${short}`);
  expect(factorizationFileName(modulo)).toBe(`2x2x2_m7_z2_${short}.json`);
});
