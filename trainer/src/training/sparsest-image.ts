import { countNonzeros, MODES, Random, reduced, type VerifiedFactorization } from '@alphatensor-edge/shared';
import { DIMENSIONS, type Dimension, shear } from '../explore/between-sizes.js';

/** Descents, of which all but the first begin at a place nearby, as a shear alone may not lead out of one. */
const DESCENTS = 8;
/** Random shears to the beginning of a descent. */
const STEPS_ASIDE = 3;

/** Adds `sign` times row `source` of a dimension to row `target`; see `shear`. */
interface Shear {
  readonly dimension: Dimension;
  readonly source: number;
  readonly target: number;
  readonly sign: 1 | -1;
}

/**
 * Looks for the image of a factorization with the fewest nonzeros, in the bases that shears of its rows and columns lead to, with entries
 * from `values` only. It is the same algorithm in another basis. Gives the factorization itself where none of those found is sparser. It
 * descends by the best shear at a time, and begins again a few random shears away from the best so far; so it need not find the sparsest
 * of all, but the same call finds the same.
 */
export function sparsestImage(factorization: VerifiedFactorization, values: readonly number[]): VerifiedFactorization {
  // Shears are exact only without fractions.
  const shears = MODES.every((mode) => factorization[mode].denominator === 1) ? shearsOf(factorization) : [];
  const random = new Random('sparsest image');
  let best = factorization;
  for (let descent = 0; descent < DESCENTS && shears.length > 0; descent++) {
    let begin = best;
    for (let step = 0; descent > 0 && step < STEPS_ASIDE; step++) {
      begin = sheared(begin, shears[random.int(shears.length)]);
    }
    for (const image of descend(begin, shears)) {
      if (countNonzeros(image) < countNonzeros(best) && isWithin(image, values)) best = image;
    }
  }
  return best;
}

/** Gives the places of a descent, by the shear that saves the most nonzeros at a time. */
function* descend(from: VerifiedFactorization, shears: readonly Shear[]): Generator<VerifiedFactorization> {
  for (let image = from; ; ) {
    yield image;
    const counts = shears.map((each) => nonzerosAfter(image, each));
    const fewest = Math.min(...counts);
    if (fewest >= countNonzeros(image)) return;
    image = sheared(image, shears[counts.indexOf(fewest)]);
  }
}

function shearsOf({ size }: VerifiedFactorization): Shear[] {
  return DIMENSIONS.flatMap((dimension) => {
    const rows = Array.from({ length: size[dimension] }, (_, index) => index);
    return rows.flatMap((source) =>
      rows
        .filter((target) => target !== source)
        .flatMap((target) => [1, -1].map((sign) => ({ dimension, source, target, sign }) as Shear)),
    );
  });
}

function sheared(image: VerifiedFactorization, { dimension, source, target, sign }: Shear): VerifiedFactorization {
  return shear(image, dimension, source, target, sign);
}

/** Foretells the nonzeros after a shear: without making it, since most are not made. */
function nonzerosAfter(image: VerifiedFactorization, { dimension, source, target, sign }: Shear): number {
  const { size, rank, arithmetic } = image;
  const isZero = (x: number): boolean => reduced(x, arithmetic) === 0;
  let nonzeros = countNonzeros(image);
  for (const [mode, name] of MODES.entries()) {
    const [rowSide, columnSide] = [DIMENSIONS[mode], DIMENSIONS[(mode + 1) % 3]];
    if (rowSide !== dimension && columnSide !== dimension) continue;
    const { coefficients } = image[name];
    const [rows, columns] = [size[rowSide], size[columnSide]];
    // A row gains another one; a column loses the one that the row was added to, so that the product stays.
    const ofRow = rowSide === dimension;
    const [to, from, factor] = ofRow ? [target, source, sign] : [source, target, -sign];
    for (let term = 0; term < rank; term++) {
      const start = term * rows * columns;
      for (let along = 0; along < (ofRow ? columns : rows); along++) {
        const at = (line: number): number => start + (ofRow ? line * columns + along : along * columns + line);
        const [before, other] = [coefficients[at(to)], coefficients[at(from)]];
        nonzeros += (isZero(before + factor * other) ? 0 : 1) - (before === 0 ? 0 : 1);
      }
    }
  }
  return nonzeros;
}

function isWithin(image: VerifiedFactorization, values: readonly number[]): boolean {
  return MODES.every((mode) => image[mode].coefficients.every((x) => values.includes(x)));
}
