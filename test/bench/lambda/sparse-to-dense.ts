import {
  contentHash,
  countNonzeros,
  formatSize,
  type Random,
  type Size,
  sameSize,
  strassen,
  type VerifiedFactorization,
} from '@alphatensor-edge/shared';
import { flipNeighbour } from '@alphatensor-edge/trainer/explore/neighbour.js';
import { symmetricNeighbour } from '@alphatensor-edge/trainer/training/local-moves.js';
import { sparsestImage } from '@alphatensor-edge/trainer/training/sparsest-image.js';
import { refusal } from '../bench.js';
import { knownAlgorithms } from './start.js';
import { strassenImages } from './strassen-images.js';

/** Algorithms with about as many nonzeros. */
interface Group {
  readonly members: readonly VerifiedFactorization[];
}

/** How many are drawn to choose from, and the most steps from the algorithm that one is drawn from. */
const DRAWN = 400;
const MOST_STEPS = 12;
const GROUPS = 6;
/** The densest have so many times the nonzeros of the sparsest. */
const DENSEST = 1.5;

/**
 * Draws algorithms of a size and one rank, from the sparsest to dense ones, some of each number of nonzeros. Of <2,2,2> all images of
 * Strassen's with entries -1, 0, 1 are drawn from; of <3,3,3> Laderman's in its sparsest image, of <4,4,4> Strassen's and Winograd's composed
 * with themselves, and what is up to twelve flips and row operations away from these.
 */
export function sparseToDense(size: Size, each: number, random: Random): Group[] {
  const pick = (from: readonly VerifiedFactorization[]): Group => ({
    members: random.shuffle([...from]).slice(0, each),
  });
  if (sameSize(size, strassen().size)) {
    const images = strassenImages();
    const counts = [...new Set(images.map(({ nonzeros }) => nonzeros))].sort((a, b) => a - b);
    return counts.map((count) =>
      pick(images.filter(({ nonzeros }) => nonzeros === count).map(({ factorization }) => factorization)),
    );
  }
  const known = knownAlgorithms(size);
  if (known === undefined)
    throw refusal(`${formatSize(size)} is none of <2,2,2>, <3,3,3> and <4,4,4>, of which algorithms are at hand.`);
  const all = drawnFrom(
    Object.values(known).map((one) => sparsestImage(one, [-1, 0, 1])),
    random,
  );
  const fewest = Math.min(...all.map(countNonzeros));
  const width = ((DENSEST - 1) * fewest) / GROUPS;
  return Array.from({ length: GROUPS }, (_, group) => {
    const [from, to] = [fewest + group * width, fewest + (group + 1) * width];
    return pick(all.filter((one) => countNonzeros(one) >= from && countNonzeros(one) < to));
  }).filter(({ members }) => members.length > 0);
}

function drawnFrom(found: readonly VerifiedFactorization[], random: Random): VerifiedFactorization[] {
  const drawn = new Map(found.map((one) => [contentHash(one), one]));
  for (let draw = 0; draw < DRAWN; draw++) {
    let at = found[random.int(found.length)];
    for (let step = random.int(MOST_STEPS) + 1; step > 0; step--) {
      const next = random.bernoulli(0.5) ? symmetricNeighbour(at, random)?.factorization : flipNeighbour(at, 1, random);
      if (next?.rank === at.rank) at = next;
    }
    drawn.set(contentHash(at), at);
  }
  return [...drawn.values()];
}
