import { modeLengths, standardRank } from '@alphatensor-edge/shared';
import { NOT_GROWN, parseTrainingConfig, type TrainingConfig } from './config.js';
import { contextLength, countRankFeatures } from './game/observation.js';
import { lean } from './presets/lean.js';
import { mid } from './presets/mid.js';
import { paper } from './presets/paper.js';
import { small } from './presets/small.js';
import { tiny } from './presets/tiny.js';

/** Holds each preset, written whole, for its own size. */
export const PRESETS = { tiny, lean, mid, small, paper } as const;
/** Names a preset. */
export type PresetName = keyof typeof PRESETS;

/** Names the presets for a few cores, whose games and probes are sparser at sizes above their own. */
const FOR_FEW_CORES: readonly string[] = [lean.preset, mid.preset];

/** Limits the rank features that a preset shows for another size. <4,4,4> with the four nonzeros of `tiny` would have 818,688. */
const MAX_PRESET_FEATURES = 1 << 14;
/** Limits the rank features of the presets for a few cores, so that their steps stay short. */
const MAX_LEAN_FEATURES = 3 << 10;
/** The width of `lean`'s summary for sizes of more entries than <2,2,4>. It keeps a checkpoint of <2,3,3> below 4 MB. */
const NARROW_LEAN_WIDTH = 352;

/** Finds the most nonzeros, up to the preset's, with which this size stays within the limit of rank features. */
function affordableProbes({ preset, network, arithmetic }: TrainingConfig, size: TrainingConfig['size']): number {
  const most = FOR_FEW_CORES.includes(preset) ? MAX_LEAN_FEATURES : MAX_PRESET_FEATURES;
  let nonzeros = network.probeNonzeros;
  while (countRankFeatures(size, arithmetic, nonzeros) > most) nonzeros--;
  return nonzeros;
}

/** Limits the weights of `mid`: 2 bytes for each make a checkpoint below 4 MB. */
const MAX_MID_WEIGHTS = 1_950_000;
/** The weights of `mid` that depend on neither the size nor the summary's width, about. */
const OTHER_MID_WEIGHTS = 100_000;

/** Gives the width of the summary: narrower for `lean` and `mid` at larger sizes. */
function affordableWidth(config: TrainingConfig, size: TrainingConfig['size']): number {
  const { preset, network } = config;
  const { width } = network.summary;
  if (preset === lean.preset && cellsOf(size) > 20) return NARROW_LEAN_WIDTH;
  return preset === mid.preset ? affordableMidWidth(config, size) : width;
}

/** Gives the widest summary, a multiple of 32 up to the preset's, with which `mid` stays within its weights. */
function affordableMidWidth(config: TrainingConfig, size: TrainingConfig['size']): number {
  const { torso, summary, policy, value } = config.network;
  const [u, v, w] = modeLengths(size);
  const cells = torso.channels * (u * v + v * w + w * u);
  const features = countRankFeatures(size, config.arithmetic, affordableProbes(config, size));
  const others = OTHER_MID_WEIGHTS + config.network.entriesPerToken * contextLength(size) * policy.width;
  const weights = (width: number): number =>
    others + width * (cells + features + policy.width + value.width + 2 * summary.blocks * width);
  let width = summary.width;
  while (width > 32 && weights(width) > MAX_MID_WEIGHTS) width -= 32;
  return width;
}

function cellsOf(size: TrainingConfig['size']): number {
  return modeLengths(size).reduce((sum, length) => sum + length);
}

/**
 * Makes the games of the presets for a few cores sparser at larger sizes. A factor keeps as many nonzeros, and a basis as many
 * off-diagonal nonzeros, as at the preset's own size.
 */
function sparser(config: TrainingConfig, size: TrainingConfig['size']): TrainingConfig {
  if (!FOR_FEW_CORES.includes(config.preset)) return config;
  const share = Math.min(1, cellsOf(config.size) / cellsOf(size));
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
 * Fits a preset to another size or arithmetic. At larger sizes the network sees fewer probes. The move limit is one below the schoolbook
 * algorithm's rank: otherwise a game that only finds this algorithm again would be taken for a success and imitated.
 */
export function presetForSize(
  name: PresetName,
  size: TrainingConfig['size'],
  arithmetic: TrainingConfig['arithmetic'] = 'standard',
): TrainingConfig {
  const whole = PRESETS[name];
  const values = arithmetic === 'modulo-2' ? [0, 1] : whole.values;
  const preset = sparser({ ...whole, arithmetic, values }, size);
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

/** Limits the rank of the plain synthetic games beside grown ones. Short games are enough, as they only have to teach how a game ends. */
const PLAIN_RANK_BESIDE_GROWN = 5;

/** Lets the run grow from the factorizations of smaller sizes in `files`. Without files it does not grow. */
export function growing(config: TrainingConfig, files: readonly string[]): TrainingConfig {
  const { demonstrations } = config;
  if (files.length === 0) return { ...config, demonstrations: { ...demonstrations, grown: NOT_GROWN } };
  return withGrownGames(config, files);
}

function withGrownGames(config: TrainingConfig, files: readonly string[]): TrainingConfig {
  const { demonstrations } = config;
  const { synthetic } = demonstrations;
  const { canonicalProbability, offDiagonal } = config.acting.basis;
  const grown = {
    files: [...files],
    share: 0.75,
    // <2,2,3> is <2,2,2> and 4 of its own 12 products; <2,3,3> is <2,2,3> and 6 of its own 18.
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

/**
 * How walks take turns with the learner; half a million flips take a fifth of a second on a core. What is shown stays while the learning rate
 * falls: <4,4,4> learns from it for more than 3000 steps, and others in its place are begun anew.
 */
const FLIPS: NonNullable<TrainingConfig['demonstrations']['flips']> = {
  share: 0.85,
  everySteps: 25,
  flipsPerWalk: 500_000,
  orbits: 2,
  keepSteps: 10_000,
  neighbours: 24,
  ranksAbove: 0,
  halfLife: 1000,
  wrongMoves: 0.2,
};

/**
 * Lets the run's own walks in the flip graph give demonstrations, and grow games from what they find at smaller sizes.
 * @param from files of factorizations that the walks begin with
 */
export function flipping(config: TrainingConfig, from: readonly string[] = []): TrainingConfig {
  const grown = withGrownGames(config, config.demonstrations.grown.files);
  const flips = { ...FLIPS, ...(from.length > 0 && { from: [...from] }) };
  return parseTrainingConfig({ ...grown, demonstrations: { ...grown.demonstrations, flips } });
}

/** How many games of a round begin inside a factorization. They have few moves: for <2,3,3> one takes a quarter of a full game's time. */
const INSIDE_GAMES = 48;

/** Lets the run aim at `rank`. Without one, every game within the move limit is a success. */
export function aimingAt(config: TrainingConfig, rank: number = config.moveLimit): TrainingConfig {
  const goalRank = Math.min(rank, config.moveLimit);
  const { insideGames, insideAfterGoal } = config.acting;
  const ofGoal = goalRank < config.moveLimit ? INSIDE_GAMES : 0;
  return {
    ...config,
    acting: { ...config.acting, goalRank, insideGames: insideAfterGoal ? insideGames : ofGoal },
  };
}
