import { modeLengths } from '@alphatensor-edge/shared';
import { GraphBuilder, type GraphValue } from '../../onnx/graph-builder.js';
import { ElementType } from '../../onnx/messages.js';
import { encode } from '../encoder.js';
import type { NetworkLayout } from '../layout.js';
import { policyLogits } from '../policy-head.js';
import { quantileLevels } from '../value-head.js';
import { GradientOperations, oneHotOf } from './gradient-operations.js';
import { GraphOperations } from './graph-operations.js';

/** Sets what a training graph is made for. */
interface TrainingGraphOptions {
  /** Number of actions of each position. */
  readonly actionsPerPosition: number;
  /** The width within which the value loss is quadratic; see training/losses.ts. */
  readonly valueHuberWidth: number;
  /** Names and order of the weights whose gradients are wanted. */
  readonly weights: readonly string[];
}

/**
 * Makes the graph of a training step: the losses of a batch and their gradients. It computes what `Network.forward` and
 * training/losses.ts do. Inputs: each weight, under its name; `tensors`, `ranks` (where the network has rank features) and `scalars` as in
 * game/observation.ts; `contexts` [rows, move length, context], and `previous`, `tokens` and `masks` [rows, move length] of the actions,
 * where rows = positions * actionsPerPosition; `policyWeights` [rows], the weight of each action's -log pi in the loss; `returns`
 * [positions, 1]; `valueWeight` [1], the weight of each of the value losses. Outputs: `negativeLogs` [rows, move length], -log pi of each token;
 * `valueLosses` [positions, quantiles]; and the gradient of each weight, of its shape, under the name that `gradientOf` gives it.
 */
export function trainingGraph(layout: NetworkLayout, options: TrainingGraphOptions): Uint8Array {
  const graph = new GraphBuilder();
  const o = new GraphOperations(graph, []);
  const tape = new GradientOperations(graph, o);
  const { size, historyLength, rankFeatures } = layout.observations;
  const { length, vocabulary } = layout.tokens;
  const tensors = graph.input('tensors', [-1, 1 + historyLength, ...modeLengths(size)]);
  const ranks = rankFeatures > 0 ? graph.input('ranks', [-1, rankFeatures]) : undefined;
  const scalars = graph.input('scalars', [-1, 1]);
  const contexts = graph.input('contexts', [-1, length, layout.contextLength]);
  const [previous, tokens, masks] = ['previous', 'tokens', 'masks'].map((name) =>
    graph.input(name, [-1, length], ElementType.Int64),
  );

  const { memory, quantiles } = encode(tape, layout.config, { tensors, ranks, scalars });
  const { logits } = policyLogits(tape, layout.config.policy, vocabulary, length, memory, {
    samples: options.actionsPerPosition,
    previous,
    position: 0,
    contexts: [contexts],
  });
  const policy = policyGradient(graph, o, layout, { logits, tokens, masks });
  const value = valueLoss(graph, o, quantiles, options.valueHuberWidth);
  const gradients = tape.gradients([
    [logits, policy.gradient],
    [quantiles, value.gradient],
  ]);

  graph.output('negativeLogs', policy.negativeLogs);
  graph.output('valueLosses', value.losses);
  for (const name of options.weights) {
    const { shape } = tape.weights.get(name) as GraphValue;
    const gradient = gradients.get(name);
    const count = shape.reduce((product, axis) => product * axis, 1);
    graph.output(gradientOf(name), gradient ?? o.constant(new Float32Array(count), [...shape]));
  }
  return graph.model();
}

/** Names the output that has the gradient of a weight. */
export function gradientOf(weight: string): string {
  return `gradient/${weight}`;
}

/** Computes -log softmax(logits + mask)[token] of each token, and the gradient of their weighted sum with respect to the logits. */
function policyGradient(
  graph: GraphBuilder,
  o: GraphOperations,
  { tokens: { vocabulary, length }, masks: table }: NetworkLayout,
  { logits, tokens, masks }: { readonly logits: GraphValue; readonly tokens: GraphValue; readonly masks: GraphValue },
): { readonly negativeLogs: GraphValue; readonly gradient: GraphValue } {
  const weights = graph.input('policyWeights', [-1]);
  const shape = [-1, length, vocabulary];
  const rows = graph.node(
    'Gather',
    [graph.floats('masks of tokens', table.table, [table.count, vocabulary]), masks],
    shape,
  );
  const logs = graph.node('LogSoftmax', [o.add(logits, rows)], shape, { axis: -1 });
  const oneHot = oneHotOf(graph, tokens, vocabulary);
  const ofTokens = graph.node('ReduceSum', [o.mul(logs, oneHot), graph.integers([-1])], [-1, length], { keepdims: 0 });
  const probabilities = graph.node('Exp', [logs], shape);
  return {
    negativeLogs: graph.node('Neg', [ofTokens], [-1, length]),
    gradient: o.mul(o.sub(probabilities, oneHot), o.reshape(weights, [-1, 1, 1])),
  };
}

/** Computes the quantile Huber losses, and the gradient of their sum times `valueWeight`; see training/losses.ts. */
function valueLoss(
  graph: GraphBuilder,
  o: GraphOperations,
  quantiles: GraphValue,
  width: number,
): { readonly losses: GraphValue; readonly gradient: GraphValue } {
  const count = quantiles.shape[1];
  const returns = graph.input('returns', [-1, 1]);
  const weight = graph.input('valueWeight', [1]);
  const number = (value: number): GraphValue => graph.floats(`${value}`, Float32Array.of(value), []);
  const levels = Float32Array.from(quantileLevels(count));
  const below = levels.map((tau) => 1 - tau);
  const error = o.sub(returns, quantiles);
  // Of a positive error tau counts, of a negative one 1 - tau.
  const parts = [
    { distance: o.relu(error), share: graph.floats('levels', levels, [count]), sign: -1 },
    { distance: o.relu(o.sub(quantiles, returns)), share: graph.floats('levels below', below, [count]), sign: 1 },
  ].map(({ distance, share, sign }) => {
    const capped = o.clip(distance, 0, width);
    const huber = o.mul(o.mul(capped, o.sub(distance, o.mul(capped, number(0.5)))), number(1 / width));
    return { loss: o.mul(huber, share), slope: o.mul(o.mul(capped, number(sign / width)), share) };
  });
  return {
    losses: o.add(parts[0].loss, parts[1].loss),
    gradient: o.mul(o.add(parts[0].slope, parts[1].slope), weight),
  };
}
