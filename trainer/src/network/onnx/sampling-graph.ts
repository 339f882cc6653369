import { modeLengths } from '@alphatensor-edge/shared';
import { GraphBuilder, type GraphValue } from '../../onnx/graph-builder.js';
import { ElementType } from '../../onnx/messages.js';
import { type Encoded, encode } from '../encoder.js';
import type { NetworkLayout } from '../layout.js';
import type { StoredWeight } from '../parameters.js';
import { type PolicyCache, policyLogits, repeatCache } from '../policy-head.js';
import { GraphOperations } from './graph-operations.js';
import { SampledFactors } from './sampled-factors.js';

/**
 * Makes the graph that does for a batch of positions everything that `Network.sample` does. Inputs: `tensors`, `ranks` (where the network
 * has rank features) and `scalars` as in game/observation.ts, and `uniforms` [move length, states, samples], random numbers in [0, 1).
 * Outputs: `quantiles` [states, quantiles], `actions` [states, samples, entries], and `logits/t` of each token before masking,
 * [rows, 1, vocabulary]; for the first token a row is a state, as all samples share it. With 0 samples the graph gives `quantiles` alone.
 */
export function samplingGraph(layout: NetworkLayout, weights: readonly StoredWeight[], samples: number): Uint8Array {
  const graph = new GraphBuilder();
  const o = new GraphOperations(graph, weights);
  const { size, historyLength, rankFeatures } = layout.observations;
  const tensors = graph.input('tensors', [-1, 1 + historyLength, ...modeLengths(size)]);
  const ranks = rankFeatures > 0 ? graph.input('ranks', [-1, rankFeatures]) : undefined;
  const scalars = graph.input('scalars', [-1, 1]);
  const encoded = encode(o, layout.config, { tensors, ranks, scalars });
  graph.output('quantiles', encoded.quantiles);
  if (samples > 0) {
    const uniforms = graph.input('uniforms', [layout.tokens.length, -1, samples]);
    sampleActions(graph, o, layout, encoded, tensors, uniforms);
  }
  return graph.model();
}

function sampleActions(
  graph: GraphBuilder,
  o: GraphOperations,
  layout: NetworkLayout,
  { memory }: Encoded<GraphValue>,
  tensors: GraphValue,
  uniforms: GraphValue,
): void {
  const { config, tokens } = layout;
  const { length, vocabulary } = tokens;
  const [, , samples] = uniforms.shape;
  const factors = new SampledFactors(graph, o, layout, tensors);
  let previous = graph.initializer('start', BigInt64Array.of(BigInt(vocabulary)), [1, 1], ElementType.Int64);
  let cache: PolicyCache<GraphValue> | undefined;
  for (let position = 0; position < length; position++) {
    // All samples of a state have the same distribution of the first token.
    const perState = position === 0 ? 1 : samples;
    const input = { samples: perState, previous, position, contexts: factors.contexts(position) };
    const step = policyLogits(o, config.policy, vocabulary, length, memory, input, cache);
    graph.output(`logits/${position}`, step.logits);
    cache = position === 0 ? repeatCache(o, step.cache, samples) : step.cache;
    const masked = o.add(o.reshape(step.logits, [-1, perState, vocabulary]), factors.mask(position));
    const drawn = drawTokens(graph, o, masked, uniforms, position);
    factors.take(position, drawn);
    previous = o.reshape(drawn, [-1, 1]);
  }
  const actions = factors.actions();
  graph.output('actions', graph.node('Cast', [actions], actions.shape, { to: ElementType.Int8 }), ElementType.Int8);
}

/**
 * Draws tokens from softmax(logits) by inverting the cumulative distribution: the token is the first whose cumulative probability is
 * above the random number, so that a token of probability 0 is never drawn.
 * @param logits [states, 1 or samples, vocabulary], masked
 * @returns [states, samples]
 */
function drawTokens(
  graph: GraphBuilder,
  o: GraphOperations,
  logits: GraphValue,
  uniforms: GraphValue,
  position: number,
): GraphValue {
  const [, , samples] = uniforms.shape;
  const vocabulary = logits.shape[2];
  const index = graph.initializer(`index/${position}`, BigInt64Array.of(BigInt(position)), [], ElementType.Int64);
  const uniform = o.reshape(graph.node('Gather', [uniforms, index], [-1, samples], { axis: 0 }), [-1, samples, 1]);
  const axis = graph.initializer('axis/2', BigInt64Array.of(2n), [], ElementType.Int64);
  const cumulative = graph.node('CumSum', [o.softmax(logits), axis], logits.shape);
  // Rounded sums do not end at exactly 1.
  const target = o.mul(uniform, o.slice(cumulative, 2, vocabulary - 1, 1));
  const shape = [-1, samples, vocabulary];
  const passed = graph.node('LessOrEqual', [cumulative, target], shape);
  const ones = graph.node('Cast', [passed], shape, { to: ElementType.Float });
  const count = graph.node('ReduceSum', [ones, graph.integers([2])], [-1, samples], { keepdims: 0 });
  return graph.node('Cast', [count], [-1, samples], { to: ElementType.Int64 });
}
