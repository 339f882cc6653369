import { setImmediate } from 'node:timers/promises';
import { countNonzeros, type FactorizationRecord, growth, type VerifiedFactorization } from '@alphatensor-edge/shared';
import { orbitFloor } from './floor.js';
import type { Objectives } from './front.js';
import { type RefinedPoint, Refinement, type RefinementOptions, type RefinementState } from './refine.js';
import type { Refined, RefineProgress } from './refined.js';
import type { RefineStart } from './starts.js';
import { refinedNotes } from './words.js';

/** Seconds for one algorithm if neither time nor chains are limited. */
const DEFAULT_BUDGET = 60;
/** Seconds between two times that the state is written. */
const SAVE_EVERY = 5;
/** Floors closer to each other than this are of the same orbit. */
const SAME_FLOOR = 1e-5;

/** Keeps a search, so that it can go on later. */
export interface RefinementStore {
  /** Reads where the search came to; undefined if it has not begun. */
  read(): RefinementState | undefined;
  /** Writes where it is. */
  save(state: RefinementState): void;
  /** Writes a file for each point of the front, and where the search is. Resolves to the paths, in order. */
  saveFront(records: readonly FactorizationRecord[], state: RefinementState): Promise<string[]>;
}

interface SessionOptions extends RefinementOptions {
  /** Undefined: one minute, or no limit if `chains` is given. */
  readonly budgetSeconds: number | undefined;
  /** Chains of annealing in all, those of earlier sessions too. Undefined: no limit. */
  readonly chains: number | undefined;
  readonly signal: AbortSignal;
  readonly store: RefinementStore;
  readonly onProgress: (now: RefineProgress) => void;
}

/**
 * Refines one algorithm until its time or its chains are used up or `signal` ends it, then writes the front.
 * @throws AlphaTensorError as Refinement and the store
 */
export async function refineOne(
  { name, factorization }: RefineStart,
  { budgetSeconds, chains, signal, store, onProgress, ...options }: SessionOptions,
): Promise<Refined> {
  const refinement = new Refinement(factorization, options, store.read());
  const floor = refinement.floor.growth;
  const most = chains ?? Number.POSITIVE_INFINITY;
  const seconds = budgetSeconds ?? (chains === undefined ? DEFAULT_BUDGET : Number.POSITIVE_INFINITY);
  const startedAt = performance.now();
  const elapsed = (): number => (performance.now() - startedAt) / 1000;
  let savedAt = 0;
  while (!signal.aborted && elapsed() < seconds && refinement.chains < most) {
    refinement.advance();
    const fraction = Math.max(elapsed() / seconds, refinement.chains / most);
    onProgress({ fraction, growth: refinement.best.growth, floor });
    if (elapsed() - savedAt > SAVE_EVERY) {
      savedAt = elapsed();
      store.save(refinement.state);
    }
    await setImmediate();
  }
  const before = { growth: growth(factorization), nonzeros: countNonzeros(factorization) };
  const front = refinement.front.filter(({ nonzeros }) => nonzeros <= options.maxNonzeros * before.nonzeros);
  const records = front.map((point) => recordOf(point, { from: name, before, floor, seed: options.seed }));
  const files = await store.saveFront(records, refinement.state);
  const { best } = refinement;
  return {
    from: name,
    size: factorization.size,
    rank: factorization.rank,
    before,
    floor,
    best: { growth: best.growth, nonzeros: best.nonzeros, floor: orbitFloor(best.factorization).growth },
    front: front.map((point, index) => ({ growth: point.growth, nonzeros: point.nonzeros, file: files[index] })),
    chains: refinement.chains,
    seconds: elapsed(),
  };
}

interface Source {
  readonly from: string;
  readonly before: Objectives;
  readonly floor: number;
  readonly seed: number;
}

/** A file's content; the floor tells whether flips led to another orbit. */
function recordOf(point: RefinedPoint, { from, before, floor, seed }: Source): FactorizationRecord {
  const { factorization } = point;
  const isInOrbit = isInOrbitOf(floor, factorization);
  return {
    factorization,
    origin: isInOrbit ? 'symmetry' : 'flip-graph',
    created: new Date().toISOString(),
    notes: refinedNotes({ from, before, point, isInOrbit, seed }),
  };
}

function isInOrbitOf(floor: number, factorization: VerifiedFactorization): boolean {
  return Math.abs(orbitFloor(factorization).growth / floor - 1) < SAME_FLOOR;
}
