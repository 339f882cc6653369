import { AlphaTensorError, checkSize, MAX_DIMENSION, standardRank } from '@alphatensor-edge/shared';
import { z } from 'zod';
import { countRankFeatures } from './game/observation.js';
import type { GameRules } from './game/state.js';

/** What `--tf-backend` takes; `auto` is the fastest that runs, in this order. */
export const TF_BACKENDS = ['auto', 'node-gpu', 'node', 'wasm', 'cpu'] as const;

const whole = z.number().int();
const count = whole.min(1);
const probability = z.number().min(0).max(1);

const network = z.strictObject({
  /** Entries of a factor that one token spells; |F| to this power is the vocabulary. */
  entriesPerToken: count,
  /** Past moves the torso sees; the article uses 7. */
  historyLength: whole.min(0),
  /** Coordinates the network sees positions in, the canonical ones among them; the article draws from 100. */
  signedPermutations: count,
  /** The network sees the ranks of the residual contracted with all ternary vectors of so many nonzeros; 0: none. Ours. */
  probeNonzeros: whole.min(0),
  torso: z.strictObject({ channels: count, blocks: whole.min(0), heads: count, widening: count }),
  summary: z.strictObject({ pooling: z.enum(['all', 'mean']), width: count, blocks: whole.min(0) }),
  policy: z.strictObject({
    width: count,
    blocks: count,
    heads: count,
    widening: count,
    crossAttention: z.boolean(),
  }),
  /** The article's risk-seeking value: the mean of the quantiles above actingLevel. */
  value: z.strictObject({ quantiles: count, width: count, actingLevel: z.number().min(0).lt(1) }),
});

const search = z.strictObject({
  simulations: count,
  samples: count,
  rootSamples: count,
  c1: z.number().positive(),
  c2: z.number().positive(),
  unvisitedValue: z.enum(['parent', 'minimum']),
  normalizeValues: z.boolean(),
  horizon: count,
  policyVisits: count.min(2),
  leavesPerStep: count,
});

const beam = z.strictObject({ width: count, samples: count, rootSamples: count, noise: z.number().min(0) });

const demonstrations = z.strictObject({
  /** Random tensors of known factorization; see game/demonstrations.ts. */
  synthetic: z.strictObject({
    maxRank: count,
    rankExponent: z.number().positive(),
    zeroProbability: z.tuple([probability, probability]),
    sizeWeights: z.array(z.number().min(0)).min(1),
  }),
  /** Files of known factorizations that are shown to the network. Empty: it learns from scratch. Every output names them. */
  files: z.array(z.string()),
});

const learner = z.strictObject({
  batchSize: count,
  /** Actions of a position's policy target that one sample shows. */
  actionsPerPosition: count,
  /** Shares of a batch; sources that are still empty leave theirs to the synthetic games. */
  mix: z.strictObject({ synthetic: z.number().min(0), played: z.number().min(0), best: z.number().min(0) }),
  /** Weight of the value loss beside the policy loss. */
  valueWeight: z.number().min(0),
  learningRate: z.number().positive(),
  warmupSteps: whole.min(0),
  decaySteps: count,
  decayFactor: z.number().positive().max(1),
  weightDecay: z.number().min(0),
  clipNorm: z.number().positive(),
});

const acting = z.strictObject({
  /**
   * `mcts`: sampled Monte Carlo tree search. `beam`: beam search, not part of AlphaTensor. `beam-then-mcts`: beam until it has found
   * something of the rank `beamUntilRank`, tree search from then on.
   */
  mode: z.enum(['mcts', 'beam', 'beam-then-mcts']),
  beamUntilRank: count,
  /** Games begin after so many learner steps, then come every `everySteps` steps, `games` at a time in lockstep. */
  fromStep: whole.min(0),
  everySteps: count,
  games: count,
  /** Positions a network call takes at most. */
  maxBatch: count,
  basis: z.strictObject({
    canonicalProbability: probability,
    offDiagonal: z.number().min(0).max(0.5),
    maxEntry: count.max(127),
  }),
});

const replay = z.strictObject({
  /** Games kept, the oldest go first. */
  playedGames: count,
  /** Best factorizations kept, the worst go first. */
  bestFactorizations: count,
  /** Best factorizations are shown under random symmetries and bases: the chance of an off-diagonal entry of those. */
  symmetryOffDiagonal: z.number().min(0).max(0.5),
});

const checkpoints = z.strictObject({
  everySteps: count,
  /** The newest so many are kept. */
  keep: count,
});

