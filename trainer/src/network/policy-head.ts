import {
  attend,
  embedIntegers,
  embedTokens,
  feedForward,
  type KeysAndValues,
  keysAndValues,
  layerNorm,
  linear,
  splitHeads,
} from './layers.js';
import type { Operations } from './operations.js';

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
export interface PolicyMemory<T> {
  /** [states, width], added to every token. */
  readonly summary: T;
  /** For each block, the keys and values of the grid cells; empty without cross-attention. */
  readonly cells: readonly KeysAndValues<T>[];
}

/** Holds the tokens to process: all of a move in training, one at a time in sampling. Rows are states x samples, state-major. */
interface PolicyInput<T> {
  /** Number of rows of each state. */
  readonly samples: number;
  /** [rows, time]: the token before each; `vocabulary` stands for the start. */
  readonly previous: T;
  /** First position of the move that is processed. */
  readonly position: number;
  /** The context in one part or in several that follow one another, [rows, time, entries] each: see writeContext in game/observation.ts. */
  readonly contexts: readonly T[];
}

/** Holds the keys and values of the tokens so far, for each block. With it, earlier tokens are not computed again for each new one. */
export type PolicyCache<T> = readonly KeysAndValues<T>[];

/** Computes what the policy knows of the states, from their summaries [states, width] and cells [states, cells, channels]. */
export function policyMemory<T>(o: Operations<T>, config: PolicyConfig, summary: T, cells: T): PolicyMemory<T> {
  const blocks = config.crossAttention ? Array.from({ length: config.blocks }, (_, block) => block) : [];
  const normalized = config.crossAttention ? layerNorm(o, 'policy/cells/norm', cells) : cells;
  return {
    summary: linear(o, 'policy/summary', layerNorm(o, 'policy/summary/norm', summary), config.width),
    cells: blocks.map((block) => keysAndValues(o, `policy/${block}/cross`, normalized, config.width, config.heads)),
  };
}

/**
 * Runs the autoregressive policy: a transformer over the tokens of a move, in which each token attends to itself and to those before
 * it (Fawzi et al., Supplementary algorithm A.6).
 * @returns logits [rows, time, vocabulary], and the cache for the next position
 */
export function policyLogits<T>(
  o: Operations<T>,
  config: PolicyConfig,
  vocabulary: number,
  moveLength: number,
  memory: PolicyMemory<T>,
  input: PolicyInput<T>,
  past?: PolicyCache<T>,
): { logits: T; cache: PolicyCache<T> } {
  const { width, heads, widening } = config;
  const [, time] = o.shapeOf(input.previous);
  const perState = input.samples * time;

  const tokens = embedTokens(o, 'policy/token', input.previous, vocabulary + 1, width);
  const contexts = embedIntegers(o, 'policy/context', input.contexts, width);
  const places = o.weight('policy/place', [moveLength, width], { deviation: 0.3 });
  let x = o.add(o.add(tokens, contexts), o.rowsOf(places, input.position, time));
  x = o.add(o.reshape(x, [-1, perState, width]), o.reshape(memory.summary, [-1, 1, width]));
  x = o.reshape(x, [-1, time, width]);

  const mask = time > 1 ? causalMask(o, time) : undefined;
  const cache: KeysAndValues<T>[] = [];
  for (let block = 0; block < config.blocks; block++) {
    const name = `policy/${block}`;
    const normalized = layerNorm(o, `${name}/attention/norm`, x);
    const queries = splitHeads(o, linear(o, `${name}/attention/queries`, normalized, width), heads);
    const added = keysAndValues(o, `${name}/attention`, normalized, width, heads);
    const before = past?.[block];
    const now: KeysAndValues<T> =
      before === undefined
        ? added
        : { keys: o.concat([before.keys, added.keys], 2), values: o.concat([before.values, added.values], 2) };
    cache.push(now);
    x = o.add(x, linear(o, `${name}/attention/out`, attend(o, queries, now, mask), width, 0.5));

    const cells = memory.cells[block];
    if (cells !== undefined) {
      const asked = o.reshape(layerNorm(o, `${name}/cross/norm`, x), [-1, perState, width]);
      const found = attend(o, splitHeads(o, linear(o, `${name}/cross/queries`, asked, width), heads), cells);
      x = o.add(x, o.reshape(linear(o, `${name}/cross/out`, found, width, 0.5), [-1, time, width]));
    }
    x = feedForward(o, `${name}/feedForward`, x, widening * width);
  }
  return { logits: linear(o, 'policy/logits', layerNorm(o, 'policy/norm', x), vocabulary, 0.3), cache };
}

/** Makes a mask, [time, time]: 0 where the column's token is not after the row's, so that this may attend to it; else a large negative number. */
function causalMask<T>(o: Operations<T>, time: number): T {
  const values = new Float32Array(time * time);
  for (let i = 0; i < time; i++) for (let j = i + 1; j < time; j++) values[i * time + j] = -1e9;
  return o.constant(values, [time, time]);
}

/** Repeats the cache of each state for its samples: [states, …] becomes [states * samples, …]. */
export function repeatCache<T>(o: Operations<T>, cache: PolicyCache<T>, samples: number): PolicyCache<T> {
  return cache.map(({ keys, values }) => ({ keys: o.repeat(keys, samples), values: o.repeat(values, samples) }));
}
