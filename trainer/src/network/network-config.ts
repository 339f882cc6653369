import type { PolicyConfig } from './policy-head.js';
import type { TorsoConfig } from './torso.js';
import type { ValueConfig } from './value-head.js';

/** Sets the shape of the network. */
export interface NetworkConfig {
  /** Number of entries of a factor that one token spells. */
  readonly entriesPerToken: number;
  /** Number of past moves that the torso sees. */
  readonly historyLength: number;
  /** Number of coordinates in which the network sees positions; see permutations.ts. */
  readonly signedPermutations: number;
  /** Whether positions are shown in the normal form of their signs; see permutations.ts. Absent: they are not. */
  readonly normalizeSigns?: boolean | undefined;
  /** See `observationLayout`. */
  readonly probeNonzeros: number;
  readonly torso: TorsoConfig;
  /** The layers that turn the grids' cells (all of them, or their mean) and the rank features into one vector, the summary. */
  readonly summary: { readonly pooling: 'all' | 'mean'; readonly width: number; readonly blocks: number };
  readonly policy: PolicyConfig;
  readonly value: ValueConfig;
}
