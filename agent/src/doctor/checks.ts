import { checkBackend, checkCacheFolder, isC } from './checks/backends.js';
import { checkBlas, checkNamed } from './checks/blas.js';
import { checkHugePages, checkMemory } from './checks/memory.js';
import { checkCaches, checkCpus, checkVectors } from './checks/processor.js';
import { checkEnergy, checkGovernor, checkLoad, checkTemperature, checkThrottling, isBusy } from './checks/state.js';
import type { Check, Findings } from './diagnosis.js';

/** Judges everything that was found. Pure. */
export function judge(findings: Findings): Check[] {
  const { processor, memory, state, energy, cache, backends, blas, blasProblems } = findings;
  const busy = isBusy(state, processor);
  const works = backends.filter(({ problem }) => problem === '').map(({ name }) => name);
  const canTime = works.some(isC);
  return [
    checkCacheFolder(cache),
    ...backends.map((backend) => checkBackend(backend, works)),
    ...checkBlas(blas, canTime, busy),
    ...blasProblems.map(checkNamed),
    checkVectors(processor),
    checkCaches(processor),
    checkCpus(processor),
    checkMemory(memory),
    checkHugePages(memory),
    checkLoad(state, processor),
    checkGovernor(state),
    checkTemperature(state),
    checkThrottling(state),
    checkEnergy(energy),
  ];
}
