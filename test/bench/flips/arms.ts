import type { TrainingConfig } from '@alphatensor-edge/trainer/config.js';
import { flipping } from '@alphatensor-edge/trainer/presets.js';
import type { OpeningRow } from '../hits/from-opening.js';

/** Makes the configuration of an arm from the one that all have in common. */
type Change = (config: TrainingConfig) => TrainingConfig;

const playing =
  (acting: Partial<TrainingConfig['acting']>): Change =>
  (config) => ({ ...config, acting: { ...config.acting, ...acting } });

/** Shows algorithms, and plays, as the article does: in random bases too, under symmetries; positions are shown in the normal form of their signs. */
const underSymmetries: Change = ({ acting, replay: { images: _, ...replay }, network, ...config }) => ({
  ...config,
  network: { ...network, normalizeSigns: true },
  replay,
  acting: { ...acting, basis: { ...acting.basis, canonicalProbability: 0.7 } },
});

const showing =
  (shown: Partial<NonNullable<TrainingConfig['demonstrations']['flips']>>): Change =>
  ({ demonstrations: { flips, ...demonstrations }, ...config }) => ({
    ...config,
    demonstrations: { ...demonstrations, flips: flips && { ...flips, ...shown } },
  });

/** The arms of the ablation: what flip demonstrations, own games and their search add. */
export const ARMS = {
  /** Demonstrations of the run's own walks, and own games by tree search. */
  full: flipping,
  /** The same without own games. */
  'no-self-play': (config) => playing({ games: 0 })(flipping(config)),
  /** The same with own games by beam search, which has no policy to imitate; its finds are imitated. */
  'beam-play': (config) => playing({ mode: 'beam' })(flipping(config)),
  /** Own games by tree search, without demonstrations. */
  'no-flips': (config) => config,
  /** Random tensors of known factorization alone. */
  neither: playing({ games: 0 }),
  /** Own games, and demonstrations without their neighbours. */
  'no-neighbours': (config) => showing({ neighbours: 0 })(flipping(config)),
  /** Own games, and demonstrations of twelve orbits instead of two, which differ more than an algorithm and its neighbours do. */
  varied: (config) => showing({ orbits: 12 })(flipping(config)),
  /** Without own games, and demonstrations are shown under symmetries and in random bases. */
  symmetric: (config) => underSymmetries(playing({ games: 0 })(flipping(config))),
} as const satisfies Readonly<Record<string, Change>>;
export type ArmName = keyof typeof ARMS;
export const ARM_NAMES = Object.keys(ARMS) as ArmName[];

/** What an arm came to with one seed. */
export interface ArmResult {
  readonly arm: ArmName;
  readonly seed: number;
  readonly step: number;
  readonly seconds: number;
  /** The lowest rank that its own games found. */
  readonly bestRank: number | null;
  readonly rows: readonly OpeningRow[];
}
