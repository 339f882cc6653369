import type { Size } from '@alphatensor-edge/shared';
import type { NetworkName } from '../common/options.js';

/** What all rows of games have. */
export interface GamesRow {
  readonly tfBackend: string;
  readonly size: Size;
  readonly network: NetworkName;
  readonly games: number;
}
