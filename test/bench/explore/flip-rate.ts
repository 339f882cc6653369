import { performance } from 'node:perf_hooks';
import { type Arithmetic, Random, type Size, standard } from '@alphatensor-edge/shared';
import { Explorer } from '@alphatensor-edge/trainer/explore/explorer.js';
import { pack } from '@alphatensor-edge/trainer/explore/packed.js';

const WARM_UP_SECONDS = 0.5;

export interface FlipRate {
  /** By the clock. */
  readonly flipsPerSecond: number;
  /** By the processor time that was really got, which other work on the machine changes less. */
  readonly flipsPerProcessorSecond: number;
  readonly bestRank: number;
}

/** Flips a second of one walker in this thread, from the standard algorithm as at-trainer explore walks. */
export function flipRate(size: Size, arithmetic: Arithmetic, seconds: number): FlipRate {
  const explorer = new Explorer({ size, arithmetic, starts: [pack(standard(size), arithmetic)] }, new Random(1));
  const walk = (forSeconds: number): Omit<FlipRate, 'bestRank'> => {
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

/** Millions, as people read them. */
export function millions(value: number, digits: number): string {
  return (value / 1e6).toFixed(digits);
}
