import {
  countNonzeros,
  type FactorizationRecord,
  growth,
  type Origin,
  type VerifiedFactorization,
} from '@alphatensor-edge/shared';
import { orbitFloor } from './floor.js';
import { type CountedObjectives, frontOf, thinned } from './front.js';
import type { RefinedPoint } from './point.js';
import { Refinement, type RefinementOptions, type RefinementState } from './refine.js';
import type { Refined, RefineProgress } from './refined.js';
import type { RefineStart } from './starts.js';
import { lonelyTeam, teamOf } from './team.js';
import { refinedNotes, type Way } from './words.js';

/** Seconds for one algorithm if neither time nor chains are limited. */
const DEFAULT_BUDGET = 60;
/** Seconds between two times that the state is written. */
const SAVE_EVERY = 5;
/** Floors closer to each other than this are of the same orbit. */
const SAME_FLOOR = 1e-5;
/** Points of a front at most: each becomes a file, and may be measured. */
const MOST_POINTS = 24;
/** Nonzeros of all points together whose additions are counted, and so many points at least: a point of 2,500 takes a second. */
const COUNTED_NONZEROS = 30_000;
const LEAST_COUNTED = 8;

/** Keeps a search, so that it can go on later. */
export interface RefinementStore {
  /** Reads where the search came to; undefined if it has not begun. */
  read(): RefinementState | undefined;
  /** Writes where it is. */
  save(state: RefinementState): void;
  /** Writes a file for each point of the front, and where the search is. Resolves to the paths, in order. */
  saveFront(records: readonly FactorizationRecord[], state: RefinementState): Promise<string[]>;
}

/** Counts the additions of each, with common sums computed once; undefined where that is not possible. */
export type CountAdditions = (
  factorizations: readonly VerifiedFactorization[],
) => Promise<readonly number[] | undefined>;

interface SessionOptions extends RefinementOptions {
  /** Undefined: one minute, or no limit if `chains` is given. */
  readonly budgetSeconds: number | undefined;
  /** Chains of annealing in all, those of earlier sessions too, rounded up to whole rounds. Undefined: no limit. */
  readonly chains: number | undefined;
  /** Threads that run chains. They do not change what the chains find. */
  readonly workers: number;
  readonly signal: AbortSignal;
  readonly store: RefinementStore;
  readonly countAdditions: CountAdditions;
  readonly onProgress: (now: RefineProgress) => void;
}

/** Holds what came of one algorithm, and the records of its front, in the order of `refined.front`. */
interface RefinedOne {
  readonly refined: Refined;
  readonly records: readonly FactorizationRecord[];
}

/**
 * Refines one algorithm until its time or its chains are used up or `signal` ends it, then writes the front.
 * @throws AlphaTensorError as Refinement and the store
 */
export async function refineOne(
  { name, factorization }: RefineStart,
  { budgetSeconds, chains, workers, signal, store, countAdditions, onProgress, ...options }: SessionOptions,
): Promise<RefinedOne> {
  const state = store.read();
  const refinement = new Refinement(factorization, options, state);
  const floor = refinement.floor.growth;
  const most = chains ?? Number.POSITIVE_INFINITY;
  const seconds = budgetSeconds ?? (chains === undefined ? DEFAULT_BUDGET : Number.POSITIVE_INFINITY);
  const startedAt = performance.now();
  const elapsed = (): number => (performance.now() - startedAt) / 1000;
  const { seed, maxNonzeros, flips } = options;
  const team =
    workers > 1
      ? teamOf(workers, refinement, { start: factorization, options: { seed, maxNonzeros, flips }, state })
      : lonelyTeam(refinement);
  try {
    let savedAt = 0;
    while (!signal.aborted && elapsed() < seconds && refinement.chains < most) {
      await team.round();
      const fraction = Math.min(1, Math.max(elapsed() / seconds, refinement.chains / most));
      onProgress({ fraction, growth: refinement.best.growth, floor });
      if (elapsed() - savedAt > SAVE_EVERY) {
        savedAt = elapsed();
        store.save(refinement.state);
      }
    }
  } finally {
    await team.close();
  }
  const searched = elapsed();
  const start = measuredStart(factorization);
  const [before, ...points] = await counted([start, ...worthCounting(refinement.candidates, start)], countAdditions);
  const front = frontOf(points, MOST_POINTS);
  const records = front.map((point) => {
    const way = wayTo(point.factorization, refinement);
    return {
      factorization: point.factorization,
      origin: ORIGIN[way],
      created: new Date().toISOString(),
      notes: refinedNotes({ from: name, before, point, way, seed }),
    };
  });
  const files = await store.saveFront(records, refinement.state);
  const { best } = refinement;
  const refined: Refined = {
    from: name,
    size: factorization.size,
    rank: factorization.rank,
    before: objectives(before),
    floor,
    best: {
      ...objectives(points.find((point) => point.factorization === best.factorization) ?? best),
      floor: orbitFloor(best.factorization).growth,
    },
    front: front.map((point, index) => ({ ...objectives(point), file: files[index] })),
    chains: refinement.chains,
    seconds: searched,
  };
  return { refined, records };
}

type CountedPoint = RefinedPoint & CountedObjectives;

/** Leaves out candidates of a large algorithm, so that counting does not take longer than the search. */
function worthCounting(candidates: readonly RefinedPoint[], start: RefinedPoint): RefinedPoint[] {
  const byGrowth = [...candidates].sort((a, b) => b.growth - a.growth || a.nonzeros - b.nonzeros);
  return thinned(byGrowth, Math.max(LEAST_COUNTED, Math.floor(COUNTED_NONZEROS / start.nonzeros)));
}

function measuredStart(factorization: VerifiedFactorization): RefinedPoint {
  return { factorization, growth: growth(factorization), nonzeros: countNonzeros(factorization) };
}

async function counted(points: readonly RefinedPoint[], countAdditions: CountAdditions): Promise<CountedPoint[]> {
  const additions = await countAdditions(points.map(({ factorization }) => factorization));
  return points.map((point, index) => ({ ...point, additions: additions?.[index] }));
}

function objectives({ growth: reached, nonzeros, additions }: CountedObjectives): CountedObjectives {
  return { growth: reached, nonzeros, ...(additions !== undefined && { additions }) };
}

const ORIGIN: Readonly<Record<Way, Origin>> = { bases: 'symmetry', flips: 'flip-graph', product: 'composed' };

/** Tells by the floor, which changes of basis keep, whether a point is in the orbit of the start, of a product that it began with, or of none. */
function wayTo(factorization: VerifiedFactorization, { floor, composedFloors }: Refinement): Way {
  const own = orbitFloor(factorization).growth;
  const isOf = (other: number): boolean => Math.abs(own / other - 1) < SAME_FLOOR;
  if (isOf(floor.growth)) return 'bases';
  return composedFloors.some(isOf) ? 'product' : 'flips';
}
