import type { TrainingConfig } from '@alphatensor-edge/trainer/config.js';

/** A preset for <1,1,2> made so small that even an untrained network wins games now and then, in milliseconds. */
export function micro(preset: TrainingConfig): TrainingConfig {
  return {
    ...preset,
    preset: 'micro',
    moveLimit: 4,
    network: {
      ...preset.network,
      entriesPerToken: 2,
      probeNonzeros: 1,
      torso: { channels: 4, blocks: 1, heads: 1, widening: 1 },
      summary: { pooling: 'mean', width: 8, blocks: 1 },
      policy: { width: 8, blocks: 1, heads: 1, widening: 1, crossAttention: false },
      value: { quantiles: 4, width: 8, actingLevel: 0.75 },
    },
    acting: { ...preset.acting, goalRank: 4 },
    search: { ...preset.search, simulations: 16, samples: 8, rootSamples: 8 },
    learner: { ...preset.learner, batchSize: 8 },
  };
}
