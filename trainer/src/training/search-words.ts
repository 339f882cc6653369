import type { FoundFactorization } from './contract.js';

/** Says how a find came about; the tree search from the target is AlphaTensor's, the others are not. */
export function searchWords({ searcher, isInside }: Pick<FoundFactorization, 'searcher' | 'isInside'>): string {
  return `${searcher === 'mcts' ? 'tree search' : 'beam search'}${isInside ? ' inside the best so far' : ''}`;
}
