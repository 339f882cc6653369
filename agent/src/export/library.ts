import type { FactorizationRecord } from '@alphatensor-edge/shared';
import type { CacheSizes } from '../plan/kernel-plan.js';
import type { DType } from '../plan/plan.js';
import type { Crossover, Measured } from './crossover.js';
import type { IsaName, TunedPlan } from './kernel-table.js';
import type { Algorithm } from './unit.js';

/** What a library is to be made of. */
export interface LibraryOptions {
  /** Recursion levels, outermost first. */
  readonly levels: readonly FactorizationRecord[];
  /** A C identifier in lower case; the prefix of everything public. */
  readonly name: string;
  readonly isa: IsaName;
  readonly caches: CacheSizes;
  /** The number formats, and from which size on the algorithm is used in each. */
  readonly crossovers: Readonly<Partial<Record<DType, Crossover>>>;
  /** What the README tells. */
  readonly measured: readonly Measured[];
  /** The plan that was measured to be the fastest, if there is one. */
  readonly tuned?: TunedPlan | undefined;
  /** Of the program that writes it. */
  readonly version: string;
}

/** What the texts say of the algorithm. */
export interface LibraryFacts extends LibraryOptions, Pick<Algorithm, 'grid' | 'growth'> {
  /** `<2,2,2;7> over <2,2,2;7>`. */
  readonly algorithm: string;
  readonly dtypes: readonly DType[];
}
