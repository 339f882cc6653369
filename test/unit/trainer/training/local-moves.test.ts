import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { countNonzeros, Random, strassen, type VerifiedFactorization } from '../../../../shared/src/index.js';
import { applySymmetry, randomSymmetry } from '../../../../trainer/src/game/symmetry.js';
import { LocalMoves, symmetricNeighbour } from '../../../../trainer/src/training/local-moves.js';
import type { Rewarded } from '../../../../trainer/src/training/reward.js';

const folder = mkdtempSync(join(tmpdir(), 'local-moves-'));
mkdirSync(join(folder, 'factorizations'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A device on which each nonzero takes as long, and what is known of it before a measurement. */
class Device {
  readonly takesMore = true;
  readonly measured = new Map<string, number>();
  readonly wanted = new Set<string>();
  readonly #most: number;
  readonly #isPredicted: boolean;
  #end: () => void = () => undefined;
  readonly ended = new Promise<void>((resolve) => {
    this.#end = resolve;
  });

  constructor(most: number, isPredicted: boolean) {
    this.#most = most;
    this.#isPredicted = isPredicted;
  }

  isAsked = (hash: string): boolean => this.measured.has(hash);
  predict = (factorization: VerifiedFactorization, hash: string): number | undefined =>
    this.#isPredicted && this.wanted.has(hash) ? -countNonzeros(factorization) : undefined;
  want = (_: VerifiedFactorization, hash: string): void => void this.wanted.add(hash);
  measure = async ({ factorization, hash }: Rewarded): Promise<number> => {
    const b = -countNonzeros(factorization);
    this.measured.set(hash, b);
    if (this.measured.size === this.#most) this.#end();
    return b;
  };
}

/** Takes so many local moves from a dense image of Strassen's algorithm, and gives the highest b of all. */
async function climb(moves: number, isPredicted: boolean, seed: number): Promise<number> {
  const random = new Random('dense');
  let start = strassen();
  for (let i = 0; i < 3; i++) start = applySymmetry(start, randomSymmetry(start.size, 'standard', random, 0.3));
  const device = new Device(moves, isPredicted);
  const climbing = new LocalMoves({ feed: device, neighbourhood: symmetricNeighbour, runDir: folder, seed });
  climbing.consider(start, -countNonzeros(start));
  await device.ended;
  await climbing.stop();
  return Math.max(...device.measured.values());
}

describe('local moves', () => {
  it('come to fast algorithms sooner where latencies are predicted', async () => {
    const best = async (isPredicted: boolean): Promise<number> => {
      const climbs = await Promise.all([1, 2, 3, 4].map((seed) => climb(12, isPredicted, seed)));
      return climbs.reduce((sum, b) => sum + b) / climbs.length;
    };
    // -36 is that of the sparsest images.
    expect(await best(true)).toBeGreaterThan((await best(false)) + 2);
  });
});
