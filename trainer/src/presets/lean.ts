import { NOT_GROWN, type TrainingConfig } from '../config.js';

/**
 * Serves sizes a little above <2,2,2> on a few cores. Compared with `tiny`, a step takes half the time, and tensors and bases are
 * sparser, as larger modes have more entries.
 */
export const lean: TrainingConfig = {
  preset: 'lean',
  size: { n: 2, m: 2, p: 3 },
  alsoSizes: [],
  arithmetic: 'standard',
  values: [-1, 0, 1], // article: -2 to 2
  moveLimit: 11,
  network: {
    entriesPerToken: 4,
    historyLength: 0, // article: 7
    signedPermutations: 1, // article: 100
    probeNonzeros: 3, // article: no such features
    torso: { channels: 16, blocks: 0, heads: 1, widening: 2 },
    summary: { pooling: 'all', width: 384, blocks: 2 },
    policy: { width: 96, blocks: 1, heads: 2, widening: 2, crossAttention: false },
    value: { quantiles: 16, width: 128, actingLevel: 0.75 }, // article: 8 quantiles, 0.75
  },
  search: {
    simulations: 150, // article: 800
    samples: 24, // article: 32
    rootSamples: 64,
    selection: 'puct',
    consideredActions: 16,
    valueScale: 0.1,
    gumbelScale: 1,
    backup: 'mean',
    c1: 1.25, // article: the same
    c2: 19652, // article: the same
    unvisitedValue: 'parent',
    normalizeValues: true,
    horizon: 7, // article: 5
    policyVisits: 100, // article: the same
    valueFirst: true, // article: false
    leavesPerStep: 4,
  },
  beam: { width: 48, samples: 16, rootSamples: 256, noise: 0.05 },
  demonstrations: {
    synthetic: { maxRank: 11, rankExponent: 0.9, zeroProbability: [0.5, 0.9], sizeWeights: [1] },
    files: [],
    grown: NOT_GROWN,
  },
  learner: {
    batchSize: 128, // article: 2048
    actionsPerPosition: 3,
    mix: { synthetic: 0.35, played: 0.1, best: 0.55 },
    valueWeight: 10,
    valueHuberWidth: 0.1,
    learningRate: 1.5e-3, // article: 1e-4
    warmupSteps: 50,
    decaySteps: 4000, // article: 500,000
    decayFactor: 0.5, // article: 0.1
    weightDecay: 1e-4, // article: 1e-5
    clipNorm: 1, // article: 4
  },
  acting: {
    mode: 'beam-then-mcts', // article: mcts
    goalRank: 11,
    insideGames: 0,
    insideAfterGoal: false,
    fromStep: 600,
    everySteps: 200,
    games: 4,
    play: 'in-turn', // article: they are played while it learns
    maxStaleness: 500,
    samplesPerPosition: 4,
    workers: 1,
    maxBatch: 256,
    basis: { canonicalProbability: 0.8, offDiagonal: 0.02, maxEntry: 2 }, // article: 0.0017 and 0.0075
  },
  replay: {
    playedGames: 256, // article: 100,000
    swapProbability: 0.5,
    bestFactorizations: 256, // article: 1000
    symmetryOffDiagonal: 0.1,
  },
  checkpoints: { everySteps: 250, keep: 3 },
  seed: 1,
  tfBackend: 'auto',
  actBackend: 'auto',
  learnBackend: 'auto',
};
