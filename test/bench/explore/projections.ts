import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  formatFactorizationJson,
  formatSize,
  loadFactorization,
  Random,
  type VerifiedFactorization,
} from '@alphatensor-edge/shared';
import { DIMENSIONS, type Dimension, inArithmetic, inOrder } from '@alphatensor-edge/trainer/explore/between-sizes.js';
import { BinaryWalk } from '@alphatensor-edge/trainer/explore/binary-walk.js';
import { Descent, WALK_POLICY } from '@alphatensor-edge/trainer/explore/descent.js';
import { pack, unpack } from '@alphatensor-edge/trainer/explore/packed.js';
import { type PackedTerms, widthOf } from '@alphatensor-edge/trainer/explore/packed-terms.js';
import { projectAfterClimb, projectInBases } from '@alphatensor-edge/trainer/explore/project-down.js';
import { bestProjection, projectAlong } from '@alphatensor-edge/trainer/explore/projection.js';
import { millions } from './flip-rate.js';

/** Each projection begins somewhere up to so many flips from the file's algorithm. */
const AWAY = 1_000_000;
/** A descent is given up after so many flips without a lower rank. */
const PATIENCE = 20_000_000;

/** Ways to choose the projection, one line of the table for each. */
const WAYS: Readonly<
  Record<string, (from: VerifiedFactorization, dimension: Dimension, random: Random) => VerifiedFactorization>
> = {
  'the best row or column in eight random bases': projectInBases,
  'the best of all bases': (from, dimension) =>
    projectAlong(from, bestProjection(pack(from, 'modulo-2'), from.size, dimension)),
  'the same after a climb': projectAfterClimb,
};

export interface ProjectionsOptions {
  /** The algorithm to project, and how often. */
  readonly file: string;
  readonly count: number;
  /** Where the lowest of each descent lies. */
  readonly runDir: string;
}

/**
 * Projects an algorithm along each dimension in turn, walks down from what is left, and prints the ranks before and after, modulo 2,
 * as Markdown. Every way has the same seeds.
 */
export async function printProjections({ file, count, runDir }: ProjectionsOptions): Promise<void> {
  const from = inOrder(inArithmetic((await loadFactorization(file)).factorization, 'modulo-2'));
  console.log(
    `| ${formatSize(from.size)} of rank ${from.rank}, projected along | products left | walked down to | flips in all |`,
  );
  console.log('|---|---|---|---|');
  mkdirSync(runDir, { recursive: true });
  for (const [index, [name, way]] of Object.entries(WAYS).entries()) {
    const left: number[] = [];
    const reached: number[] = [];
    let flips = 0;
    for (let seed = 1; seed <= count; seed++) {
      const random = new Random(seed);
      const made = way(away(from, random), DIMENSIONS[seed % DIMENSIONS.length], random);
      const descent = descend(pack(made, 'modulo-2'), random);
      left.push(made.rank);
      reached.push(descent.bestRank);
      flips += descent.flips;
      const factorization = unpack(descent.pick(), made.size, 'modulo-2');
      const notes = `Projected from a ${formatSize(from.size)} of rank ${from.rank}, then found by a descent modulo 2 (seed ${seed}).`;
      const { n, m, p } = made.size;
      const lowest = join(runDir, `${n}x${m}x${p}-${descent.bestRank}-${index + 1}-${seed}.json`);
      writeFileSync(lowest, formatFactorizationJson({ factorization, origin: 'flip-graph', notes }));
    }
    console.log(`| ${name} | ${tally(left)} | ${tally(reached)} | ${millions(flips, 0)} M |`);
  }
}

/** Takes an algorithm a random number of flips away. */
function away(from: VerifiedFactorization, random: Random): VerifiedFactorization {
  const start = pack(from, 'modulo-2');
  const walk = new BinaryWalk(start.rank, random, widthOf(start));
  walk.load(start);
  walk.walk(random.int(AWAY));
  return unpack(walk.terms(), from.size, 'modulo-2');
}

function descend(start: PackedTerms, random: Random): Descent {
  const walk = new BinaryWalk(start.rank + WALK_POLICY.margin, random, widthOf(start));
  const descent = new Descent(start, walk, random, WALK_POLICY);
  while (descent.sinceBest < PATIENCE) descent.advance();
  return descent;
}

/** Says how often each rank came: `76 11 times, 78 once`. */
function tally(ranks: readonly number[]): string {
  const times = (count: number): string => (count === 1 ? 'once' : count === 2 ? 'twice' : `${count} times`);
  return [...new Set(ranks)]
    .sort((a, b) => a - b)
    .map((rank) => `${rank} ${times(ranks.filter((each) => each === rank).length)}`)
    .join(', ');
}
