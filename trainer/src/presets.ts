import { modeLengths, standardRank } from '@alphatensor-edge/shared';
import { NOT_GROWN, parseTrainingConfig, type TrainingConfig } from './config.js';
import { countRankFeatures } from './game/observation.js';

/** Fawzi et al., Nature 610 (2022), Methods: PUCT constants, N-bar and horizon. */
const ARTICLE_SEARCH = {
  selection: 'puct',
  consideredActions: 16,
  valueScale: 0.1,
  gumbelScale: 1,
  backup: 'mean',
  c1: 1.25,
  c2: 19652,
  unvisitedValue: 'parent',
  normalizeValues: true,
  horizon: 5,
  policyVisits: 100,
} as const;

/** Few cores, no accelerator: <2,2,2> from scratch within the hour. */
const tiny: TrainingConfig = {
  preset: 'tiny',
  size: { n: 2, m: 2, p: 2 },
  alsoSizes: [],
  arithmetic: 'standard',
  values: [-1, 0, 1],
  moveLimit: 7,
  network: {
    entriesPerToken: 4,
    historyLength: 0,
    signedPermutations: 1,
    probeNonzeros: 4,
    torso: { channels: 16, blocks: 1, heads: 1, widening: 2 },
    summary: { pooling: 'all', width: 384, blocks: 2 },
    policy: { width: 96, blocks: 1, heads: 2, widening: 2, crossAttention: false },
    value: { quantiles: 16, width: 128, actingLevel: 0.75 },
  },
  search: { ...ARTICLE_SEARCH, simulations: 150, samples: 24, rootSamples: 64, horizon: 7, leavesPerStep: 4 },
  beam: { width: 64, samples: 16, rootSamples: 256, noise: 0.3 },
  demonstrations: {
    synthetic: { maxRank: 7, rankExponent: 0.9, zeroProbability: [0.4, 0.75], sizeWeights: [1] },
    files: [],
    grown: NOT_GROWN,
  },
  learner: {
    batchSize: 128,
    actionsPerPosition: 3,
    mix: { synthetic: 0.35, played: 0.1, best: 0.55 },
    valueWeight: 10,
    learningRate: 1.5e-3,
    warmupSteps: 50,
    decaySteps: 4000,
    decayFactor: 0.5,
    weightDecay: 1e-4,
    clipNorm: 1,
  },
  acting: {
    mode: 'beam-then-mcts',
    goalRank: 7,
    insideGames: 0,
    fromStep: 1500,
    everySteps: 100,
    games: 8,
    workers: 1,
    maxBatch: 256,
    basis: { canonicalProbability: 0.2, offDiagonal: 0.05, maxEntry: 2 },
  },
  replay: { playedGames: 256, swapProbability: 0.5, bestFactorizations: 256, symmetryOffDiagonal: 0.1 },
  checkpoints: { everySteps: 250, keep: 3 },
  seed: 1,
  tfBackend: 'auto',
};

/** Few cores, sizes a little above <2,2,2>: steps of half the time, and sparser tensors and bases, as larger modes have more entries. */
const lean: TrainingConfig = {
  ...tiny,
  preset: 'lean',
  size: { n: 2, m: 2, p: 3 },
  moveLimit: 11,
  network: { ...tiny.network, probeNonzeros: 3, torso: { ...tiny.network.torso, blocks: 0 } },
  beam: { ...tiny.beam, width: 48 },
  demonstrations: {
    ...tiny.demonstrations,
    synthetic: { maxRank: 11, rankExponent: 0.9, zeroProbability: [0.5, 0.9], sizeWeights: [1] },
  },
  acting: {
    ...tiny.acting,
    goalRank: 11,
    fromStep: 600,
    everySteps: 200,
    games: 4,
    basis: { canonicalProbability: 0.8, offDiagonal: 0.02, maxEntry: 2 },
  },
};

