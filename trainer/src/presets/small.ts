import { NOT_GROWN, type TrainingConfig } from '../config.js';

/** Serves sizes up to about <3,3,3>, with one GPU and a day of time. */
export const small: TrainingConfig = {
  preset: 'small',
  size: { n: 3, m: 3, p: 3 },
  alsoSizes: [],
  arithmetic: 'standard',
  values: [-2, -1, 0, 1, 2], // article: the same
  moveLimit: 26,
  network: {
    entriesPerToken: 3,
    historyLength: 3, // article: 7
    signedPermutations: 16, // article: 100
    probeNonzeros: 2, // article: no such features
    torso: { channels: 64, blocks: 4, heads: 4, widening: 4 },
    summary: { pooling: 'mean', width: 512, blocks: 2 },
    policy: { width: 256, blocks: 2, heads: 8, widening: 4, crossAttention: true },
    value: { quantiles: 16, width: 256, actingLevel: 0.75 }, // article: 8 quantiles, 0.75
  },
  search: {
    simulations: 400, // article: 800
    samples: 32, // article: the same
    rootSamples: 32,
    selection: 'puct',
    consideredActions: 16,
    valueScale: 0.1,
    gumbelScale: 1,
    backup: 'mean',
    c1: 1.25, // article: the same
    c2: 19652, // article: the same
    unvisitedValue: 'parent',
    normalizeValues: true,
    horizon: 5, // article: the same
    policyVisits: 100, // article: the same
    valueFirst: true, // article: false
    leavesPerStep: 4,
  },
  beam: { width: 64, samples: 16, rootSamples: 256, noise: 0.3 },
  demonstrations: {
    synthetic: { maxRank: 26, rankExponent: 0.9, zeroProbability: [0.5, 0.85], sizeWeights: [0.9, 0.1] },
    files: [],
    grown: NOT_GROWN,
  },
  learner: {
    batchSize: 512, // article: 2048
    actionsPerPosition: 4,
    mix: { synthetic: 0.5, played: 0.2, best: 0.3 },
    valueWeight: 10,
    valueHuberWidth: 0.1,
    learningRate: 3e-4, // article: 1e-4
    warmupSteps: 50,
    decaySteps: 100_000, // article: 500,000
    decayFactor: 0.5, // article: 0.1
    weightDecay: 1e-4, // article: 1e-5
    clipNorm: 1, // article: 4
  },
  acting: {
    mode: 'mcts', // article: the same
    goalRank: 26,
    insideGames: 0,
    insideAfterGoal: false,
    fromStep: 5000,
    everySteps: 100,
    games: 32,
    play: 'in-turn', // article: they are played while it learns
    maxStaleness: 500,
    samplesPerPosition: 4,
    workers: 1,
    maxBatch: 1024,
    basis: { canonicalProbability: 0.05, offDiagonal: 0.03, maxEntry: 2 }, // article: 0.0017 and 0.0075
  },
  replay: {
    playedGames: 2000, // article: 100,000
    swapProbability: 0.5,
    bestFactorizations: 256, // article: 1000
    symmetryOffDiagonal: 0.05,
  },
  checkpoints: { everySteps: 1000, keep: 3 },
  seed: 1,
  tfBackend: 'auto',
  actBackend: 'auto',
  learnBackend: 'auto',
};
