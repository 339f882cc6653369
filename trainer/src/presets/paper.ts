import { NOT_GROWN, type TrainingConfig } from '../config.js';

/**
 * Holds the article's values where it states them (Fawzi et al., Nature 610 (2022), Methods and Supplementary information). Its runs
 * used thousands of TPU cores. Values marked "ours" are not in the article. Where our network departs from the article's, whatever the
 * values: its layers use ReLU in place of GELU and have no dropout (the article's policy has 0.5), and its value comes from one hidden
 * layer over the torso's summary, where the article has three over the policy's first token.
 */
export const paper: TrainingConfig = {
  preset: 'paper',
  size: { n: 4, m: 4, p: 4 },
  alsoSizes: [], // article: one agent for all sizes up to <5,5,5>
  arithmetic: 'standard',
  values: [-2, -1, 0, 1, 2],
  moveLimit: 63, // one below the schoolbook algorithm's rank
  network: {
    entriesPerToken: 4,
    historyLength: 7,
    signedPermutations: 100,
    probeNonzeros: 0, // ours; off
    torso: { channels: 512, blocks: 8, heads: 16, widening: 4 },
    summary: { pooling: 'mean', width: 512, blocks: 1 }, // ours
    policy: { width: 2048, blocks: 2, heads: 32, widening: 4, crossAttention: true }, // 32 heads of 64
    value: { quantiles: 8, width: 512, actingLevel: 0.75 },
  },
  search: {
    simulations: 800,
    samples: 32,
    rootSamples: 32,
    selection: 'puct',
    consideredActions: 16, // ours; used with the selection gumbel only
    valueScale: 0.1, // ours; used with the selection gumbel only
    gumbelScale: 1, // ours; used with the selection gumbel only
    backup: 'mean',
    c1: 1.25,
    c2: 19652,
    unvisitedValue: 'parent',
    normalizeValues: true,
    horizon: 5,
    policyVisits: 100, // Nbar
    valueFirst: false,
    leavesPerStep: 1,
  },
  beam: { width: 64, samples: 16, rootSamples: 256, noise: 0.3 }, // ours; used with the modes beam and beam-then-mcts only
  demonstrations: {
    // Entries -2 … 2 with probabilities .001, .099, .8, .099, .001.
    synthetic: { maxRank: 63, rankExponent: 1, zeroProbability: [0.8, 0.8], sizeWeights: [0.099, 0.001] },
    files: [],
    grown: NOT_GROWN, // ours
  },
  learner: {
    batchSize: 2048,
    actionsPerPosition: 32,
    mix: { synthetic: 0.7, played: 0.25, best: 0.05 },
    valueWeight: 1,
    valueHuberWidth: 0.1, // ours
    learningRate: 1e-4,
    warmupSteps: 1000,
    decaySteps: 500_000,
    decayFactor: 0.1,
    weightDecay: 1e-5,
    clipNorm: 4,
  },
  acting: {
    mode: 'mcts',
    goalRank: 63, // ours
    insideGames: 0, // ours
    insideAfterGoal: false,
    fromStep: 0,
    everySteps: 100, // ours; in the article actors and the learner run at the same time
    games: 256, // ours
    play: 'in-turn', // article: they are played while it learns
    maxStaleness: 500,
    samplesPerPosition: 4,
    workers: 1, // ours
    maxBatch: 8192, // ours
    basis: { canonicalProbability: 1 - 0.9983, offDiagonal: 0.0075, maxEntry: 127 },
  },
  replay: { playedGames: 100_000, swapProbability: 0.5, bestFactorizations: 1000, symmetryOffDiagonal: 0.0075 },
  checkpoints: { everySteps: 1000, keep: 3 }, // ours
  seed: 1,
  tfBackend: 'auto',
  actBackend: 'auto',
  learnBackend: 'auto',
};
