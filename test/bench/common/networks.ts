import { Random, type Size } from '@alphatensor-edge/shared';
import { gameRules, type TrainingConfig } from '@alphatensor-edge/trainer/config.js';
import { Network } from '@alphatensor-edge/trainer/network/model.js';
import { presetForSize } from '@alphatensor-edge/trainer/presets.js';
import type { Checkpoint } from '@alphatensor-edge/trainer/run/checkpoint.js';
import type { NetworkName } from './options.js';

/** The sizes that a bench of the network goes through. */
export const SIZES: readonly Size[] = [2, 3, 4, 5].map((n) => ({ n, m: n, p: n }));

/** For a few cores: a position of <5,5,5> costs milliseconds in native code, not seconds. */
const LIGHT_NETWORK: TrainingConfig['network'] = {
  entriesPerToken: 3,
  historyLength: 3,
  signedPermutations: 16,
  probeNonzeros: 1,
  torso: { channels: 32, blocks: 2, heads: 2, widening: 2 },
  summary: { pooling: 'mean', width: 128, blocks: 1 },
  policy: { width: 64, blocks: 1, heads: 2, widening: 2, crossAttention: true },
  value: { quantiles: 8, width: 64, actingLevel: 0.75 },
};

/** The configuration of a row: a preset by name, or `light`, the preset `small` with the network above. */
export function configFor(size: Size, network: NetworkName): TrainingConfig {
  if (network !== 'light') return presetForSize(network, size);
  return { ...presetForSize('small', size), network: LIGHT_NETWORK };
}

/** <2,2,2> with the preset that is meant for it. */
export function defaultNetwork({ n }: Size): NetworkName {
  return n === 2 ? 'tiny' : 'light';
}

export function describeNetwork({ torso, policy, historyLength }: TrainingConfig['network']): string {
  return `torso ${torso.blocks} x ${torso.channels} channels, policy ${policy.blocks} x ${policy.width}, history ${historyLength}`;
}

/** The network of a checkpoint. */
export function trainedNetwork({ config, weights }: Pick<Checkpoint, 'config' | 'weights'>): Network {
  const network = new Network(config.network, gameRules(config), new Random('replaced'));
  network.parameters.import(weights);
  return network;
}
