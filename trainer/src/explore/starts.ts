import {
  AlphaTensorError,
  type Arithmetic,
  canonical,
  catalogueEntries,
  formatCatalogueName,
  formatSize,
  loadFactorization,
  modeLengths,
  type Size,
  sameSize,
  sortedSize,
  standard,
  type VerifiedFactorization,
} from '@alphatensor-edge/shared';
import { reordered } from './between-sizes.js';
import { hasSymmetry } from './cyclic-orbits.js';
import { cyclicStarts } from './cyclic-starts.js';
import { checkPackable, checkStart, pack, unpack } from './packed.js';
import { poolSizes } from './pool-sizes.js';
import { type Symmetry, symmetryWords } from './symmetry.js';

/** Names where a search begins: `standard`, `grow`, `pool`, or a factorization file or known name. */
export type StartName = string;

/** Tells whether a start is a known algorithm that somebody gave, not the standard one. */
export function isGiven(from: StartName): boolean {
  return !['standard', 'grow', 'pool'].includes(from);
}

/** Says what is searched, as far as it decides what a search can begin with. */
export interface Searched {
  /** The wanted size; undefined: all sizes of a pool. */
  readonly size: Size | undefined;
  readonly arithmetic: Arithmetic;
  /** None if it is left out. */
  readonly symmetry?: Symmetry | undefined;
}

/** The largest size where no size is named. */
const ALL: Size = { n: 5, m: 5, p: 5 };

/** Holds what a search begins with, and the sizes of its pool if it has one. */
export interface Beginning {
  readonly starts: readonly VerifiedFactorization[];
  readonly pool?: readonly Size[] | undefined;
}

/**
 * Loads what a search begins with. A file of another size than the wanted one makes it a search in a pool of sizes.
 * @throws AlphaTensorError INVALID_ARGUMENT if the file or the size does not fit the search
 */
export async function loadBeginning(from: StartName, searched: Searched): Promise<Beginning> {
  const { size, arithmetic, symmetry = 'none' } = searched;
  if (symmetry !== 'none') checkCyclic(from, searched, symmetry);
  if (isGiven(from)) return await loadGiven(from, searched);
  if (size === undefined || from === 'pool') return { starts: [], pool: poolSizes([size ?? ALL]) };
  checkPackable(size);
  if (from === 'grow') return { starts: [] };
  return {
    starts:
      symmetry === 'none'
        ? [standard(size)]
        : cyclicStarts(size, symmetry).map((terms) => unpack(terms, size, arithmetic)),
  };
}

async function loadGiven(from: StartName, { size, arithmetic, symmetry = 'none' }: Searched): Promise<Beginning> {
  const start = startOf((await loadFactorization(from)).factorization, arithmetic);
  const isWanted = size !== undefined && sameSize(sortedSize(start.size), sortedSize(size));
  if (!isWanted) return { starts: [start], pool: poolSizes([start.size, size ?? ALL]) };
  const starts = [reordered(start, size)];
  if (hasSymmetry(pack(starts[0], arithmetic), symmetry, modeLengths(size)[0])) return { starts };
  const message = `${from} is not ${symmetryWords(symmetry as Exclude<Symmetry, 'none'>)}; leave out --symmetry, or begin with --from standard.`;
  throw new AlphaTensorError('INVALID_ARGUMENT', message, { field: '--from' });
}

/** Checks that walks can keep the symmetry under rotations. @throws AlphaTensorError INVALID_ARGUMENT */
function checkCyclic(from: StartName, { size, arithmetic }: Searched, symmetry: Symmetry): void {
  const refuse = (message: string): never => {
    throw new AlphaTensorError('INVALID_ARGUMENT', message, { field: '--symmetry' });
  };
  if (size === undefined || from === 'pool') refuse('A pool has symmetric walks of its own; leave out --symmetry.');
  else if (size.n !== size.m || size.m !== size.p) {
    refuse(`--symmetry ${symmetry} needs a size n,n,n, but this is ${formatSize(size)}.`);
  } else if (arithmetic !== 'modulo-2') refuse(`--symmetry ${symmetry} walks modulo 2; add --arithmetic modulo-2.`);
  else if (from === 'grow') refuse(`--symmetry ${symmetry} does not grow; leave out --from grow.`);
}

/** Gives what a walk can begin with: the factorization, or the same with its scales moved between the factors of each product. */
function startOf(factorization: VerifiedFactorization, arithmetic: Arithmetic): VerifiedFactorization {
  const problem = problemOf(factorization, arithmetic);
  if (problem === undefined) return factorization;
  const scaled = rescaled(factorization);
  if (scaled !== undefined && problemOf(scaled, arithmetic) === undefined) return scaled;
  throw new AlphaTensorError(
    problem.code,
    `${problem.message} ${adviceFor(factorization, arithmetic)}`,
    problem.details,
  );
}

function problemOf(factorization: VerifiedFactorization, arithmetic: Arithmetic): AlphaTensorError | undefined {
  try {
    checkStart(factorization, arithmetic);
    return undefined;
  } catch (error) {
    if (error instanceof AlphaTensorError) return error;
    throw error;
  }
}

function rescaled(factorization: VerifiedFactorization): VerifiedFactorization | undefined {
  try {
    return canonical(factorization);
  } catch (error) {
    if (error instanceof AlphaTensorError) return undefined;
    throw error;
  }
}

/** Says what does begin: the same modulo 2 or 3, one of the catalogue that was tried, or the standard algorithm. */
function adviceFor(factorization: VerifiedFactorization, arithmetic: Arithmetic): string {
  const { size } = factorization;
  const fits = (['modulo-2', 'modulo-3'] as const).find((each) => problemOf(factorization, each) === undefined);
  if (fits !== undefined) {
    const kind = fits === 'modulo-2' ? 'integers' : 'fractions';
    return `Add --arithmetic ${fits}, whose results are lifted to ${kind} where that is possible.`;
  }
  const other = catalogueEntries(size).find(({ record }) => problemOf(record.factorization, arithmetic) === undefined);
  const from = other === undefined ? 'standard' : formatCatalogueName(other, size);
  return `Begin with another, for example --from ${from}.`;
}

/** Names a start in a sentence: `from the standard algorithm`. */
export function startWords(from: StartName, size: Size | undefined): string {
  if (isGiven(from)) return from;
  if (size === undefined || from === 'pool') return 'the standard algorithms of a pool of sizes';
  return from === 'grow' ? 'the standard algorithm, grown through the smaller sizes' : 'the standard algorithm';
}
