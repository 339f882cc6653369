import { Random } from '../../shared/src/index.js';
import { parseTrainingConfig, type TrainingConfig } from '../../trainer/src/config.js';
import type { NetworkConfig } from '../../trainer/src/network/network-config.js';
import { PRESETS } from '../../trainer/src/presets.js';

/** A network of a few thousand weights with every part in it: history, rank features, cross-attention, several tokens a factor. */
export const SMALL_NETWORK: NetworkConfig = {
  entriesPerToken: 3,
  historyLength: 2,
  signedPermutations: 3,
  probeNonzeros: 2,
  torso: { channels: 4, blocks: 1, heads: 2, widening: 2 },
  summary: { pooling: 'all', width: 16, blocks: 1 },
  policy: { width: 8, blocks: 2, heads: 2, widening: 2, crossAttention: true },
  value: { quantiles: 8, width: 8, actingLevel: 0.75 },
};

/** A training configuration that runs in seconds. */
export function smallConfig(changes: Partial<TrainingConfig> = {}): TrainingConfig {
  const { tiny } = PRESETS;
  return parseTrainingConfig({
    ...tiny,
    network: SMALL_NETWORK,
    search: { ...tiny.search, simulations: 6, samples: 4, rootSamples: 4, leavesPerStep: 2 },
    learner: { ...tiny.learner, batchSize: 8, actionsPerPosition: 3, warmupSteps: 2 },
    acting: { ...tiny.acting, mode: 'mcts', fromStep: 2, everySteps: 2, games: 2 },
    checkpoints: { everySteps: 100, keep: 2 },
    tfBackend: 'wasm',
    ...changes,
  });
}

export const SEED = new Random('tests of the network');

/** The configuration of a short run: many calls of little work. */
export const SMALL_RUN = smallConfig({
  size: { n: 1, m: 2, p: 2 },
  moveLimit: 3,
  search: { ...smallConfig().search, simulations: 3, samples: 3, rootSamples: 3 },
});
