import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { add, multiply, parseRational } from '../../../shared/src/formats/rational.js';
import {
  contentHash,
  type FactorizationRecord,
  formatFactorizationJson,
  loadFactorization,
  ORIGINS,
  parseFactorizationJson,
  saveFactorization,
  strassen,
  verify,
} from '../../../shared/src/index.js';
import { exactInEveryField, moveScale } from '../../support/factorizations.js';

const record: fc.Arbitrary<FactorizationRecord> = fc
  .record(
    {
      factorization: fc.constantFrom(...exactInEveryField),
      scale: fc.constantFrom(-6, -2, -1, 1, 4),
      origin: fc.constantFrom(...ORIGINS),
      created: fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
      notes: fc.string(),
      provenance: fc.record({ bootstrappedFrom: fc.array(fc.string()), seed: fc.integer() }),
    },
    { requiredKeys: ['factorization', 'scale', 'origin'] },
  )
  .map(({ factorization, scale, ...rest }) => ({
    ...rest,
    factorization:
      factorization.arithmetic === 'standard' ? verify(moveScale(factorization, 0, scale, 'w', 'u')) : factorization,
  }));

test('a factorization, fractions and all, survives its file', () => {
  fc.assert(
    fc.property(record, (original) => {
      const text = formatFactorizationJson(original);
      const { factorization, ...rest } = parseFactorizationJson(text);
      const { factorization: expected, ...expectedRest } = original;
      expect(contentHash(factorization)).toBe(contentHash(expected));
      expect(rest).toEqual(expectedRest);
      expect(formatFactorizationJson({ factorization, ...rest })).toBe(text);
    }),
  );
});

test('a saved file is whole, and nothing else is left beside it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'shared-formats-'));
  try {
    const path = join(folder, 'strassen.json');
    const saved: FactorizationRecord = { factorization: strassen(), origin: 'rl', notes: 'found' };
    await Promise.all([saveFactorization(path, saved), saveFactorization(path, saved)]);
    expect(await loadFactorization(path)).toEqual(saved);
    expect(await loadFactorization(`${path}#2,2,2`)).toEqual(saved);
    await expect(loadFactorization(`${path}#3,3,3`)).rejects.toThrow(/has no 3,3,3; there are 2,2,2/);
    expect(readdirSync(folder)).toEqual(['strassen.json']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('rationals are exact, as text and as floats', () => {
  const rational = fc.tuple(fc.integer({ min: -200, max: 200 }), fc.integer({ min: 1, max: 64 }));
  fc.assert(
    fc.property(rational, rational, ([a, b], [c, d]) => {
      const [x, y] = [parseRational(`${a}/${b}`), parseRational(`${c}/${d}`)];
      expect(x.numerator * b).toBe(a * x.denominator);
      expect(parseRational(a / b)).toEqual(x);
      expect(add(x, y)).toEqual(parseRational(`${a * d + c * b}/${b * d}`));
      expect(multiply(x, y)).toEqual(parseRational(`${a * c}/${b * d}`));
    }),
  );
});
