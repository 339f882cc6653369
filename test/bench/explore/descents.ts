import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatFactorizationJson, Random, type Size } from '@alphatensor-edge/shared';
import { cyclicStarts } from '@alphatensor-edge/trainer/explore/cyclic-starts.js';
import { CyclicWalk } from '@alphatensor-edge/trainer/explore/cyclic-walk.js';
import { CYCLIC_POLICY, Descent } from '@alphatensor-edge/trainer/explore/descent.js';
import { unpack } from '@alphatensor-edge/trainer/explore/packed.js';
import { widthOf } from '@alphatensor-edge/trainer/explore/packed-terms.js';
import { millions } from './flip-rate.js';

/** A descent is given up after so many flips without a lower rank, or so many in all. */
const PATIENCE = 20_000_000;
const MOST_FLIPS = 60_000_000;
/** The remainder modulo 3 of the ranks that are looked at: that of 93. */
const REMAINDER = 0;
const FIRST_SEED = 1000;
const SIZE: Size = { n: 5, m: 5, p: 5 };

export interface DescentsOptions {
  readonly count: number;
  /** Flips before a step up, one line of the table for each. */
  readonly plusAfter: readonly number[];
  /** Where the lowest of each descent lies. */
  readonly runDir: string;
}

/** Takes symmetric descents of <5,5,5> modulo 2, the same seeds for each line, and prints the ranks that they came to as Markdown. */
export function printDescents({ count, plusAfter, runDir }: DescentsOptions): void {
  const starts = cyclicStarts(SIZE).filter(({ rank }) => rank % 3 === REMAINDER);
  mkdirSync(runDir, { recursive: true });
  console.log('| flips before a step up | lowest ranks | flips in all |');
  console.log('|---|---|---|');
  for (const after of plusAfter) {
    const ranks: number[] = [];
    let flips = 0;
    for (let i = 0; i < count; i++) {
      const random = new Random(FIRST_SEED + i);
      const start = starts[i % starts.length];
      const walk = new CyclicWalk(start.rank + CYCLIC_POLICY.margin, random, widthOf(start));
      const descent = new Descent(start, walk, random, { ...CYCLIC_POLICY, plusAfter: after });
      while (descent.sinceBest < PATIENCE && descent.flips < MOST_FLIPS) descent.advance();
      flips += descent.flips;
      ranks.push(descent.bestRank);
      const factorization = unpack(descent.pick(), SIZE, 'modulo-2');
      const notes = `Found by a symmetric descent modulo 2 from the standard algorithm (seed ${FIRST_SEED + i}).`;
      const file = join(runDir, `5x5x5-${descent.bestRank}-${after}-${i + 1}.json`);
      writeFileSync(file, formatFactorizationJson({ factorization, origin: 'flip-graph', notes }));
    }
    console.log(`| ${after} | ${ranks.sort((a, b) => a - b).join(', ')} | ${millions(flips, 0)} M |`);
  }
}
