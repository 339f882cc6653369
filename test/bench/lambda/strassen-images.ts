import { contentHash, MODES, strassen, type VerifiedFactorization } from '@alphatensor-edge/shared';
import { applySymmetry } from '@alphatensor-edge/trainer/game/symmetry.js';
import type { Unimodular } from '@alphatensor-edge/trainer/game/unimodular.js';

/** An image of Strassen's algorithm under a change of basis: every algorithm of <2,2,2> with rank 7 is one (de Groote, 1978). */
export interface StrassenImage {
  readonly hash: string;
  readonly factorization: VerifiedFactorization;
  readonly nonzeros: number;
}

/** All images under bases with entries -1, 0, 1, each algorithm once. */
export function strassenImages(): StrassenImage[] {
  const from = strassen();
  const images = new Map<string, VerifiedFactorization>();
  for (const x of BASES) {
    for (const y of BASES) {
      for (const z of BASES) {
        const factorization = applySymmetry(from, { x, y, z, shift: 0 });
        images.set(contentHash(factorization), factorization);
      }
    }
  }
  return [...images].map(([hash, factorization]) => ({ hash, factorization, nonzeros: nonzerosOf(factorization) }));
}

function nonzerosOf(factorization: VerifiedFactorization): number {
  return MODES.reduce((sum, mode) => sum + factorization[mode].coefficients.filter((c) => c !== 0).length, 0);
}

const ENTRIES = [-1, 0, 1];
/** Those of determinant 1 or -1; a sign of the whole matrix changes no algorithm. */
const BASES: readonly Unimodular[] = ENTRIES.flatMap((a) =>
  ENTRIES.flatMap((b) => ENTRIES.flatMap((c) => ENTRIES.map((d) => [a, b, c, d]))),
).flatMap(([a, b, c, d]) => {
  const determinant = a * d - b * c;
  const isFirstOfSign = [a, b, c, d].find((x) => x !== 0) === 1;
  if (Math.abs(determinant) !== 1 || !isFirstOfSign) return [];
  return [
    {
      dimension: 2,
      matrix: Int32Array.of(a, b, c, d),
      inverse: Int32Array.of(d, -b, -c, a).map((x) => x * determinant),
    },
  ];
});
