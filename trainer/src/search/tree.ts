import { modeLengths } from '@alphatensor-edge/shared';
import { type Action, factorsOf } from '../game/action.js';
import { MOVE_REWARD } from '../game/reward.js';
import { type GameRules, subtractTerm } from '../game/state.js';
import { grown, hashBytes, sameBytes } from './arrays.js';

/** Stands for no node: the child of an edge that was never followed. */
export const NONE = -1;

/** Names what is known of a node. */
export const NodeKind = {
  /** Waits for the network. */
  Pending: 0,
  /** Evaluated and has edges. */
  Expanded: 1,
  /** Has a residual of zero. */
  Solved: 2,
  /** Out of moves and not solved. */
  Exhausted: 3,
  /** Has the network's value, but no actions yet. */
  Valued: 4,
} as const;
export type NodeKind = (typeof NodeKind)[keyof typeof NodeKind];

/** Holds one distinct action of a node, merged from the equal samples. */
interface MergedAction {
  readonly action: Action;
  /** Its share of the samples. */
  readonly prior: number;
}

/** Merges equal samples, in order of first occurrence. Of K samples, a prior is count / K, so the priors sum to 1. */
export function mergeSamples(samples: readonly Action[]): MergedAction[] {
  const distinct: Action[] = [];
  const counts: number[] = [];
  const hashes: number[] = [];
  for (const action of samples) {
    const hash = hashBytes(action, 0);
    let index = hashes.indexOf(hash);
    while (index !== -1 && !sameBytes(action, distinct[index])) index = hashes.indexOf(hash, index + 1);
    if (index === -1) {
      distinct.push(action);
      counts.push(1);
      hashes.push(hash);
    } else {
      counts[index]++;
    }
  }
  return distinct.map((action, index) => ({ action, prior: counts[index] / samples.length }));
}

/**
 * Holds the search graph of one game as a struct of arrays. A node is a state: a residual and the moves left. Its edges are the range
 * firstEdge … firstEdge+edgeCount-1 and hold moves. Equal states reached by different moves are one node (a transposition), so visits
 * and returns belong to edges and nodes, not to paths. Returns count -1 for each move and are not discounted.
 */
export class SearchTree {
  readonly rules: GameRules;
  readonly #volume: number;
  readonly #actionLength: number;

  nodeTotal = 0;
  edgeTotal = 0;

  // Arrays of nodes. Shape [nodes]; residual [nodes, n*m * m*p * p*n].
  residual: Int8Array;
  movesLeft: Int32Array;
  kind: Uint8Array;
  /** The network's value, or the exact value of a terminal node. */
  value: Float64Array;
  /** Number of finished simulations that went on from here: the sum of N over the edges. */
  visits: Int32Array;
  /** Number of simulations from here that wait for the network. `visits` does not count them. */
  pending: Int32Array;
  /** `value` plus the returns of the `visits` simulations. */
  returns: Float64Array;
  firstEdge: Int32Array;
  edgeCount: Int32Array;
  #nextSameHash: Int32Array;
  readonly #byHash = new Map<number, number>();

  // Arrays of edges. Shape [edges]; action [edges, n*m + m*p + p*n].
  action: Int8Array;
  prior: Float64Array;
  /** N(s, a). */
  edgeVisits: Int32Array;
  edgePending: Int32Array;
  /** W(s, a): the sum of the returns from s on, with the edge's -1. */
  edgeReturns: Float64Array;
  /** A node, or NONE. */
  child: Int32Array;

  /** The lowest and the highest value in the tree, among the values of nodes and the means of edges. */
  minimum = Number.POSITIVE_INFINITY;
  maximum = Number.NEGATIVE_INFINITY;

  readonly #scratch: Int8Array;

