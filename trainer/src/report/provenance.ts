import type { RunData } from '../run/reader.js';

/** Tells whether the runs were given known algorithms before they found theirs; `unknown` if a run does not say. */
export type Provenance =
  | { readonly kind: 'scratch' }
  /** From scratch for its own size, but helped by smaller results or by games that began inside the schoolbook algorithm. */
  | { readonly kind: 'grown'; readonly algorithms: readonly string[]; readonly insideSchoolbook: boolean }
  | { readonly kind: 'demonstrations'; readonly algorithms: readonly string[]; readonly insideSchoolbook: boolean }
  | { readonly kind: 'unknown' };

/** Tells what one run was given. */
export function provenanceOf({ config }: RunData): Provenance {
  if (config?.demonstrations === undefined) return { kind: 'unknown' };
  const { demonstrations, grownFrom = [], insideSchoolbook = false } = config;
  const algorithms = [...demonstrations, ...grownFrom];
  if (demonstrations.length > 0) return { kind: 'demonstrations', algorithms, insideSchoolbook };
  if (algorithms.length > 0 || insideSchoolbook) return { kind: 'grown', algorithms, insideSchoolbook };
  return { kind: 'scratch' };
}

/** Merges the provenance of all runs. The least independent run decides: if one was given known algorithms, all count as given them. */
export function mergeProvenance(all: readonly Provenance[]): Provenance {
  const algorithms = [...new Set(all.flatMap((one) => ('algorithms' in one ? one.algorithms : [])))];
  const insideSchoolbook = all.some((one) => 'algorithms' in one && one.insideSchoolbook);
  if (all.some(({ kind }) => kind === 'demonstrations'))
    return { kind: 'demonstrations', algorithms, insideSchoolbook };
  if (all.length === 0 || all.some(({ kind }) => kind === 'unknown')) return { kind: 'unknown' };
  return algorithms.length > 0 || insideSchoolbook
    ? { kind: 'grown', algorithms, insideSchoolbook }
    : { kind: 'scratch' };
}
