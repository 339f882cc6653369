import type { FactorizationRecord } from '@alphatensor-edge/shared';
import type { CacheSizes } from '../plan/kernel-plan.js';
import { gridOf } from '../plan/packed.js';
import type { DType } from '../plan/plan.js';
import { AGENT_VERSION } from '../version.js';
import { cLibrary } from './c-library.js';
import { assumedCrossover, type Crossover, chosenCrossover, type Measured, measuredCrossover } from './crossover.js';
import type { IsaName, TunedPlan } from './kernel-table.js';
import { writeLibrary } from './write-library.js';

/** The prefix of all public names of a library if no other is chosen. */
export const DEFAULT_LIBRARY_NAME = 'fastmm';

/** Holds what a library is written from, besides its algorithm. */
interface WriteOptions {
  /** The folder to write to. */
  readonly out: string;
  readonly dtype: readonly DType[];
  readonly name: string;
  readonly isa: IsaName;
  readonly caches: CacheSizes;
  /** The size chosen by hand. Undefined: it follows from the measurements. */
  readonly crossover?: number | undefined;
  readonly measured: readonly Measured[];
  readonly tuned?: TunedPlan | undefined;
  /** See LibraryOptions. */
  readonly workspaceTimes: number;
}

/** Holds what was written. */
export interface Written {
  readonly folder: string;
  readonly files: readonly string[];
  readonly crossovers: Readonly<Partial<Record<DType, Crossover>>>;
}

/**
 * Writes the library of one algorithm to a folder.
 * @throws AlphaTensorError INVALID_ARGUMENT if such a library is impossible, RESOURCE_EXHAUSTED if it cannot be written
 */
export async function writeCLibrary(levels: readonly FactorizationRecord[], options: WriteOptions): Promise<Written> {
  const { out, dtype, name, isa, caches, measured, tuned, workspaceTimes } = options;
  const crossovers = Object.fromEntries(dtype.map((type) => [type, crossoverOf(type, levels, options)]));
  const files = cLibrary({
    levels,
    name,
    isa,
    caches,
    tuned,
    workspaceTimes,
    crossovers,
    measured: measured.filter((entry) => dtype.includes(entry.dtype)),
    version: AGENT_VERSION,
  });
  await writeLibrary(out, files);
  return { folder: out, files: [...files.keys()].sort(), crossovers };
}

function crossoverOf(dtype: DType, levels: readonly FactorizationRecord[], options: WriteOptions): Crossover {
  if (options.crossover !== undefined) return chosenCrossover(options.crossover);
  const measured = options.measured.filter((entry) => entry.dtype === dtype);
  if (measured.length > 0) return measuredCrossover(measured);
  return assumedCrossover(gridOf(levels.map(({ factorization: { size, rank } }) => ({ size, rank }))));
}
