import { type Check, ok, type ProcessorFinding } from '../diagnosis.js';
import { bytesWords, ranges } from '../words.js';

/** Judges the vector instructions. */
export function checkVectors({ vectorIsa, vectorBits }: ProcessorFinding): Check {
  if (vectorIsa !== 'generic') {
    return ok('vector instructions', vectorBits === null ? vectorIsa : `${vectorIsa}, ${vectorBits} bits`);
  }
  return {
    name: 'vector instructions',
    status: 'warning',
    detail: vectorIsa,
    fix: 'None that this version knows, so programs are slow. In a virtual machine, pass the host processor through.',
  };
}

/** Shows the sizes of the caches. */
export function checkCaches({ l1dCacheBytes, l2CacheBytes, l3CacheBytes }: ProcessorFinding): Check {
  const size = (bytes: number | null): string => (bytes === null ? 'unknown' : bytesWords(bytes));
  return ok(
    'caches',
    `L1d ${size(l1dCacheBytes)} and L2 ${size(l2CacheBytes)} a core, L3 ${size(l3CacheBytes)} in all`,
  );
}

/** Shows the CPUs this process may run on. */
export function checkCpus({ allowedCpus, model }: ProcessorFinding): Check {
  return ok('CPUs allowed', `${allowedCpus.length} (${ranges(allowedCpus)}) of ${model}`);
}