/** One GPU and a day: up to about <3,3,3>. */
const small: TrainingConfig = {
  ...tiny,
  preset: 'small',
  size: { n: 3, m: 3, p: 3 },
  values: [-2, -1, 0, 1, 2],
  moveLimit: 26,
  network: {
    entriesPerToken: 3,
    historyLength: 3,
    signedPermutations: 16,
    probeNonzeros: 2,
    torso: { channels: 64, blocks: 4, heads: 4, widening: 4 },
    summary: { pooling: 'mean', width: 512, blocks: 2 },
    policy: { width: 256, blocks: 2, heads: 8, widening: 4, crossAttention: true },
    value: { quantiles: 16, width: 256, actingLevel: 0.75 },
  },
  search: { ...ARTICLE_SEARCH, simulations: 400, samples: 32, rootSamples: 32, leavesPerStep: 4 },
  demonstrations: {
    synthetic: { maxRank: 26, rankExponent: 0.9, zeroProbability: [0.5, 0.85], sizeWeights: [0.9, 0.1] },
    files: [],
    grown: NOT_GROWN,
  },
  learner: {
    ...tiny.learner,
    mix: { synthetic: 0.5, played: 0.2, best: 0.3 },
    batchSize: 512,
    actionsPerPosition: 4,
    learningRate: 3e-4,
    decaySteps: 100_000,
  },
  acting: {
    ...tiny.acting,
    mode: 'mcts',
    goalRank: 26,
    fromStep: 5000,
    games: 32,
    maxBatch: 1024,
    basis: { canonicalProbability: 0.05, offDiagonal: 0.03, maxEntry: 2 },
  },
  replay: { ...tiny.replay, playedGames: 2000, symmetryOffDiagonal: 0.05 },
  checkpoints: { everySteps: 1000, keep: 3 },
};

/** The article's figures where it states them (Methods and Supplementary information); it trained on thousands of TPU cores. */
const paper: TrainingConfig = {
  ...small,
  preset: 'paper',
  size: { n: 4, m: 4, p: 4 },
  moveLimit: 63,
  network: {
    entriesPerToken: 4,
    historyLength: 7,
    signedPermutations: 100,
    probeNonzeros: 0,
    torso: { channels: 512, blocks: 4, heads: 16, widening: 4 },
    summary: { pooling: 'mean', width: 512, blocks: 1 },
    policy: { width: 1024, blocks: 2, heads: 16, widening: 4, crossAttention: true },
    value: { quantiles: 8, width: 512, actingLevel: 0.75 },
  },
  search: { ...ARTICLE_SEARCH, simulations: 800, samples: 32, rootSamples: 32, leavesPerStep: 1 },
  demonstrations: {
    // Entries -2 … 2 with probabilities .001, .099, .8, .099, .001.
    synthetic: { maxRank: 63, rankExponent: 1, zeroProbability: [0.8, 0.8], sizeWeights: [0.099, 0.001] },
    files: [],
    grown: NOT_GROWN,
  },
  learner: {
    batchSize: 2048,
    actionsPerPosition: 32,
    mix: { synthetic: 0.7, played: 0.25, best: 0.05 },
    valueWeight: 1,
    learningRate: 1e-4,
    warmupSteps: 1000,
    decaySteps: 500_000,
    decayFactor: 0.1,
    weightDecay: 1e-5,
    clipNorm: 4,
  },
  acting: {
    ...small.acting,
    goalRank: 63,
    fromStep: 0,
    games: 256,
    maxBatch: 8192,
    basis: { canonicalProbability: 1 - 0.9983, offDiagonal: 0.0075, maxEntry: 127 },
  },
  replay: { playedGames: 100_000, swapProbability: 0.5, bestFactorizations: 1000, symmetryOffDiagonal: 0.0075 },
};

/** Plain synthetic games beside grown ones are short: what they must teach is how a game ends. */
const PLAIN_RANK_BESIDE_GROWN = 5;

/** The configuration for growing from the factorizations of smaller sizes in `files`; without any it does not grow. */
export function growing(config: TrainingConfig, files: readonly string[]): TrainingConfig {
  const { demonstrations } = config;
  if (files.length === 0) return { ...config, demonstrations: { ...demonstrations, grown: NOT_GROWN } };
  const { synthetic } = demonstrations;
  const { canonicalProbability, offDiagonal } = config.acting.basis;
  const grown = {
    files: [...files],
    share: 0.75,
    // <2,2,3> is <2,2,2> and 4 products of its 12, <2,3,3> is <2,2,3> and 6 of its 18.
    maxExtra: Math.round(config.moveLimit / 3),
    canonicalProbability,
    offDiagonal,
    symmetryOffDiagonal: 0.03,
  };
  return parseTrainingConfig({
    ...config,
    demonstrations: {
      ...demonstrations,
      synthetic: { ...synthetic, maxRank: Math.min(PLAIN_RANK_BESIDE_GROWN, synthetic.maxRank) },
      grown,
    },
  });
}

