import { NOT_GROWN, type TrainingConfig } from '../config.js';

/**
 * Serves <2,3,3>, <2,3,4> and <3,3,3> on two cores, with demonstrations of the run's own walks (`train --flip-demonstrations`). Compared
 * with `lean`, it plays by tree search alone and in the canonical basis alone, and shows algorithms as they are kept, not under symmetries: so it
 * learns to play few algorithms, and what lies a few flips from them, within minutes.
 */
export const mid: TrainingConfig = {
  preset: 'mid',
  size: { n: 3, m: 3, p: 3 },
  alsoSizes: [],
  arithmetic: 'standard',
  values: [-1, 0, 1], // article: -2 to 2
  moveLimit: 26,
  network: {
    entriesPerToken: 4,
    historyLength: 0, // article: 7
    signedPermutations: 1, // article: 100
    probeNonzeros: 3, // article: no such features
    torso: { channels: 16, blocks: 0, heads: 1, widening: 2 },
    summary: { pooling: 'all', width: 224, blocks: 2 },
    policy: { width: 96, blocks: 1, heads: 2, widening: 2, crossAttention: false },
    value: { quantiles: 16, width: 128, actingLevel: 0.75 }, // article: 8 quantiles, 0.75
  },
  search: {
    simulations: 100, // article: 800
    samples: 24, // article: 32
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
    horizon: 7, // article: 5
    policyVisits: 100, // article: the same
    valueFirst: true, // article: false
    leavesPerStep: 4,
  },
  beam: { width: 48, samples: 16, rootSamples: 256, noise: 0.05 },
  demonstrations: {
    synthetic: { maxRank: 26, rankExponent: 0.9, zeroProbability: [0.6, 0.92], sizeWeights: [1] },
    files: [],
    grown: NOT_GROWN,
  },
  learner: {
    batchSize: 128, // article: 2048
    actionsPerPosition: 3,
    mix: { synthetic: 0.5, played: 0.3, best: 0.2 },
    valueWeight: 10,
    valueHuberWidth: 0.1,
    learningRate: 2e-3, // article: 1e-4
    warmupSteps: 50,
    decaySteps: 10_000, // article: 500,000
    decayFactor: 0.1, // article: the same
    weightDecay: 1e-4, // article: 1e-5
    clipNorm: 1, // article: 4
  },
  acting: {
    mode: 'mcts', // article: the same
    goalRank: 26,
    insideGames: 0,
    insideAfterGoal: false,
    fromStep: 800,
    everySteps: 200,
    games: 8,
    play: 'in-turn', // article: they are played while it learns
    maxStaleness: 500,
    samplesPerPosition: 4,
    workers: 1,
    maxBatch: 256,
    basis: { canonicalProbability: 1, offDiagonal: 0.004, maxEntry: 2 }, // article: 0.0017 and 0.0075
  },
  replay: {
    playedGames: 512, // article: 100,000
    swapProbability: 0.5,
    bestFactorizations: 256, // article: 1000
    symmetryOffDiagonal: 0.01,
    images: 'as-kept', // article: under random symmetries
  },
  checkpoints: { everySteps: 500, keep: 3 },
  seed: 1,
  tfBackend: 'auto',
  actBackend: 'auto',
  learnBackend: 'auto',
};
