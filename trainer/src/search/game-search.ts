import { AlphaTensorError, type Random } from '@alphatensor-edge/shared';
import type { Action } from '../game/action.js';
import { terminalReward } from '../game/reward.js';
import { isOver, isSolved, type Position, play } from '../game/state.js';
import type { Evaluation } from './evaluator.js';
import { improvedLogits, SequentialHalving, selectByImprovedPolicy, softmax } from './gumbel.js';
import { chooseMove, improvedPolicy } from './improved-policy.js';
import type { SearchOptions } from './options.js';
import { edgeValue, selectEdge } from './puct.js';
import { mergeSamples, NONE, NodeKind, SearchTree } from './tree.js';

/** Holds what the search found out about one position of a game. The policy learns from it. */
interface SearchedPosition {
  readonly position: Position;
  /** The distinct sampled actions. */
  readonly actions: readonly Action[];
  /** The improved policy I(a) over `actions`. It sums to 1. */
  readonly policy: Float64Array;
  /** N(a) of the same actions. */
  readonly visits: Int32Array;
  /** Q(a) of the same actions, with the move's -1; -Infinity where nothing is known. */
  readonly values: Float64Array;
  /** The network's value of the position, before the search. */
  readonly networkValue: number;
  /** The mean return of the search from this position. */
  readonly searchValue: number;
}

/** Holds a solution that a simulation ran into. */
interface FoundSolution {
  /** Every move from the game's beginning, the opening position's history included. */
  readonly moves: readonly Action[];
  /** The return from the searched game's opening position: minus the moves from there, plus the bonus. */
  readonly return: number;
}

/** Holds a game that was played to its end. */
export interface PlayedGame {
  readonly final: Position;
  readonly solved: boolean;
  /** The terminal reward with its bonus. `returnsToGo` turns it into value targets. */
  readonly terminal: number;
  /** The moves made by the search, in order. */
  readonly moves: readonly Action[];
  /** What the search found out before each move. */
  readonly searched: readonly SearchedPosition[];
  /** The best solution seen in any simulation, whether or not the game went there. */
  readonly best: FoundSolution | undefined;
  /** Number of positions evaluated. */
  readonly evaluations: number;
  readonly simulations: number;
  /** Number of nodes for which actions were drawn. */
  readonly expansions: number;
  /** Number of them below which no simulation went: their samples were wasted. */
  readonly wasted: number;
}

/** Says what a node waits for: its value, its actions, or both at once. */
type Need = 'value' | 'actions' | 'both';

/** Holds a node that waits for the network, and the way to it: `path` lists edges, `nodes` the nodes they start from. */
interface PendingNode {
  readonly need: Need;
  readonly node: number;
  readonly nodes: readonly number[];
  readonly path: readonly number[];
  readonly position: Position;
}

/**
 * Searches one game step by step, so that a driver can evaluate the leaves of many games together. `collect` runs simulations until
 * some wait for the network; `expand` takes the network's answers. `collect` also makes a move as soon as the root has its simulations.
 * Random numbers are drawn only to choose moves.
 */
export class GameSearch {
  readonly #options: SearchOptions;
  readonly #random: Random;
  readonly #opening: Position;
  #position: Position;
  /** The root is node 0. */
  #tree: SearchTree;
  #waiting: PendingNode[] = [];
  readonly #moves: Action[] = [];
  readonly #searched: SearchedPosition[] = [];
  #best: FoundSolution | undefined;
  /** Spends this move's simulations at the root; only with the selection `gumbel`. */
  #halving: SequentialHalving | undefined;
  #evaluations = 0;
  #simulations = 0;
  #expansions = 0;
  /** Number of expanded nodes below which a simulation went. */
  #searchedBelow = 0;

  constructor(opening: Position, options: SearchOptions, random: Random) {
    this.#options = options;
    this.#random = random;
    this.#opening = opening;
    this.#position = opening;
    this.#tree = newTree(opening);
    if (!isOver(opening)) this.#waiting = [{ need: 'both', node: 0, nodes: [], path: [], position: opening }];
  }

