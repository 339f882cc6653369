import type { FactorizationRecord } from '@alphatensor-edge/shared';
import type { CacheSizes } from '../plan/kernel-plan.js';
import type { DType } from '../plan/plan.js';
import type { Crossover, Measured } from './crossover.js';
import type { IsaName, TunedPlan } from './kernel-table.js';
import type { Algorithm } from './unit.js';

/** Holds what a library is made from. */
export interface LibraryOptions {
  /** Recursion levels, outermost first. */
  readonly levels: readonly FactorizationRecord[];
  /** A C identifier in lower case; the prefix of all public names. */
  readonly name: string;
  readonly isa: IsaName;
  readonly caches: CacheSizes;
  /** The number formats, each with the size from which on the algorithm is used. */
  readonly crossovers: Readonly<Partial<Record<DType, Crossover>>>;
  /** The measurements that the README shows. */
  readonly measured: readonly Measured[];
  /** The plan that was measured to be fastest, if there is one. */
  readonly tuned?: TunedPlan | undefined;
  /** What the workspace may take by default, as a multiple of A, B and C. 0: no bound. */
  readonly workspaceTimes: number;
  /** The version of the program that writes it. */
  readonly version: string;
}

/** Adds what the texts say about the algorithm. */
export interface LibraryFacts extends LibraryOptions, Pick<Algorithm, 'grid' | 'growth'> {
  /** `<2,2,2;7> over <2,2,2;7>`. */
  readonly algorithm: string;
  readonly dtypes: readonly DType[];
  /** The error growth of all levels with random inputs. */
  readonly errorFactor: number;
}
