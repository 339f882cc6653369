import { performance } from 'node:perf_hooks';
import { orbitInvariant, Random, type VerifiedFactorization } from '@alphatensor-edge/shared';
import { gameRules, type TrainingConfig } from '@alphatensor-edge/trainer/config.js';
import {
  type Basis,
  canonicalBasis,
  playedFactorization,
  randomBasis,
  targetTensor,
} from '@alphatensor-edge/trainer/game/basis.js';
import { start } from '@alphatensor-edge/trainer/game/state.js';
import { chooseActBackend, playerOf } from '@alphatensor-edge/trainer/network/act-backend.js';
import type { ActiveBackend } from '@alphatensor-edge/trainer/network/backend.js';
import { networkEvaluator } from '@alphatensor-edge/trainer/network/batcher.js';
import type { Checkpoint } from '@alphatensor-edge/trainer/run/checkpoint.js';
import { trainedNetwork } from '../common/networks.js';
import type { Opening } from './openings.js';
import { SEARCHES, type SearchName } from './searches.js';
import { sharedBatches } from './shared-batches.js';
import { spendOn } from './spend.js';
import { type Interval, wilson } from './tests-of-shares.js';

/** In which coordinates the target is played. */
export const BASES = ['canonical', 'random'] as const;
export type BasisKind = (typeof BASES)[number];

/** What every search of a checkpoint is tried on. */
export interface OpeningSetting {
  /** What counts as a hit; games have as many moves. */
  readonly rank: number;
  readonly bases: readonly BasisKind[];
  /** Of the network, a search. */
  readonly evaluations: readonly number[];
  readonly searchNames: readonly SearchName[];
  readonly searches: number;
  readonly lockstep: number;
  readonly seed: string;
}

/** What the searches of one kind came to. */
export interface OpeningRow {
  readonly basis: BasisKind;
  readonly evaluations: number;
  readonly search: SearchName;
  readonly searches: number;
  readonly hits: number;
  readonly interval: Interval;
  /** Different orbits among the hits, by their invariants. */
  readonly orbits: readonly string[];
  /** Those that walks had not shown to the network; null if the checkpoint does not say what was shown. */
  readonly notShown: readonly string[] | null;
  readonly spent: number;
  readonly seconds: number;
}

/** Searches from the opening with the network of a checkpoint. @param onRow gets each row when it is done */
export async function searchFromOpening(
  checkpoint: Checkpoint,
  backend: ActiveBackend,
  setting: OpeningSetting,
  onRow: (row: OpeningRow) => void,
): Promise<OpeningRow[]> {
  const network = trainedNetwork(checkpoint);
  const player = playerOf(network, chooseActBackend('auto', backend));
  try {
    const sampler = await player.sampler();
    const rows: OpeningRow[] = [];
    for (const basis of setting.bases) {
      for (const evaluations of setting.evaluations) {
        for (const search of setting.searchNames) {
          const random = new Random(`${setting.seed}/${basis}/${evaluations}/${search}`);
          const one: OneKind = { ...setting, basis, evaluations, search, random };
          const row = await searchOneKind(checkpoint, one, (valueLevel) =>
            networkEvaluator(sampler, { maxBatch: 256, valueLevel }, random.split('evaluator')),
          );
          onRow(row);
          rows.push(row);
        }
      }
    }
    return rows;
  } finally {
    await player.close();
    network.dispose();
  }
}

interface OneKind extends Pick<OpeningSetting, 'rank' | 'searches' | 'lockstep' | 'seed'> {
  readonly basis: BasisKind;
  readonly evaluations: number;
  readonly search: SearchName;
  readonly random: Random;
}

async function searchOneKind(
  { config, shownOrbits }: Checkpoint,
  { rank, searches, lockstep, seed, basis, evaluations, search: name, random }: OneKind,
  evaluatorOf: (valueLevel: number) => ReturnType<typeof networkEvaluator>,
): Promise<OpeningRow> {
  const fitted = fittedTo(config, rank, evaluations);
  const setting = { searches, evaluations, openings: 'all' as const, remaining: undefined, seed };
  const { search, valueLevel } = SEARCHES[name](fitted, setting, settingsOf(name, rank, evaluations));
  const evaluator = evaluatorOf(valueLevel);
  const openings = Array.from({ length: searches }, (_, index) =>
    openingAt(config, rank, basis, new Random(`${seed}/${basis}/${index}`)),
  );
  const orbits = new Set<string>();
  let [hits, spent] = [0, 0];
  const began = performance.now();
  for (let first = 0; first < searches; first += lockstep) {
    const count = Math.min(lockstep, searches - first);
    const results = await sharedBatches(evaluator, count, (shared, index) =>
      spendOn(openings[first + index], random.split(first + index), { evaluator: shared, evaluations, search }),
    );
    for (const [index, result] of results.entries()) {
      spent += result.spent;
      if (result.moves === undefined) continue;
      hits++;
      orbits.add(orbitInvariant(openings[first + index].factorization(result.moves)));
    }
  }
  const shown = shownOrbits && new Set(shownOrbits);
  return {
    ...{ basis, evaluations, search: name, searches, hits, spent },
    interval: wilson(hits, searches),
    orbits: [...orbits],
    notShown: shown === undefined ? null : [...orbits].filter((orbit) => !shown.has(orbit)),
    seconds: (performance.now() - began) / 1000,
  };
}

interface WholeOpening extends Opening {
  /** Makes the factorization of moves that solve it, verified exactly. */
  factorization(moves: Parameters<Opening['isSolution']>[0]): VerifiedFactorization;
}

function openingAt(config: TrainingConfig, rank: number, kind: BasisKind, random: Random): WholeOpening {
  const rules = gameRules(config);
  const basis = kind === 'canonical' ? canonicalBasis(config.size, config.arithmetic) : mixedBasis(config, random);
  return {
    position: start(rules, targetTensor(basis), rank),
    isSolution: (moves) => playedFactorization(rules, basis, moves).rank <= rank,
    factorization: (moves) => playedFactorization(rules, basis, moves),
  };
}

/** Draws a basis as in training, but none that only permutes entries and changes signs. */
function mixedBasis({ size, arithmetic, acting }: TrainingConfig, random: Random): Basis {
  const options = { ...acting.basis, canonicalProbability: 0 };
  for (;;) {
    const basis = randomBasis(size, arithmetic, random, options);
    if (targetTensor(basis).filter((x) => x !== 0).length > size.n * size.m * size.p) return basis;
  }
}

/** Gives the options of a search with which a game ends within the evaluations. */
function settingsOf(name: SearchName, rank: number, evaluations: number): string[] {
  if (name === 'policy') return [`games=${Math.max(1, Math.min(16, Math.floor(evaluations / rank)))}`];
  // The first position must not take all evaluations of a beam.
  if (name === 'beam') return [`rootSamples=${Math.min(64, Math.ceil(evaluations / 10))}`];
  return [];
}

/**
 * Fits the searches to their evaluations, so that one game ends within them: simulations of a move, and successors of a position that the
 * beam ranks.
 */
function fittedTo(config: TrainingConfig, rank: number, evaluations: number): TrainingConfig {
  const aMove = evaluations / rank;
  const samples = Math.max(1, Math.min(config.beam.samples, Math.floor(0.8 * aMove) - 1));
  return {
    ...config,
    moveLimit: rank,
    // Where values come first, a position from which the tree goes on is evaluated twice.
    search: { ...config.search, simulations: Math.max(2, Math.floor(aMove * (config.search.valueFirst ? 0.7 : 1))) },
    beam: { ...config.beam, samples },
  };
}
