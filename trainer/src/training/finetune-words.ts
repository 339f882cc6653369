import type { FinetuneResult } from './finetune.js';

/** Names the fastest algorithm of the search on each device, if there are several devices. */
export function fastestLines({ byDevice }: FinetuneResult): string[] {
  if (byDevice.length < 2) return [];
  return byDevice.map(({ agents, ranked: [best] }) => {
    const fastest =
      best && `${best.hash.slice(0, 6)} of rank ${best.rank}, ${best.relativeTime.toFixed(3)} of the baseline's time`;
    return `fastest on ${agents.join(', ')}: ${fastest ?? 'nothing measured'} (short measurements of the reward)`;
  });
}
