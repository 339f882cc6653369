import type { Measured } from './devices.js';
import type { GameEnd } from './run.js';

/** The file that --save writes and `again` reads: what the games of the second half of each run ended with. */
export interface SavedRuns extends Measured {
  readonly runs: readonly { readonly seed: number; readonly arm: string; readonly late: readonly GameEnd[] }[];
}