  /** Tells whether the game has ended. */
  get isOver(): boolean {
    return isOver(this.#position);
  }

  /** Gives the tree below the current position, for reading only. Each move replaces it. */
  get tree(): SearchTree {
    return this.#tree;
  }

  /** Gives the positions that wait for the network; at first the opening position alone. */
  get waiting(): readonly Position[] {
    return this.#waiting.map((leaf) => leaf.position);
  }

  /** Gives the number of actions to draw for each position of `waiting`; with 0 only its value is wanted. */
  get wanted(): readonly number[] {
    const { samples, rootSamples } = this.#options;
    const drawn = this.#isUnsearched ? rootSamples : samples;
    return this.#waiting.map(({ need }) => (need === 'value' ? 0 : drawn));
  }

  /** Tells whether the opening position still waits for the network. */
  get #isUnsearched(): boolean {
    return this.#expansions === 0;
  }

  /**
   * Takes the network's answers to `waiting`, in order.
   * @throws AlphaTensorError INTERNAL if an answer has no action or no finite value
   */
  expand(evaluations: readonly Evaluation[]): void {
    this.#waiting.forEach((waiting, index) => {
      const { need, node, nodes, path, position } = waiting;
      const { value, actions } = evaluations[index];
      if ((need !== 'value' && actions.length === 0) || !Number.isFinite(value)) {
        throw new AlphaTensorError('INTERNAL', 'The evaluator gave no action or no finite value for a position.');
      }
      if (need !== 'actions') this.#tree.setValue(node, value);
      if (need !== 'value') {
        this.#tree.setActions(node, mergeSamples(actions));
        this.#expansions++;
        this.#closeSolvingEdges(node, position);
      }
      this.#tree.addPending(nodes, path, -1);
      // The opening is no simulation. One that came to a node without actions is run again, now that they are there.
      if (need === 'actions' || path.length === 0) return;
      this.#backUp(nodes, path, value);
      this.#simulations++;
    });
    this.#evaluations += this.#waiting.length;
    this.#waiting = [];
  }

  /** Runs simulations and makes moves until positions wait for the network or the game is over. */
  collect(): void {
    while (this.#waiting.length === 0 && !this.isOver) {
      if (this.#tree.visits[0] >= this.#options.simulations) this.#move();
      else this.#simulateBatch();
    }
  }

  /** Gives the game as played so far; call it when the game is over. */
  result(): PlayedGame {
    return {
      final: this.#position,
      solved: isSolved(this.#position),
      terminal: terminalReward(this.#position, this.#bonus(this.#position)),
      moves: this.#moves,
      searched: this.#searched,
      best: this.#best,
      evaluations: this.#evaluations,
      simulations: this.#simulations,
      expansions: this.#expansions,
      wasted: this.#expansions - this.#searchedBelow,
    };
  }

  #simulateBatch(): void {
    const { simulations, leavesPerStep } = this.#options;
    while (
      this.#waiting.length < leavesPerStep &&
      this.#tree.visits[0] + this.#waiting.length < simulations &&
      this.#simulate()
    );
  }

  /** Runs one simulation. Returns false if it met a node that already waits for the network: then it must be run later. */
  #simulate(): boolean {
    const tree = this.#tree;
    const nodes: number[] = [];
    const path: number[] = [];
    let node = 0;
    while (path.length < this.#options.horizon) {
      if (tree.kind[node] === NodeKind.Valued) {
        this.#wait('actions', node, nodes, path);
        return true;
      }
      if (tree.kind[node] !== NodeKind.Expanded) break;
      const edge = this.#select(node);
      nodes.push(node);
      path.push(edge);
      const known = tree.child[edge];
      if (known !== NONE) {
        node = known;
        continue;
      }
      const before = tree.nodeTotal;
      node = tree.makeChild(node, edge);
      if (tree.nodeTotal > before && this.#isNewLeaf(node, nodes, path)) return true;
    }
    if (tree.kind[node] === NodeKind.Pending) return false;
    this.#halving?.count(path[0]);
    this.#backUp(nodes, path, tree.value[node]);
    this.#simulations++;
    return true;
  }

  #backUp(nodes: readonly number[], path: readonly number[], value: number): void {
    for (const node of nodes) if (this.#tree.visits[node] === 0) this.#searchedBelow++;
    if (this.#options.backup === 'mean') this.#tree.backUp(nodes, path, value);
    else this.#tree.backUpBest(nodes, path);
  }

  #select(node: number): number {
    if (this.#options.selection === 'puct') return selectEdge(this.#tree, node, this.#options);
    return node === 0
      ? this.#rootHalving().select()
      : selectByImprovedPolicy(this.#tree, node, this.#options.valueScale);
  }

  #rootHalving(): SequentialHalving {
    this.#halving ??= new SequentialHalving(this.#tree, this.#options, this.#random);
    return this.#halving;
  }

  /** Closes a new node that is out of moves and returns false; else lets it wait for the network and returns true. */
  #isNewLeaf(node: number, nodes: readonly number[], path: readonly number[]): boolean {
    if (this.#tree.movesLeft[node] === 0) {
      const position = this.#positionOf(node, path);
      this.#tree.close(node, NodeKind.Exhausted, terminalReward(position, this.#bonus(position)));
      return false;
    }
    this.#halving?.count(path[0]);
    this.#wait(this.#options.valueFirst ? 'value' : 'both', node, nodes, path);
    return true;
  }

  /** Lets a node wait for the network. */
  #wait(need: Need, node: number, nodes: readonly number[], path: readonly number[]): void {
    this.#tree.kind[node] = NodeKind.Pending;
    this.#tree.addPending(nodes, path, 1);
    this.#waiting.push({ need, node, nodes, path, position: this.#positionOf(node, path) });
  }

  /** Makes the position that `path` leads to. */
  #positionOf(node: number, path: readonly number[]): Position {
    const tree = this.#tree;
    return {
      rules: this.#position.rules,
      residual: tree.residualOf(node).slice(),
      history: [...this.#position.history, ...path.map((edge) => tree.actionOf(edge).slice())],
      movesLeft: tree.movesLeft[node],
    };
  }

  /** Closes the edges of a new node whose moves solve it: their end has a known value, 0 plus the bonus. */
  #closeSolvingEdges(node: number, position: Position): void {
    const tree = this.#tree;
    const first = tree.firstEdge[node];
    for (let edge = first; edge < first + tree.edgeCount[node]; edge++) {
      if (!tree.solves(node, edge)) continue;
      const end = play(position, tree.actionOf(edge).slice());
      const bonus = this.#bonus(end);
      const child = tree.addNode(end.residual, end.movesLeft);
      tree.child[edge] = child;
      tree.close(child, NodeKind.Solved, terminalReward(end, bonus));
      const total = this.#opening.history.length - end.history.length + bonus;
      if (this.#best === undefined || total > this.#best.return) this.#best = { moves: end.history, return: total };
    }
  }

  #bonus(end: Position): number {
    return this.#options.terminalBonus?.(end) ?? 0;
  }

  /** Makes the move that the search chose and keeps its subtree. */
  #move(): void {
    const tree = this.#tree;
    const first = tree.firstEdge[0];
    const edges = Array.from({ length: tree.edgeCount[0] }, (_, index) => first + index);
    const visits = Int32Array.from(edges, (edge) => tree.edgeVisits[edge]);
    const actions = edges.map((edge) => tree.actionOf(edge).slice());
    const values = Float64Array.from(edges, (edge) => edgeValue(tree, edge, Number.NEGATIVE_INFINITY));
    const { policy, chosen } = this.#decide(visits, values);
    this.#searched.push({
      position: this.#position,
      actions,
      policy,
      visits,
      values,
      networkValue: tree.value[0],
      searchValue: tree.meanOf(0),
    });
    this.#moves.push(actions[chosen]);
    this.#position = play(this.#position, actions[chosen]);
    this.#tree = tree.prune(tree.child[edges[chosen]]);
    this.#halving = undefined;
  }

  /** Gives the improved policy of the root and the index of the chosen move. */
  #decide(visits: Int32Array, values: Float64Array): { policy: Float64Array; chosen: number } {
    const { selection, policyVisits, valueScale } = this.#options;
    if (selection === 'puct') {
      const policy = improvedPolicy(visits, policyVisits);
      return { policy, chosen: chooseMove(visits, values, policy, this.#random) };
    }
    const policy = softmax(improvedLogits(this.#tree, 0, valueScale));
    return { policy, chosen: this.#rootHalving().choose() - this.#tree.firstEdge[0] };
  }
}

function newTree(opening: Position): SearchTree {
  const tree = new SearchTree(opening.rules);
  tree.addNode(opening.residual, opening.movesLeft);
  return tree;
}
