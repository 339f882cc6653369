import * as tf from '@tensorflow/tfjs';
import {
  attend,
  embed,
  feedForward,
  type KeysAndValues,
  keysAndValues,
  layerNorm,
  linear,
  splitHeads,
} from './layers.js';
import { integerPlanes, repeatRows } from './ops.js';
import type { Parameters } from './parameters.js';

/** Sets the shape of the policy head. */
export interface PolicyConfig {
  readonly width: number;
  readonly blocks: number;
  readonly heads: number;
  /** Hidden width of the feed-forward layers over `width`. */
  readonly widening: number;
  /** Whether the tokens also attend to every cell of the torso's grids, as in the article. They always see the summary. */
  readonly crossAttention: boolean;
}

/** Holds what the policy knows of the states. It is computed once for each state and shared by all its samples. */
export interface PolicyMemory {
  /** [states, width], added to every token. */
  readonly summary: tf.Tensor2D;
  /** For each block, the keys and values of the grid cells; empty without cross-attention. */
  readonly cells: readonly KeysAndValues[];
}

/** Holds the tokens to process: all of a move in training, one at a time in sampling. Rows are states x samples, state-major. */
interface PolicyInput {
  /** [rows, time]: the token before each; `vocabulary` stands for the start. */
  readonly previous: tf.Tensor2D;
  /** First position of the move that is processed. */
  readonly position: number;
  /** [rows, time, context]: see writeContext in game/observation.ts. */
  readonly contexts: tf.Tensor3D;
}

/** Holds the keys and values of the tokens so far, for each block. With it, earlier tokens are not computed again for each new one. */
export type PolicyCache = readonly KeysAndValues[];

/** Computes what the policy knows of the states, from their summaries [states, width] and cells [states, cells, channels]. */
export function policyMemory(
  p: Parameters,
  config: PolicyConfig,
  summary: tf.Tensor2D,
  cells: tf.Tensor3D,
): PolicyMemory {
  const blocks = config.crossAttention ? Array.from({ length: config.blocks }, (_, block) => block) : [];
  const normalized = config.crossAttention ? layerNorm(p, 'policy/cells/norm', cells) : cells;
  return {
    summary: linear(p, 'policy/summary', layerNorm(p, 'policy/summary/norm', summary), config.width) as tf.Tensor2D,
    cells: blocks.map((block) => {
      return keysAndValues(p, `policy/${block}/cross`, normalized, config.width, config.heads);
    }),
  };
}

/**
 * Runs the autoregressive policy: a transformer over the tokens of a move, in which each token attends to itself and to those before
 * it (Fawzi et al., Supplementary algorithm A.6).
 * @returns logits [rows, time, vocabulary], and the cache for the next position
 */
export function policyLogits(
  p: Parameters,
  config: PolicyConfig,
  vocabulary: number,
  moveLength: number,
  memory: PolicyMemory,
  input: PolicyInput,
  past?: PolicyCache,
): { logits: tf.Tensor3D; cache: PolicyCache } {
  const { width, heads, widening } = config;
  const [rows, time] = input.previous.shape;
  const states = memory.summary.shape[0];
  const perState = (rows / states) * time;

  const oneHot = tf.oneHot(tf.cast(tf.reshape(input.previous, [-1]), 'int32') as tf.Tensor1D, vocabulary + 1);
  const tokens = tf.reshape(embed(p, 'policy/token', tf.cast(oneHot, 'float32'), width, 4), [rows, time, width]);
  const contexts = embed(p, 'policy/context', integerPlanes(input.contexts), width);
  const places = p.get('policy/place', [moveLength, width], { deviation: 0.3 });
  const place = tf.slice(places as unknown as tf.Tensor2D, [input.position, 0], [time, width]);
  let x: tf.Tensor = tf.add(tf.add(tokens, contexts), place);
  x = tf.add(tf.reshape(x, [states, perState, width]), tf.expandDims(memory.summary, 1));
  x = tf.reshape(x, [rows, time, width]);

  const mask = time > 1 ? causalMask(time) : undefined;
  const cache: KeysAndValues[] = [];
  for (let block = 0; block < config.blocks; block++) {
    const name = `policy/${block}`;
    const normalized = layerNorm(p, `${name}/attention/norm`, x);
    const queries = splitHeads(linear(p, `${name}/attention/queries`, normalized, width), heads);
    const added = keysAndValues(p, `${name}/attention`, normalized, width, heads);
    const before = past?.[block];
    const now: KeysAndValues =
      before === undefined
        ? added
        : { keys: tf.concat([before.keys, added.keys], 2), values: tf.concat([before.values, added.values], 2) };
    cache.push(now);
    x = tf.add(x, linear(p, `${name}/attention/out`, attend(queries, now, mask), width, 0.5));

    const cells = memory.cells[block];
    if (cells !== undefined) {
      const asked = tf.reshape(layerNorm(p, `${name}/cross/norm`, x), [states, perState, width]);
      const found = attend(splitHeads(linear(p, `${name}/cross/queries`, asked, width), heads), cells);
      x = tf.add(x, tf.reshape(linear(p, `${name}/cross/out`, found, width, 0.5), [rows, time, width]));
    }
    x = feedForward(p, `${name}/feedForward`, x, widening * width);
  }
  const logits = linear(p, 'policy/logits', layerNorm(p, 'policy/norm', x), vocabulary, 0.3);
  return { logits: logits as tf.Tensor3D, cache };
}

/** Makes a mask, [time, time]: 0 where the column's token is not after the row's, so that this may attend to it; else a large negative number. */
function causalMask(time: number): tf.Tensor2D {
  const values = new Float32Array(time * time);
  for (let i = 0; i < time; i++) for (let j = i + 1; j < time; j++) values[i * time + j] = -1e9;
  return tf.tensor2d(values, [time, time]);
}

/** Repeats the cache of each state for its samples: [states, …] becomes [states * samples, …]. */
export function repeatCache(cache: PolicyCache, samples: number): PolicyCache {
  const repeat = (x: tf.Tensor4D): tf.Tensor4D => {
    const [states, heads, time, width] = x.shape;
    const repeated = repeatRows(tf.reshape(x, [states, 1, heads * time * width]), samples);
    return tf.reshape(repeated, [states * samples, heads, time, width]);
  };
  return cache.map(({ keys, values }) => ({ keys: repeat(keys), values: repeat(values) }));
}