const trainingConfig = z
  .strictObject({
    /** The preset it came from, for people. */
    preset: z.string(),
    size: z.strictObject({
      n: count.max(MAX_DIMENSION),
      m: count.max(MAX_DIMENSION),
      p: count.max(MAX_DIMENSION),
    }),
    arithmetic: z.enum(['standard', 'modulo-2']),
    /** The move alphabet F, ascending. */
    values: z.array(whole.min(-127).max(127)).min(2),
    moveLimit: count.max(5000),
    network,
    search,
    beam,
    demonstrations,
    learner,
    acting,
    replay,
    checkpoints,
    seed: z.union([z.number(), z.string()]),
    tfBackend: z.enum(TF_BACKENDS),
  })
  .superRefine((config, context) => {
    const refuse = (path: (string | number)[], message: string): void => {
      context.addIssue({ code: 'custom', path, message });
    };
    const { values } = config;
    if (!values.includes(0)) refuse(['values'], 'must contain 0');
    if (values.some((value, i) => i > 0 && value <= values[i - 1])) refuse(['values'], 'must be ascending');
    if (config.arithmetic === 'modulo-2' ? values.join() !== '0,1' : values.some((x) => !values.includes(-x))) {
      refuse(['values'], config.arithmetic === 'modulo-2' ? 'must be 0, 1 modulo 2' : 'must be symmetric');
    }
    for (const part of ['torso', 'policy'] as const) {
      const width = part === 'torso' ? config.network.torso.channels : config.network.policy.width;
      if (width % config.network[part].heads !== 0) refuse(['network', part, 'heads'], `must divide ${width}`);
    }
    const { probeNonzeros, summary } = config.network;
    const features = countRankFeatures(config.size, config.arithmetic, probeNonzeros);
    if (features * summary.width > MAX_FEATURE_WEIGHTS) {
      const most = MAX_FEATURE_WEIGHTS.toLocaleString('en');
      const weights = (features * summary.width).toLocaleString('en');
      refuse(
        ['network', 'probeNonzeros'],
        `makes a layer of ${weights} weights for this size, more than ${most}; choose fewer nonzeros`,
      );
    }
    const { mix } = config.learner;
    if (mix.synthetic + mix.played + mix.best <= 0) refuse(['learner', 'mix'], 'must not be all zero');
    if (config.replay.bestFactorizations < config.demonstrations.files.length) {
      refuse(['replay', 'bestFactorizations'], 'must have room for every demonstration file');
    }
  });

/** Everything that decides a training run; saved in its folder and in every checkpoint. */
export type TrainingConfig = z.infer<typeof trainingConfig>;

/**
 * Checks a configuration, for example one read from a file.
 * @throws AlphaTensorError INVALID_ARGUMENT naming the first field that is wrong
 */
export function parseTrainingConfig(value: unknown): TrainingConfig {
  const result = trainingConfig.safeParse(value);
  if (result.success) {
    checkSize(result.data.size);
    return result.data;
  }
  const [issue] = result.error.issues;
  const field = issue.path.join('.');
  throw new AlphaTensorError(
    'INVALID_ARGUMENT',
    `The training configuration is wrong${field === '' ? '' : ` at ${field}`}: ${issue.message}.`,
    { field },
  );
}

/** Fawzi et al., Nature 610 (2022), Methods: PUCT constants, N-bar and horizon. */
const ARTICLE_SEARCH = {
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
    beamUntilRank: 7,
    fromStep: 1500,
    everySteps: 100,
    games: 8,
    maxBatch: 256,
    basis: { canonicalProbability: 0.2, offDiagonal: 0.05, maxEntry: 2 },
  },
  replay: { playedGames: 256, bestFactorizations: 256, symmetryOffDiagonal: 0.1 },
  checkpoints: { everySteps: 250, keep: 3 },
  seed: 1,
  tfBackend: 'auto',
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
    fromStep: 0,
    games: 256,
    maxBatch: 8192,
    basis: { canonicalProbability: 1 - 0.9983, offDiagonal: 0.0075, maxEntry: 127 },
  },
  replay: { playedGames: 100_000, bestFactorizations: 1000, symmetryOffDiagonal: 0.0075 },
};

export const PRESETS = { tiny, small, paper } as const;
export type PresetName = keyof typeof PRESETS;

/**
 * Weights that read the rank features at most. The optimizer holds five numbers a weight, and WebAssembly has 4 GB: more would
 * end in "memory access out of bounds".
 */
const MAX_FEATURE_WEIGHTS = 1 << 26;

/** Rank features a preset shows for another size at most. 4x4x4 with the four nonzeros of 2x2x2 would have 818,688. */
const MAX_PRESET_FEATURES = 1 << 14;

/** The most nonzeros, up to the preset's, whose rank features stay affordable for this size. */
function affordableProbes({ network, arithmetic }: TrainingConfig, size: TrainingConfig['size']): number {
  let nonzeros = network.probeNonzeros;
  while (countRankFeatures(size, arithmetic, nonzeros) > MAX_PRESET_FEATURES) nonzeros--;
  return nonzeros;
}

/**
 * A preset for another size. Larger sizes show the network fewer probes. The move limit is one below the schoolbook algorithm's rank: a game that only finds that again
 * would be taken for a success and imitated.
 */
export function presetForSize(name: PresetName, size: TrainingConfig['size']): TrainingConfig {
  const preset = PRESETS[name];
  const limit = Math.max(1, standardRank(size) - 1);
  return parseTrainingConfig({
    ...preset,
    size,
    network: { ...preset.network, probeNonzeros: affordableProbes(preset, size) },
    moveLimit: limit,
    demonstrations: {
      ...preset.demonstrations,
      synthetic: { ...preset.demonstrations.synthetic, maxRank: limit },
    },
  });
}

export function gameRules({ size, arithmetic, values, moveLimit }: TrainingConfig): GameRules {
  return { size, arithmetic, values, moveLimit };
}