/** They have few moves: one takes about a quarter of the time that one from the target of <2,3,3> takes. */
const INSIDE_GAMES = 48;

/** The configuration for a run that is after `rank`; without one every game within the move limit is a success. */
export function aimingAt(config: TrainingConfig, rank: number = config.moveLimit): TrainingConfig {
  const goalRank = Math.min(rank, config.moveLimit);
  return {
    ...config,
    acting: { ...config.acting, goalRank, insideGames: goalRank < config.moveLimit ? INSIDE_GAMES : 0 },
  };
}

export const PRESETS = { tiny, lean, small, paper } as const;
export type PresetName = keyof typeof PRESETS;

/** Rank features a preset shows for another size at most. 4x4x4 with the four nonzeros of 2x2x2 would have 818,688. */
const MAX_PRESET_FEATURES = 1 << 14;
/** Of `lean`, so that its steps stay short. */
const MAX_LEAN_FEATURES = 3 << 10;
/** Of `lean` for sizes whose modes are longer than those of <2,2,4> together: a checkpoint of <2,3,3> has less than 4 MB then. */
const NARROW_LEAN_WIDTH = 352;

/** The most nonzeros, up to the preset's, whose rank features stay affordable for this size. */
function affordableProbes({ preset, network, arithmetic }: TrainingConfig, size: TrainingConfig['size']): number {
  const most = preset === lean.preset ? MAX_LEAN_FEATURES : MAX_PRESET_FEATURES;
  let nonzeros = network.probeNonzeros;
  while (countRankFeatures(size, arithmetic, nonzeros) > most) nonzeros--;
  return nonzeros;
}

function affordableWidth({ preset, network }: TrainingConfig, size: TrainingConfig['size']): number {
  return preset === lean.preset && cellsOf(size) > 20 ? NARROW_LEAN_WIDTH : network.summary.width;
}

function cellsOf(size: TrainingConfig['size']): number {
  return modeLengths(size).reduce((sum, length) => sum + length);
}

/** `lean` with as many nonzeros a factor, and off-diagonal ones a basis, as it has for its own size, where the modes are longer. */
function sparser(config: TrainingConfig, size: TrainingConfig['size']): TrainingConfig {
  if (config.preset !== lean.preset) return config;
  const share = Math.min(1, cellsOf(lean.size) / cellsOf(size));
  const { demonstrations, acting } = config;
  const [low, high] = demonstrations.synthetic.zeroProbability;
  const zeroProbability: [number, number] = [1 - share * (1 - low), 1 - share * (1 - high)];
  return {
    ...config,
    demonstrations: { ...demonstrations, synthetic: { ...demonstrations.synthetic, zeroProbability } },
    acting: { ...acting, basis: { ...acting.basis, offDiagonal: acting.basis.offDiagonal * share ** 2 } },
  };
}

/**
 * A preset for another size or arithmetic. Larger sizes show the network fewer probes. The move limit is one below the schoolbook
 * algorithm's rank: a game that only finds that again would be taken for a success and imitated.
 */
export function presetForSize(
  name: PresetName,
  size: TrainingConfig['size'],
  arithmetic: TrainingConfig['arithmetic'] = 'standard',
): TrainingConfig {
  const named = { ...PRESETS[name], arithmetic, ...(arithmetic === 'modulo-2' && { values: [0, 1] }) };
  const preset = sparser(named, size);
  const limit = Math.max(1, standardRank(size) - 1);
  return parseTrainingConfig({
    ...preset,
    size,
    network: {
      ...preset.network,
      probeNonzeros: affordableProbes(preset, size),
      summary: { ...preset.network.summary, width: affordableWidth(preset, size) },
    },
    moveLimit: limit,
    acting: { ...preset.acting, goalRank: limit },
    demonstrations: {
      ...preset.demonstrations,
      synthetic: { ...preset.demonstrations.synthetic, maxRank: limit },
    },
  });
}
