import { usableThreads } from '@alphatensor-edge/shared';
import { type Check, ok, type ProcessorFinding, type StateFinding } from '../diagnosis.js';
import { bytesWords, ranges, threadWords } from '../words.js';

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

/** Shows the CPUs this process may run on, and judges whether a quota grants it all their time. */
export function checkCpus(
  { allowedCpus, cpuQuota, model }: ProcessorFinding,
  { quotaStopsMeanwhile: stops }: StateFinding,
): Check {
  const name = 'CPUs allowed';
  const detail = `${allowedCpus.length} (${ranges(allowedCpus)}) of ${model}`;
  if (cpuQuota === null || (cpuQuota >= allowedCpus.length && !stops)) return ok(name, detail);
  const threads = usableThreads(cpuQuota);
  return {
    name,
    status: 'warning',
    detail: `${detail}, with a CPU quota of ${cpuQuota}, which stopped the tests in ${stops ?? 0} periods`,
    fix: `Measurements use up to ${threadWords(threads)}, and those that the quota stops are flagged; raise it (docker --cpus, cpu.max of its control group).`,
  };
}
