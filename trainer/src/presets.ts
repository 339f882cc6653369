import { modeLengths, standardRank } from '@alphatensor-edge/shared';
import { NOT_GROWN, parseTrainingConfig, type TrainingConfig } from './config.js';
import { countRankFeatures } from './game/observation.js';
import { lean } from './presets/lean.js';
import { paper } from './presets/paper.js';
import { small } from './presets/small.js';
import { tiny } from './presets/tiny.js';

/** Holds each preset, written whole, for its own size. */
export const PRESETS = { tiny, lean, small, paper } as const;
export type PresetName = keyof typeof PRESETS;

/** Rank features a preset shows for another size at most. 4x4x4 with the four nonzeros of 2x2x2 would have 818,688. */
const MAX_PRESET_FEATURES = 1 << 14;
/** Of `lean`, so that its steps stay short. */
const MAX_LEAN_FEATURES = 3 << 10;
/** Of `lean` for sizes whose modes are longer than those of <2,2,4> together: a checkpoint of <2,3,3> has less than 4 MB then. */
const NARROW_LEAN_WIDTH = 352;

/** Counts the most nonzeros, up to the preset's, whose rank features stay affordable for this size. */
function affordableProbes({ preset, network, arithmetic }: TrainingConfig, size: TrainingConfig['size']): number {
  const most = preset === lean.preset ? MAX_LEAN_FEATURES : MAX_PRESET_FEATURES;
  let nonzeros = network.probeNonzeros;
  while (countRankFeatures(size, arithmetic, nonzeros) > most) nonzeros--;
  return nonzeros;
}

/** Narrows the summary of `lean` where the size is long. */
function affordableWidth({ preset, network }: TrainingConfig, size: TrainingConfig['size']): number {
  return preset === lean.preset && cellsOf(size) > 20 ? NARROW_LEAN_WIDTH : network.summary.width;
}

function cellsOf(size: TrainingConfig['size']): number {
  return modeLengths(size).reduce((sum, length) => sum + length);
}

/** Gives `lean` as many nonzeros a factor, and off-diagonal ones a basis, as it has for its own size, where the modes are longer. */
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
 * Fits a preset to another size or arithmetic. Larger sizes show the network fewer probes. The move limit is one below the schoolbook
 * algorithm's rank: a game that only finds that again would be taken for a success and imitated.
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

/** Plain synthetic games beside grown ones are short: what they must teach is how a game ends. */
const PLAIN_RANK_BESIDE_GROWN = 5;

/** Lets the run grow from the factorizations of smaller sizes in `files`; without any it does not grow. */
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

/** These games have few moves: one takes about a quarter of the time that one from the target of <2,3,3> takes. */
const INSIDE_GAMES = 48;

/** Lets the run aim at `rank`; without one every game within the move limit is a success. */
export function aimingAt(config: TrainingConfig, rank: number = config.moveLimit): TrainingConfig {
  const goalRank = Math.min(rank, config.moveLimit);
  return {
    ...config,
    acting: { ...config.acting, goalRank, insideGames: goalRank < config.moveLimit ? INSIDE_GAMES : 0 },
  };
}
