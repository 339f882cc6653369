import type { SearchTree } from '@alphatensor-edge/trainer/search/tree.js';

/** How large a search tree is; a node's memory is its own and that of its edges. */
export interface TreeSize {
  readonly nodes: number;
  readonly edges: number;
  readonly bytes: number;
  readonly bytesPerNode: number;
}

export const NO_TREE: TreeSize = { nodes: 0, edges: 0, bytes: 0, bytesPerNode: 0 };

export function sizeOf({ nodeTotal: nodes, edgeTotal: edges, memory }: SearchTree): TreeSize {
  return { nodes, edges, bytes: memory.allocated, bytesPerNode: memory.perNode + (edges / nodes) * memory.perEdge };
}
