// Flips a second of one walker in this thread, from the standard algorithm as at-trainer explore walks.
import { performance } from 'node:perf_hooks';
import { Random, standard } from '../../shared/dist/index.js';
import { Explorer } from '../../trainer/dist/explore/explorer.js';
import { pack } from '../../trainer/dist/explore/packed.js';

const WARM_UP_SECONDS = 0.5;

/** By the clock, and by the processor time that was really got, which other work on the machine changes less. */
export function flipRate(size, arithmetic, seconds) {
  const explorer = new Explorer({ size, arithmetic, starts: [pack(standard(size), arithmetic)] }, new Random(1));
  const walk = (forSeconds) => {
    const [began, processorBegan, before] = [performance.now(), process.cpuUsage(), explorer.flips];
    while (performance.now() - began < forSeconds * 1000) explorer.advance();
    const flips = explorer.flips - before;
    const { user, system } = process.cpuUsage(processorBegan);
    return {
      flipsPerSecond: Math.round(flips / ((performance.now() - began) / 1000)),
      flipsPerProcessorSecond: Math.round(flips / ((user + system) / 1e6)),
    };
  };
  walk(WARM_UP_SECONDS);
  return { ...walk(seconds), bestRank: explorer.bestRank };
}
