import { AlphaTensorError, checkSize, formatSize, MAX_ALGORITHM_DIMENSION, sameSize } from '@alphatensor-edge/shared';
import { z } from 'zod';
import { countRankFeatures } from './game/observation.js';
import { fitsInto } from './game/padding.js';
import type { GameRules } from './game/state.js';

/** Lists the values of `--tf-backend`. `auto` takes the first of the others that runs; they are in the order of their speed. */
export const TF_BACKENDS = ['auto', 'node-gpu', 'node', 'wasm', 'cpu'] as const;
/** Lists the values of `--act-backend` and `--learn-backend`: what games are played through, and what gradients are computed through. */
export const ENGINES = ['auto', 'onnx', 'tfjs'] as const;
/** Lists the values of `--play`. */
export const PLAYS = ['in-turn', 'meanwhile'] as const;

const whole = z.number().int();
const count = whole.min(1);
const probability = z.number().min(0).max(1);

const dimension = count.max(MAX_ALGORITHM_DIMENSION);
const size = z.strictObject({ n: dimension, m: dimension, p: dimension });

const network = z.strictObject({
  /** Number of entries of a factor that one token spells. The vocabulary is |F| to this power. */
  entriesPerToken: count,
  /** Number of past moves that the torso sees; the article uses 7. */
  historyLength: whole.min(0),
  /** Number of coordinates in which the network sees positions, the canonical ones among them; the article uses 100. */
  signedPermutations: count,
  /** Ours: whether the network sees positions in the normal form of their signs (game/normal-signs.ts). Absent: it does not. */
  normalizeSigns: z.boolean().optional(),
  /** Ours: the network sees the ranks of the residual contracted with all ternary vectors of at most this many nonzeros; 0 shows none. */
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
  // Runs from before this option existed used PUCT.
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
  // Runs from before this option existed drew a leaf's actions together with its value.
  valueFirst: z.boolean().default(false),
  leavesPerStep: count,
});

const beam = z.strictObject({ width: count, samples: count, rootSamples: count, noise: z.number().min(0) });

/** Holds the settings of a run that does not grow from smaller sizes. */
export const NOT_GROWN = {
  files: [],
  share: 0,
  maxExtra: 0,
  canonicalProbability: 1,
  offDiagonal: 0,
  symmetryOffDiagonal: 0,
};

const demonstrations = z.strictObject({
  /** Random tensors with a known factorization; see game/demonstrations.ts. */
  synthetic: z.strictObject({
    maxRank: count,
    rankExponent: z.number().positive(),
    zeroProbability: z.tuple([probability, probability]),
    sizeWeights: z.array(z.number().min(0)).min(1),
  }),
  /** Files of known factorizations that the network is shown. If there are none, it learns from scratch. Every output names the files. */
  files: z.array(z.string()),
  /** Synthetic games that contain smaller multiplication tensors with known solutions; see game/grown.ts. */
  grown: z
    .strictObject({
      /** Files of factorizations of smaller sizes; may be empty. Every output names the files. */
      files: z.array(z.string()),
      /** The share of these games among the synthetic games. */
      share: probability,
      /** The most random rank-one terms beside the smaller tensors. */
      maxExtra: whole.min(0),
      /** How the smaller tensors' bases are drawn; see game/grown.ts. */
      canonicalProbability: probability,
      offDiagonal: z.number().min(0).max(0.5),
      /** How the symmetries are drawn under which their solutions are shown; see game/grown.ts. */
      symmetryOffDiagonal: z.number().min(0).max(0.5),
    })
    // Checkpoints from before such games existed lack this.
    .default(NOT_GROWN),
  /** What the run's own walks in the flip graph find is shown to the network; see training/flips/. Absent: there are no walks. */
  flips: z
    .strictObject({
      /** Files of factorizations that the walks begin with, beside the schoolbook algorithm. Absent: none. Every output names the files. */
      from: z.array(z.string()).optional(),
      /** The share of the samples that are of these demonstrations. */
      share: probability,
      /** Number of learner steps from one walk to the next, and the flips of a walk. */
      everySteps: count,
      flipsPerWalk: count,
      /** The most orbits that are kept of each size. */
      orbits: count,
      /** The learner steps for which an orbit keeps its place once there are so many. Absent: each new one takes the place of the oldest. */
      keepSteps: whole.min(0).optional(),
      /** How far the rank of what is shown may be above the lowest found. */
      ranksAbove: whole.min(0),
      /** The learner steps after which a demonstration is drawn half as often as a new one. */
      halfLife: count,
      /** The chance that a demonstration has wrong moves that are to be taken back. */
      wrongMoves: probability,
      /** The most algorithms one flip from those that are shown, too. Absent: 0. */
      neighbours: whole.min(0).optional(),
    })
    .optional(),
});

const learner = z.strictObject({
  batchSize: count,
  /** Number of actions of a position's policy target that one sample shows. */
  actionsPerPosition: count,
  /** The shares of the three sources in a batch. A source that is still empty leaves its share to the synthetic games. */
  mix: z.strictObject({ synthetic: z.number().min(0), played: z.number().min(0), best: z.number().min(0) }),
  /** Weight of the value loss beside the policy loss. */
  valueWeight: z.number().min(0),
  /** The distance within which the value loss is quadratic, in moves; see training/losses.ts. Older runs have 1. */
  valueHuberWidth: z.number().positive().default(1),
  learningRate: z.number().positive(),
  warmupSteps: whole.min(0),
  decaySteps: count,
  decayFactor: z.number().positive().max(1),
  weightDecay: z.number().min(0),
  clipNorm: z.number().positive(),
});

