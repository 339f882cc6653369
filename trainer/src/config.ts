import { AlphaTensorError, checkSize, formatSize, MAX_ALGORITHM_DIMENSION, sameSize } from '@alphatensor-edge/shared';
import { z } from 'zod';
import { countRankFeatures } from './game/observation.js';
import { fitsInto } from './game/padding.js';
import type { GameRules } from './game/state.js';

/** What `--tf-backend` takes; `auto` is the fastest that runs, in this order. */
export const TF_BACKENDS = ['auto', 'node-gpu', 'node', 'wasm', 'cpu'] as const;

const whole = z.number().int();
const count = whole.min(1);
const probability = z.number().min(0).max(1);

const dimension = count.max(MAX_ALGORITHM_DIMENSION);
const size = z.strictObject({ n: dimension, m: dimension, p: dimension });

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
  // Runs from before there was a choice had PUCT.
  selection: z.enum(['puct', 'gumbel']).default('puct'),
  consideredActions: count.default(16),
  valueScale: z.number().positive().default(0.1),
  gumbelScale: z.number().min(0).default(1),
  backup: z.enum(['mean', 'best']).default('mean'),
  c1: z.number().positive(),
  c2: z.number().positive(),
  unvisitedValue: z.enum(['parent', 'minimum']),
  normalizeValues: z.boolean(),
  horizon: count,
  policyVisits: count.min(2),
  leavesPerStep: count,
});

const beam = z.strictObject({ width: count, samples: count, rootSamples: count, noise: z.number().min(0) });

/** Nothing smaller to grow from. */
export const NOT_GROWN = {
  files: [],
  share: 0,
  maxExtra: 0,
  canonicalProbability: 1,
  offDiagonal: 0,
  symmetryOffDiagonal: 0,
};

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
  /** Synthetic games that contain smaller multiplication tensors with known solutions; see game/grown.ts. */
  grown: z
    .strictObject({
      /** Factorizations of smaller sizes. Empty: none. Every output names them. */
      files: z.array(z.string()),
      /** Share of the synthetic games. */
      share: probability,
      /** Random rank-one terms beside the smaller tensors, at most. */
      maxExtra: whole.min(0),
      /** The smaller tensors' bases; see unimodular.ts. */
      canonicalProbability: probability,
      offDiagonal: z.number().min(0).max(0.5),
      /** The symmetries under which their solutions are shown. */
      symmetryOffDiagonal: z.number().min(0).max(0.5),
    })
    // Checkpoints from before there were any.
    .default(NOT_GROWN),
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

const actingFields = z.strictObject({
  /**
   * `mcts`: sampled Monte Carlo tree search. `beam`: beam search, not part of AlphaTensor. `beam-then-mcts`: beam until something of
   * the rank `goalRank` is found, tree search from then on.
   */
  mode: z.enum(['mcts', 'beam', 'beam-then-mcts']),
  /**
   * The rank of `size` that the run is after. While the best is above it, a game has one move fewer than the best: what only finds
   * the best again has lost. Games have no fewer moves than this, and `moveLimit` at most.
   */
  goalRank: count,
  /**
   * Games that a round has besides `games` while the best is above `goalRank`. They begin inside one of the best, at first inside the
   * schoolbook algorithm: some of its terms are played, and the game has as many moves as terms are left, one fewer inside the
   * schoolbook algorithm. A shorter way is a better rank, another one of the same length another place to begin. Not part of
   * AlphaTensor.
   */
  insideGames: whole.min(0).default(0),
  /**
   * Games begin after so many learner steps, then come every `everySteps` steps, `games` at a time in lockstep; with 0 games the
   * network learns from the synthetic ones (and demonstrations) alone.
   */
  fromStep: whole.min(0),
  everySteps: count,
  games: whole.min(0),
  /** Threads that play them; a round is the same again for the same number only. */
  workers: count.max(256).default(1),
  /** Positions a network call takes at most. */
  maxBatch: count,
  basis: z.strictObject({
    canonicalProbability: probability,
    offDiagonal: z.number().min(0).max(0.5),
    maxEntry: count.max(127),
  }),
});
/** In checkpoints and runs from before games had fewer moves than `moveLimit`, the goal has the name of the one thing it settled. */
const acting = z.preprocess((fields) => {
  if (typeof fields !== 'object' || fields === null || !('beamUntilRank' in fields)) return fields;
  const { beamUntilRank, ...others } = fields;
  return { goalRank: beamUntilRank, ...others };
}, actingFields);

const replay = z.strictObject({
  /** Games kept, the oldest go first. */
  playedGames: count,
  /** How often a solved one is shown with a random move and the last one swapped. 0 in runs from before there were swaps. */
  swapProbability: probability.default(0),
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

/**
 * Weights that read the rank features at most. The optimizer holds five numbers a weight, and WebAssembly has 4 GB: more would
 * end in "memory access out of bounds".
 */
const MAX_FEATURE_WEIGHTS = 1 << 26;

const trainingConfig = z
  .strictObject({
    /** The preset it came from, for people. */
    preset: z.string(),
    size,
    /** Smaller sizes that are played by turns with `size`, padded into it with zeros: one network for several. */
    alsoSizes: z.array(size).default([]),
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
    config.alsoSizes.forEach((also, index) => {
      const [small, large] = [formatSize(also), formatSize(config.size)];
      if (sameSize(also, config.size)) refuse(['alsoSizes', index], `is the size itself, ${large}; leave it out`);
      else if (!fitsInto(also, config.size))
        refuse(['alsoSizes', index], `${small} does not fit into ${large} row by row`);
    });
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

export function gameRules({ size, arithmetic, values, moveLimit }: TrainingConfig): GameRules {
  return { size, arithmetic, values, moveLimit };
}
