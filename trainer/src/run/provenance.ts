import { INSIDE_SCHOOLBOOK } from '@alphatensor-edge/shared';
import type { FoundFactorization } from '../training/contract.js';

/** What went into a network beside its own games of its own size. */
export interface NetworkProvenance {
  /** Known algorithms of the game's size that were shown to it. */
  readonly demonstrations: readonly string[];
  /**
   * Factorizations of smaller sizes that synthetic games were grown from, with size, rank and origin; and INSIDE_SCHOOLBOOK, if games
   * began there.
   */
  readonly grownFrom: readonly string[];
}

/** Every output says whether known algorithms went in, and whether smaller ones did. */
export function provenanceWords({ demonstrations, grownFrom }: NetworkProvenance): string {
  const parts = [
    ...(demonstrations.length > 0 ? [`bootstrapped from demonstrations: ${demonstrations.join(', ')}`] : []),
    ...(grownFrom.length > 0 ? [grownWords({ demonstrations, grownFrom })] : []),
  ];
  return parts.length > 0 ? parts.join('; ') : 'from scratch (no known algorithm was shown to the network)';
}

function grownWords({ demonstrations, grownFrom }: NetworkProvenance): string {
  const smaller = grownFrom.filter((source) => source !== INSIDE_SCHOOLBOOK);
  const isInside = smaller.length < grownFrom.length;
  return [
    ...(smaller.length > 0 ? [`grown from smaller results: ${smaller.join(', ')}`] : []),
    ...(isInside ? [`with ${INSIDE_SCHOOLBOOK}`] : []),
    ...(demonstrations.length > 0
      ? []
      : [`no ${isInside ? 'better ' : ''}algorithm of the target size was shown to the network`]),
  ].join('; ');
}

/** How a find came about; the tree search from the target is AlphaTensor's, the others are not. */
export function searchWords({ searcher, isInside }: Pick<FoundFactorization, 'searcher' | 'isInside'>): string {
  return `${searcher === 'mcts' ? 'tree search' : 'beam search'}${isInside ? ' inside the best so far' : ''}`;
}