  constructor(rules: GameRules, nodeCapacity = 64, edgeCapacity = 512) {
    const [lengthU, lengthV, lengthW] = modeLengths(rules.size);
    this.rules = rules;
    this.#volume = lengthU * lengthV * lengthW;
    this.#actionLength = lengthU + lengthV + lengthW;
    this.#scratch = new Int8Array(this.#volume);

    this.residual = new Int8Array(nodeCapacity * this.#volume);
    this.movesLeft = new Int32Array(nodeCapacity);
    this.kind = new Uint8Array(nodeCapacity);
    this.value = new Float64Array(nodeCapacity);
    this.visits = new Int32Array(nodeCapacity);
    this.pending = new Int32Array(nodeCapacity);
    this.returns = new Float64Array(nodeCapacity);
    this.firstEdge = new Int32Array(nodeCapacity);
    this.edgeCount = new Int32Array(nodeCapacity);
    this.#nextSameHash = new Int32Array(nodeCapacity);

    this.action = new Int8Array(edgeCapacity * this.#actionLength);
    this.prior = new Float64Array(edgeCapacity);
    this.edgeVisits = new Int32Array(edgeCapacity);
    this.edgePending = new Int32Array(edgeCapacity);
    this.edgeReturns = new Float64Array(edgeCapacity);
    this.child = new Int32Array(edgeCapacity);
  }

  /** Gives a node's residual as a view. */
  residualOf(node: number): Int8Array {
    return this.residual.subarray(node * this.#volume, (node + 1) * this.#volume);
  }

  /** Gives an edge's move as a view. */
  actionOf(edge: number): Action {
    return this.action.subarray(edge * this.#actionLength, (edge + 1) * this.#actionLength);
  }

  /** Counts the bytes of the arrays: of a node, of an edge, and of all arrays with their spare room. The index by hash is not counted. */
  get memory(): { readonly perNode: number; readonly perEdge: number; readonly allocated: number } {
    const nodes = [this.residual, this.movesLeft, this.kind, this.value, this.visits, this.pending, this.returns];
    const ranges = [this.firstEdge, this.edgeCount, this.#nextSameHash];
    const edges = [this.action, this.prior, this.edgeVisits, this.edgePending, this.edgeReturns, this.child];
    const bytes = (arrays: readonly ArrayBufferView[]): number => arrays.reduce((sum, x) => sum + x.byteLength, 0);
    const [ofNodes, ofEdges] = [bytes([...nodes, ...ranges]), bytes(edges)];
    return {
      perNode: ofNodes / this.movesLeft.length,
      perEdge: ofEdges / this.child.length,
      allocated: ofNodes + ofEdges,
    };
  }

  /** Computes the mean return from a node on, over its own value and every simulation that went on from it. */
  meanOf(node: number): number {
    return this.returns[node] / (1 + this.visits[node]);
  }

  /** Adds a node that waits for the network. */
  addNode(residual: Int8Array, movesLeft: number): number {
    if (this.nodeTotal === this.movesLeft.length) this.#growNodes();
    const node = this.nodeTotal++;
    this.residual.set(residual, node * this.#volume);
    this.movesLeft[node] = movesLeft;
    this.kind[node] = NodeKind.Pending;
    const hash = hashBytes(residual, movesLeft);
    this.#nextSameHash[node] = this.#byHash.get(hash) ?? NONE;
    this.#byHash.set(hash, node);
    return node;
  }

  /** Finds the node of a state; NONE if there is none. Hashes only choose the candidates; the states are compared in full. */
  findNode(residual: Int8Array, movesLeft: number): number {
    let node = this.#byHash.get(hashBytes(residual, movesLeft)) ?? NONE;
    while (node !== NONE && !(this.movesLeft[node] === movesLeft && sameBytes(residual, this.residualOf(node)))) {
      node = this.#nextSameHash[node];
    }
    return node;
  }

  /** Follows an edge for the first time. Gives the node of the state it leads to, which is a new pending node if the state is new. */
  makeChild(node: number, edge: number): number {
    const residual = this.#scratch;
    residual.set(this.residualOf(node));
    subtractTerm(residual, this.actionOf(edge), this.rules);
    const movesLeft = this.movesLeft[node] - 1;
    const known = this.findNode(residual, movesLeft);
    const child = known === NONE ? this.addNode(residual, movesLeft) : known;
    this.child[edge] = child;
    return child;
  }

  /** Closes a terminal node with its exact value. */
  close(node: number, kind: typeof NodeKind.Solved | typeof NodeKind.Exhausted, value: number): void {
    this.kind[node] = kind;
    this.value[node] = value;
    this.returns[node] = value;
    this.widen(value);
  }

  /** Gives a pending node the network's value. */
  setValue(node: number, value: number): void {
    this.kind[node] = NodeKind.Valued;
    this.value[node] = value;
    this.returns[node] = value;
    this.widen(value);
  }

  /** Gives a node that has its value its edges. */
  setActions(node: number, actions: readonly MergedAction[]): void {
    while (this.edgeTotal + actions.length > this.child.length) this.#growEdges();
    this.kind[node] = NodeKind.Expanded;
    this.firstEdge[node] = this.edgeTotal;
    this.edgeCount[node] = actions.length;
    for (const { action, prior } of actions) {
      const edge = this.edgeTotal++;
      this.action.set(action, edge * this.#actionLength);
      this.prior[edge] = prior;
      this.child[edge] = NONE;
    }
  }

  /** Tells whether the edge's move makes the node's residual zero. Stops at the first entry that is not zero. */
  solves(node: number, edge: number): boolean {
    const residual = this.residualOf(node);
    const [u, v, w] = factorsOf(this.actionOf(edge), this.rules.size);
    const modulo2 = this.rules.arithmetic === 'modulo-2';
    let index = 0;
    for (let a = 0; a < u.length; a++) {
      for (let b = 0; b < v.length; b++) {
        const uv = u[a] * v[b];
        for (let c = 0; c < w.length; c++) {
          const left = residual[index++] - uv * w[c];
          if ((modulo2 ? left & 1 : left) !== 0) return false;
        }
      }
    }
    return true;
  }

  /** Records a simulation that took `path` (edges of `nodes`) to a state worth `value`. */
  backUp(nodes: readonly number[], path: readonly number[], value: number): void {
    let total = value;
    for (let depth = path.length - 1; depth >= 0; depth--) {
      total += MOVE_REWARD;
      const [node, edge] = [nodes[depth], path[depth]];
      this.visits[node]++;
      this.returns[node] += total;
      this.edgeVisits[edge]++;
      this.edgeReturns[edge] += total;
      this.widen(this.edgeReturns[edge] / this.edgeVisits[edge]);
    }
  }

  /**
   * Records a simulation like `backUp`, but Q is the best that the simulations came to, not their mean: Q(s, a) = -1 + (V + N max Q) /
   * (1 + N), with V and N of the state after a. The last state of the path must already have its value.
   */
  backUpBest(nodes: readonly number[], path: readonly number[]): void {
    for (let depth = path.length - 1; depth >= 0; depth--) {
      const [node, edge] = [nodes[depth], path[depth]];
      const value = MOVE_REWARD + this.meanOf(this.child[edge]);
      this.visits[node]++;
      this.edgeVisits[edge]++;
      this.edgeReturns[edge] = this.edgeVisits[edge] * value;
      this.returns[node] = this.value[node] + this.visits[node] * this.#bestEdgeMean(node);
      this.widen(value);
    }
  }

  #bestEdgeMean(node: number): number {
    let best = Number.NEGATIVE_INFINITY;
    for (let edge = this.firstEdge[node]; edge < this.firstEdge[node] + this.edgeCount[node]; edge++) {
      if (this.edgeVisits[edge] > 0) best = Math.max(best, this.edgeReturns[edge] / this.edgeVisits[edge]);
    }
    return best;
  }

  /** Marks (1) or unmarks (-1) a simulation as waiting for the network. */
  addPending(nodes: readonly number[], path: readonly number[], amount: 1 | -1): void {
    for (let depth = 0; depth < path.length; depth++) {
      this.pending[nodes[depth]] += amount;
      this.edgePending[path[depth]] += amount;
    }
  }

  /** Makes a tree of the nodes that `root` leads to, with `root` as node 0. All others are dropped. */
  prune(root: number): SearchTree {
    const order = [root];
    const renamed = new Int32Array(this.nodeTotal).fill(NONE);
    renamed[root] = 0;
    let edges = 0;
    for (const node of order) {
      edges += this.edgeCount[node];
      for (let e = 0; e < this.edgeCount[node]; e++) {
        const child = this.child[this.firstEdge[node] + e];
        if (child === NONE || renamed[child] !== NONE) continue;
        renamed[child] = order.length;
        order.push(child);
      }
    }
    const pruned = new SearchTree(this.rules, Math.max(64, 2 * order.length), Math.max(512, 2 * edges));
    for (const node of order) this.#copyNode(node, pruned, renamed);
    return pruned;
  }

  /** Widens the range that values are normalized by. */
  widen(value: number): void {
    if (value < this.minimum) this.minimum = value;
    if (value > this.maximum) this.maximum = value;
  }

  #copyNode(node: number, to: SearchTree, renamed: Int32Array): void {
    const copy = to.addNode(this.residualOf(node), this.movesLeft[node]);
    to.kind[copy] = this.kind[node];
    to.value[copy] = this.value[node];
    to.visits[copy] = this.visits[node];
    to.returns[copy] = this.returns[node];
    to.firstEdge[copy] = to.edgeTotal;
    to.edgeCount[copy] = this.edgeCount[node];
    to.widen(this.value[node]);
    for (let e = 0; e < this.edgeCount[node]; e++) {
      const edge = this.firstEdge[node] + e;
      const copied = to.edgeTotal++;
      const child = this.child[edge];
      to.action.set(this.actionOf(edge), copied * this.#actionLength);
      to.prior[copied] = this.prior[edge];
      to.edgeVisits[copied] = this.edgeVisits[edge];
      to.edgeReturns[copied] = this.edgeReturns[edge];
      to.child[copied] = child === NONE ? NONE : renamed[child];
      if (this.edgeVisits[edge] > 0) to.widen(this.edgeReturns[edge] / this.edgeVisits[edge]);
    }
  }

  #growNodes(): void {
    const capacity = 2 * this.movesLeft.length;
    this.residual = grown(this.residual, capacity * this.#volume);
    this.movesLeft = grown(this.movesLeft, capacity);
    this.kind = grown(this.kind, capacity);
    this.value = grown(this.value, capacity);
    this.visits = grown(this.visits, capacity);
    this.pending = grown(this.pending, capacity);
    this.returns = grown(this.returns, capacity);
    this.firstEdge = grown(this.firstEdge, capacity);
    this.edgeCount = grown(this.edgeCount, capacity);
    this.#nextSameHash = grown(this.#nextSameHash, capacity);
  }

  #growEdges(): void {
    const capacity = 2 * this.child.length;
    this.action = grown(this.action, capacity * this.#actionLength);
    this.prior = grown(this.prior, capacity);
    this.edgeVisits = grown(this.edgeVisits, capacity);
    this.edgePending = grown(this.edgePending, capacity);
    this.edgeReturns = grown(this.edgeReturns, capacity);
    this.child = grown(this.child, capacity);
  }
}
