import { embed, feedForward, layerNorm, linear } from './layers.js';
import type { NetworkConfig } from './network-config.js';
import type { Operations } from './operations.js';
import { type PolicyMemory, policyMemory } from './policy-head.js';
import { gridCells, torso } from './torso.js';
import { valueHead } from './value-head.js';

/** Holds the observations of positions; see game/observation.ts. */
export interface ObservedBatch<T> {
  /** [states, planes, u, v, w] */
  readonly tensors: T;
  /** [states, features]; undefined where the network has no rank features. */
  readonly ranks: T | undefined;
  /** [states, 1] */
  readonly scalars: T;
}

/** Holds the states of a batch as the policy sees them, and their values. */
export interface Encoded<T> {
  readonly memory: PolicyMemory<T>;
  /** [states, quantiles] */
  readonly quantiles: T;
}

/** Computes what the network knows of positions before it chooses actions: the torso, the summary, the value. */
export function encode<T>(
  o: Operations<T>,
  { torso: torsoConfig, summary: config, policy, value }: NetworkConfig,
  { tensors, ranks, scalars }: ObservedBatch<T>,
): Encoded<T> {
  const cells = gridCells(o, torso(o, torsoConfig, tensors, scalars));
  const [, count, channels] = o.shapeOf(cells);
  const pooled = config.pooling === 'all' ? o.reshape(cells, [-1, count * channels]) : o.mean(cells, 1);
  const features = ranks === undefined ? scalars : o.concat([ranks, scalars], 1);
  let summary = o.add(
    linear(o, 'summary/cells', pooled, config.width),
    embed(o, 'summary/features', features, config.width),
  );
  for (let block = 0; block < config.blocks; block++) {
    summary = feedForward(o, `summary/${block}`, summary, config.width);
  }
  summary = layerNorm(o, 'summary/norm', summary);
  return { memory: policyMemory(o, policy, summary, cells), quantiles: valueHead(o, value, summary) };
}
