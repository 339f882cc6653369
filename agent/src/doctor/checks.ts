import { checkBackend, checkFolder, isC, noneTried } from './checks/backends.js';
import { checkBlas, checkNamed } from './checks/blas.js';
import { checkHugePages, checkMemory } from './checks/memory.js';
import { checkCaches, checkCpus, checkVectors } from './checks/processor.js';
import {
  checkEnergy,
  checkGovernor,
  checkLoad,
  checkOtherAgents,
  checkTemperature,
  checkThrottling,
  isBusy,
} from './checks/state.js';
import type { Check, Findings } from './diagnosis.js';

/** Judges everything that was found. Pure. */
export function judge(findings: Findings): Check[] {
  const { processor, memory, state, energy, cache, temporary, hostLock, backends, blas, blasProblems } = findings;
  const busy = isBusy(state, processor);
  const works = backends.filter(({ problem }) => problem === '').map(({ name }) => name);
  const canTime = works.some(isC);
  // Then no backend was tried, and so no library.
  const isUntried = works.length === 0 && (cache.problem !== '' || temporary.problem !== '');
  return [
    checkFolder('cache', 'ALPHATENSOR_CACHE_DIR', cache),
    checkFolder('temporary files', 'TMPDIR', temporary),
    ...(isUntried ? [noneTried(backends)] : backends.map((backend) => checkBackend(backend, works))),
    ...(isUntried ? [] : checkBlas(blas, canTime, busy)),
    ...blasProblems.map(checkNamed),
    checkVectors(processor),
    checkCaches(processor),
    checkCpus(processor, state),
    checkMemory(memory),
    checkHugePages(memory),
    checkOtherAgents(hostLock),
    checkLoad(state, processor),
    checkGovernor(state),
    checkTemperature(state),
    checkThrottling(state),
    checkEnergy(energy),
  ];
}