const actingFields = z.strictObject({
  /**
   * How games are played. `mcts`: sampled Monte Carlo tree search. `beam`: beam search, which is not part of AlphaTensor.
   * `beam-then-mcts`: beam search until a factorization of rank `goalRank` is found, tree search from then on.
   */
  mode: z.enum(['mcts', 'beam', 'beam-then-mcts']),
  /**
   * The rank that the run aims at, for `size`. While the best rank is above it, a game has one move fewer than the best rank, so a game
   * that only finds this again has lost. A game has at least `goalRank` and at most `moveLimit` moves.
   */
  goalRank: count,
  /**
   * Number of further games in each round while the best rank is above `goalRank`. Each begins inside one of the best factorizations,
   * at first inside the schoolbook algorithm: some terms count as played, and the game has as many moves as there are terms left, or
   * one fewer inside the schoolbook algorithm. A shorter solution gives a better rank; another one of the same length gives a new
   * factorization to begin inside. Not part of AlphaTensor.
   */
  insideGames: whole.min(0).default(0),
  /** Whether these games are also played when the goal is reached: another solution of the same length is another algorithm. */
  insideAfterGoal: z.boolean().default(false),
  /** Number of learner steps before the first round of games. */
  fromStep: whole.min(0),
  /** Number of learner steps from one round to the next. */
  everySteps: count,
  /** Number of games of a round, played in lockstep. With 0 the network learns from synthetic games and demonstrations alone. */
  games: whole.min(0),
  /**
   * When games are played. `in-turn`: the learner waits for each round, and a run can be repeated. `meanwhile`: worker threads play
   * while the learner learns. Older runs play in turn.
   */
  play: z.enum(PLAYS).default('in-turn'),
  /** The most learner steps between the weights with which a game begins and its end, if games are not played in turn. */
  maxStaleness: count.default(500),
  /**
   * The most samples that a position of a played game gives, on average, if games are not played in turn. When they are used up, the
   * other sources take the share of the played games until new ones come.
   */
  samplesPerPosition: z.number().positive().default(4),
  /** Number of threads that play the games. A round can be repeated exactly only with the same number. */
  workers: count.max(256).default(1),
  /** The most positions of one network call. */
  maxBatch: count,
  basis: z.strictObject({
    canonicalProbability: probability,
    offDiagonal: z.number().min(0).max(0.5),
    maxEntry: count.max(127),
  }),
});
/** Reads `goalRank` also under its older name `beamUntilRank`, as older checkpoints and runs have it. */
const acting = z.preprocess((fields) => {
  if (typeof fields !== 'object' || fields === null || !('beamUntilRank' in fields)) return fields;
  const { beamUntilRank, ...others } = fields;
  return { goalRank: beamUntilRank, ...others };
}, actingFields);

const replay = z.strictObject({
  /** Number of games kept. The oldest are dropped first. */
  playedGames: count,
  /** The chance that a solved game is shown with its last move and a random one swapped. Older runs have no swaps, that is 0. */
  swapProbability: probability.default(0),
  /** Number of best factorizations kept. The worst are dropped first. */
  bestFactorizations: count,
  /** The best factorizations are shown under random symmetries and bases; this is the chance of an off-diagonal entry in them. */
  symmetryOffDiagonal: z.number().min(0).max(0.5),
  /** Whether known algorithms are shown under random symmetries, or as they are kept. Absent: under symmetries. */
  images: z.enum(['symmetric', 'as-kept']).optional(),
});

const checkpoints = z.strictObject({
  everySteps: count,
  /** Number of checkpoints kept, the newest. */
  keep: count,
});

/**
 * Limits the weights of the layer that reads the rank features. The optimizer holds five numbers for each weight, and WebAssembly has
 * 4 GB: with more weights it fails with "memory access out of bounds".
 */
const MAX_FEATURE_WEIGHTS = 1 << 26;

const trainingConfig = z
  .strictObject({
    /** Name of the preset that the configuration came from, for people. */
    preset: z.string(),
    size,
    /** Smaller sizes that are played in turn with `size`, padded into it with zeros, so that one network plays several sizes. */
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
    // Runs from before these options existed played and learnt through TensorFlow.js, but nothing of them depends on it beyond rounding.
    actBackend: z.enum(ENGINES).default('auto'),
    learnBackend: z.enum(ENGINES).default('auto'),
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

/** Holds everything that decides a training run. It is saved in the run's folder and in every checkpoint. */
export type TrainingConfig = z.infer<typeof trainingConfig>;

/**
 * Checks a configuration, for example one read from a file.
 * @throws AlphaTensorError INVALID_ARGUMENT naming the first wrong field
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

/** Gives the rules of the game for the run's own size. */
export function gameRules({ size, arithmetic, values, moveLimit }: TrainingConfig): GameRules {
  return { size, arithmetic, values, moveLimit };
}
