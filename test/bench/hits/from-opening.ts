import { performance } from 'node:perf_hooks';
import { contentHash, orbitInvariant, Random } from '@alphatensor-edge/shared';
import type { TrainingConfig } from '@alphatensor-edge/trainer/config.js';
import { chooseActBackend, playerOf } from '@alphatensor-edge/trainer/network/act-backend.js';
import type { ActiveBackend } from '@alphatensor-edge/trainer/network/backend.js';
import { networkEvaluator } from '@alphatensor-edge/trainer/network/batcher.js';
import type { Checkpoint } from '@alphatensor-edge/trainer/run/checkpoint.js';
import { trainedNetwork } from '../common/networks.js';
import { SEARCHES, type SearchName } from './searches.js';
import { sharedBatches } from './shared-batches.js';
import { spendOn } from './spend.js';
import { type Interval, wilson } from './tests-of-shares.js';
import { algorithmsOf, type BasisKind, begunAt, openingAt, type WholeOpening } from './whole-openings.js';

/** What every search of a checkpoint is tried on. */
export interface OpeningSetting {
  /** What counts as a hit; games have as many moves. */
  readonly rank: number;
  readonly bases: readonly BasisKind[];
  /** Of the network, a search. */
  readonly evaluations: readonly number[];
  readonly searchNames: readonly SearchName[];
  /** Begin where so many terms of an algorithm are left; absent: at the opening. */
  readonly left?: readonly number[] | undefined;
  readonly searches: number;
  readonly lockstep: number;
  readonly seed: string;
}

/** What the searches of one kind came to. */
export interface OpeningRow {
  readonly basis: BasisKind;
  readonly evaluations: number;
  readonly search: SearchName;
  /** The terms that were left at the beginning; absent: it was the opening. */
  readonly left?: number | undefined;
  readonly searches: number;
  readonly hits: number;
  readonly interval: Interval;
  /** Number of different algorithms among the hits, up to the order and the signs of their terms. */
  readonly algorithms: number;
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
    for (const kind of kindsOf(setting)) {
      const { openings, random } = openingsOf(checkpoint, setting, kind);
      const { rank, lockstep, seed } = setting;
      const row = await searchOneKind(checkpoint, { ...kind, rank, lockstep, seed, openings, random }, (valueLevel) =>
        networkEvaluator(sampler, { maxBatch: 256, valueLevel }, random.split('evaluator')),
      );
      onRow(row);
      rows.push(row);
    }
    return rows;
  } finally {
    await player.close();
    network.dispose();
  }
}

type Kind = Pick<OpeningRow, 'basis' | 'evaluations' | 'search' | 'left'>;

interface OneKind extends Kind, Pick<OpeningSetting, 'rank' | 'lockstep' | 'seed'> {
  readonly openings: readonly WholeOpening[];
  readonly random: Random;
}

function kindsOf({ bases, left, evaluations, searchNames }: OpeningSetting): Kind[] {
  const begins: readonly Pick<Kind, 'left'>[] = left?.map((terms) => ({ left: terms })) ?? [{}];
  return bases.flatMap((basis) =>
    begins.flatMap((begin) =>
      evaluations.flatMap((each) => searchNames.map((search) => ({ basis, evaluations: each, search, ...begin }))),
    ),
  );
}

/** Makes the openings of a kind of search, the same for every network of a configuration, and the random numbers of its searches. */
function openingsOf(
  checkpoint: Checkpoint,
  { seed, searches, rank }: OpeningSetting,
  { basis, evaluations, search, left }: Kind,
): { readonly openings: WholeOpening[]; readonly random: Random } {
  const { config } = checkpoint;
  const indices = Array.from({ length: searches }, (_, index) => index);
  if (left === undefined) {
    return {
      openings: indices.map((index) => openingAt(config, rank, basis, new Random(`${seed}/${basis}/${index}`))),
      random: new Random(`${seed}/${basis}/${evaluations}/${search}`),
    };
  }
  const algorithms = algorithmsOf(checkpoint, rank, seed);
  return {
    openings: indices.map((index) => {
      const random = new Random(`${seed}/${basis}/${left} left/${index}`);
      return begunAt(config, algorithms[random.int(algorithms.length)], left, basis, random);
    }),
    random: new Random(`${seed}/${basis}/${left} left/${evaluations}/${search}`),
  };
}

async function searchOneKind(
  { config, shownOrbits }: Checkpoint,
  { rank, lockstep, seed, basis, evaluations, search: name, left, openings, random }: OneKind,
  evaluatorOf: (valueLevel: number) => ReturnType<typeof networkEvaluator>,
): Promise<OpeningRow> {
  const searches = openings.length;
  const moves = left ?? rank;
  const fitted = fittedTo(config, moves, evaluations);
  const setting = { searches, evaluations, openings: 'all' as const, remaining: undefined, seed };
  const { search, valueLevel } = SEARCHES[name](fitted, setting, settingsOf(name, moves, evaluations));
  const evaluator = evaluatorOf(valueLevel);
  const orbits = new Set<string>();
  const algorithms = new Set<string>();
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
      const found = openings[first + index].factorization(result.moves);
      algorithms.add(contentHash(found));
      orbits.add(orbitInvariant(found));
    }
  }
  const shown = shownOrbits && new Set(shownOrbits);
  return {
    ...{ basis, evaluations, search: name, searches, hits, spent, ...(left && { left }) },
    interval: wilson(hits, searches),
    algorithms: algorithms.size,
    orbits: [...orbits],
    notShown: shown === undefined ? null : [...orbits].filter((orbit) => !shown.has(orbit)),
    seconds: (performance.now() - began) / 1000,
  };
}

/** Gives the options of a search with which a game ends within the evaluations. */
function settingsOf(name: SearchName, moves: number, evaluations: number): string[] {
  if (name === 'policy') return [`games=${Math.max(1, Math.min(16, Math.floor(evaluations / moves)))}`];
  // The first position must not take all evaluations of a beam.
  if (name === 'beam') return [`rootSamples=${Math.min(64, Math.ceil(evaluations / 10))}`];
  return [];
}

/**
 * Fits the searches to their evaluations, so that one game ends within them: simulations of a move, and successors of a position that the
 * beam ranks.
 */
function fittedTo(config: TrainingConfig, moves: number, evaluations: number): TrainingConfig {
  const aMove = evaluations / moves;
  const samples = Math.max(1, Math.min(config.beam.samples, Math.floor(0.8 * aMove) - 1));
  return {
    ...config,
    moveLimit: moves,
    // Where values come first, a position from which the tree goes on is evaluated twice.
    search: { ...config.search, simulations: Math.max(2, Math.floor(aMove * (config.search.valueFirst ? 0.7 : 1))) },
    beam: { ...config.beam, samples },
  };
}
