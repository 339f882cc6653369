import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  countNonzeros,
  MODES,
  orbitInvariant,
  Random,
  saveFactorization,
  strassen,
  type VerifiedFactorization,
} from '../../../../shared/src/index.js';
import { applySymmetry, randomSymmetry } from '../../../../trainer/src/game/symmetry.js';
import { loadParts } from '../../../../trainer/src/training/parts.js';
import { sparsestImage } from '../../../../trainer/src/training/sparsest-image.js';

const TERNARY = [-1, 0, 1];
const isTernary = (image: VerifiedFactorization): boolean =>
  MODES.every((mode) => image[mode].coefficients.every((x) => TERNARY.includes(x)));

/** Strassen's algorithm in a basis in which it has more than its 36 nonzeros. */
function denseStrassen(random: Random): VerifiedFactorization {
  for (;;) {
    const image = applySymmetry(strassen(), randomSymmetry({ n: 2, m: 2, p: 2 }, 'standard', random, 0.2));
    if (isTernary(image) && countNonzeros(image) > 36) return image;
  }
}

describe('sparsestImage', () => {
  it("finds the 36 nonzeros of Strassen's algorithm again from denser bases, in the alphabet and in the same orbit", () => {
    const random = new Random('dense');
    for (let draw = 0; draw < 20; draw++) {
      const image = sparsestImage(denseStrassen(random), TERNARY);
      expect(countNonzeros(image)).toBe(36);
      expect(isTernary(image)).toBe(true);
      expect(orbitInvariant(image)).toBe(orbitInvariant(strassen()));
    }
  });

  it('leaves alone what is as sparse, and finds the same each time', () => {
    expect(sparsestImage(strassen(), TERNARY)).toEqual(strassen());
    const dense = denseStrassen(new Random('twice'));
    expect(sparsestImage(dense, TERNARY)).toEqual(sparsestImage(dense, TERNARY));
  });

  it('gives nothing with entries outside the alphabet', () => {
    const dense = denseStrassen(new Random('alphabet'));
    // Seven products without a minus do not add up to <2,2,2>.
    expect(sparsestImage(dense, [0, 1])).toEqual(dense);
  });
});

describe('loadParts', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sparsest-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('shows a dense factorization in a sparse basis, and says so', async () => {
    const rules = { size: { n: 2, m: 2, p: 3 }, arithmetic: 'standard', values: TERNARY, moveLimit: 11 } as const;
    const dense = denseStrassen(new Random('file'));
    const [sparseFile, denseFile] = [join(folder, 'sparse.json'), join(folder, 'dense.json')];
    await saveFactorization(sparseFile, { factorization: strassen(), origin: 'imported' });
    await saveFactorization(denseFile, { factorization: dense, origin: 'rl' });
    const { parts, sources } = await loadParts([sparseFile, denseFile], rules);
    expect(parts.map(countNonzeros)).toEqual([36, 36]);
    expect(sources).toEqual([
      `${sparseFile} (<2,2,2> of rank 7, origin imported)`,
      `${denseFile} (<2,2,2> of rank 7, origin rl, shown in a basis with 36 nonzeros instead of ${countNonzeros(dense)})`,
    ]);
  });
});
