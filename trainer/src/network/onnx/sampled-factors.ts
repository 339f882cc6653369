import { modeLengths } from '@alphatensor-edge/shared';
import type { GraphBuilder, GraphValue } from '../../onnx/graph-builder.js';
import { ElementType } from '../../onnx/messages.js';
import type { NetworkLayout } from '../layout.js';
import type { GraphOperations } from './graph-operations.js';

/**
 * Holds the tokens of a graph's actions that are drawn so far, and computes what depends on them: the contexts and masks of the next
 * token. It does in the graph what `writeContext`, `decodeToken` and `maskRow` of game/ do for one action.
 */
export class SampledFactors {
  readonly #graph: GraphBuilder;
  readonly #o: GraphOperations;
  readonly #layout: NetworkLayout;
  /** [states, u, v * w], and [states, v, u * w]. */
  readonly #residual: { readonly byU: GraphValue; readonly byV: GraphValue };
  /** The entries that each token spells, [states, samples, entries], as real numbers. */
  readonly #parts: GraphValue[] = [];
  /** Whether the factor of the next token has a nonzero entry, [states, samples, 1]; undefined at its beginning. */
  #isNonzero: GraphValue | undefined;

  /** @param tensors [states, planes, u, v, w], the residual first */
  constructor(graph: GraphBuilder, o: GraphOperations, layout: NetworkLayout, tensors: GraphValue) {
    this.#graph = graph;
    this.#o = o;
    this.#layout = layout;
    const [u, v, w] = this.#lengths;
    const residual = o.reshape(o.slice(tensors, 1, 0, 1), [-1, u, v, w]);
    const swapped = o.transpose(residual, [0, 2, 1, 3]);
    this.#residual = { byU: o.reshape(residual, [-1, u, v * w]), byV: o.reshape(swapped, [-1, v, u * w]) };
  }

  get #lengths(): readonly [u: number, v: number, w: number] {
    return modeLengths(this.#layout.rules.size);
  }

  /** Gives the parts of the context of the token at `position`, T.u, T.v and T.u.v, [rows, 1, entries] each. */
  contexts(position: number): GraphValue[] {
    const o = this.#o;
    const [u, v, w] = this.#lengths;
    const known = this.#layout.tokens.slots[position].offset;
    const [knownU, knownV] = [Math.min(known, u), Math.min(Math.max(known - u, 0), v)];
    const byU = this.#contraction(this.#residual.byU, 0, knownU, v * w);
    const byV = this.#contraction(this.#residual.byV, u, knownV, u * w);
    if (knownV === 0) return [byU, byV, this.#zeros(w)];
    const matrices = o.slice(o.reshape(byU, [-1, v, w]), 1, 0, knownV);
    const rows = o.reshape(this.#entries(u, knownV), [-1, 1, knownV]);
    return [byU, byV, o.matMul(rows, matrices)];
  }

  /** Gives what is added to the logits of the token at `position`; see `TokenMasks`. */
  mask(position: number): GraphValue {
    const { masks } = this.#layout;
    const [zero, free] = [masks.whileZero[position], masks.free[position]];
    if (this.#isNonzero === undefined || zero === free) return this.#maskRow(zero);
    const shape = this.#isNonzero.shape.with(-1, this.#layout.tokens.vocabulary);
    return this.#graph.node('Where', [this.#isNonzero, this.#maskRow(free), this.#maskRow(zero)], shape);
  }

  /** Takes the tokens drawn at `position`, [states, samples]. */
  take(position: number, tokens: GraphValue): void {
    const { entries, endsFactor } = this.#layout.tokens.slots[position];
    const { values, vocabulary } = this.#layout.tokens;
    const digits = Array.from({ length: vocabulary }, (_, token) =>
      Array.from({ length: entries }, (_, place) => values[Math.floor(token / values.length ** place) % values.length]),
    );
    const spelled = this.#graph.floats(`digits/${entries}`, Float32Array.from(digits.flat()), [vocabulary, entries]);
    this.#parts.push(this.#graph.node('Gather', [spelled, tokens], [...tokens.shape, entries]));
    if (endsFactor) {
      this.#isNonzero = undefined;
      return;
    }
    const nonzero = Uint8Array.from(digits, (each) => (each.some((digit) => digit !== 0) ? 1 : 0));
    const table = this.#graph.initializer(`nonzero/${entries}`, nonzero, [vocabulary, 1], ElementType.Bool);
    const isNonzero = this.#graph.node('Gather', [table, tokens], [...tokens.shape, 1]);
    this.#isNonzero =
      this.#isNonzero === undefined ? isNonzero : this.#graph.node('Or', [this.#isNonzero, isNonzero], isNonzero.shape);
  }

  /** Gives all entries of the actions, [states, samples, entries]. */
  actions(): GraphValue {
    return this.#o.concat(this.#parts, 2);
  }

  /** Contracts the residual with the first `known` entries of the factor that begins at `start`. */
  #contraction(residual: GraphValue, start: number, known: number, length: number): GraphValue {
    if (known === 0) return this.#zeros(length);
    const product = this.#o.matMul(this.#entries(start, known), this.#o.slice(residual, 1, 0, known));
    return this.#o.reshape(product, [-1, 1, length]);
  }

  /** Gives `count` entries from `start` on, which whole tokens spell. */
  #entries(start: number, count: number): GraphValue {
    const { slots } = this.#layout.tokens;
    const parts = this.#parts.filter((_, index) => slots[index].offset >= start && slots[index].offset < start + count);
    return parts.length === 1 ? parts[0] : this.#o.concat(parts, 2);
  }

  #zeros(length: number): GraphValue {
    return this.#graph.floats(`zeros/${length}`, new Float32Array(length), [1, 1, length]);
  }

  #maskRow(row: number): GraphValue {
    const { vocabulary } = this.#layout.tokens;
    const values = this.#layout.masks.table.subarray(row * vocabulary, (row + 1) * vocabulary);
    return this.#graph.floats(`mask/${row}`, values, [vocabulary]);
  }
}
