import { modeLengths } from '@alphatensor-edge/shared';
import { contextLength, type ObservationLayout, observationLayout } from '../game/observation.js';
import type { GameRules } from '../game/state.js';
import type { SignedPermutation } from '../game/symmetry.js';
import { type TokenLayout, type TokenMasks, tokenLayout, tokenMasks } from '../game/tokens.js';
import type { NetworkConfig } from './network-config.js';
import { signedPermutations } from './permutations.js';

/** Holds what a network's inputs and outputs look like. It follows from the configuration and the rules of the game. */
export interface NetworkLayout {
  readonly config: NetworkConfig;
  readonly rules: GameRules;
  readonly tokens: TokenLayout;
  readonly masks: TokenMasks;
  readonly observations: ObservationLayout;
  readonly permutations: readonly SignedPermutation[];
  readonly contextLength: number;
  /** Number of entries of a move. */
  readonly moveEntries: number;
}

/** Works out the layout of a network. */
export function networkLayout(config: NetworkConfig, rules: GameRules): NetworkLayout {
  const tokens = tokenLayout(rules.size, rules.values, config.entriesPerToken);
  return {
    config,
    rules,
    tokens,
    masks: tokenMasks(tokens),
    observations: observationLayout(rules.size, rules.arithmetic, config.historyLength, config.probeNonzeros),
    permutations: signedPermutations(rules.size, rules.arithmetic, config.signedPermutations),
    contextLength: contextLength(rules.size),
    moveEntries: modeLengths(rules.size).reduce((x, y) => x + y),
  };
}
