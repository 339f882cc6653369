import { layerNorm, linear } from './layers.js';
import type { Operations } from './operations.js';

/** Sets the shape of the value head. */
export interface ValueConfig {
  readonly quantiles: number;
  readonly width: number;
  /** Acting takes the mean of the quantiles above this level; 0 takes the mean of all. */
  readonly actingLevel: number;
}

/** Computes the quantiles of the return, [batch, quantiles]. They are meant to ascend, but nothing forces them to. */
export function valueHead<T>(o: Operations<T>, { quantiles, width }: ValueConfig, summary: T): T {
  const hidden = o.relu(linear(o, 'value/in', layerNorm(o, 'value/norm', summary), width, Math.SQRT2));
  return linear(o, 'value/out', hidden, quantiles, 0.1);
}

/** Gives the levels tau of the quantiles: the midpoints (i + 1/2) / quantiles (Dabney et al., AAAI 2018). */
export function quantileLevels(quantiles: number): number[] {
  return Array.from({ length: quantiles }, (_, i) => (i + 0.5) / quantiles);
}

/** Computes the risk-seeking value of Fawzi et al.: the mean of the quantiles whose level is above `level`. */
export function actingValue(quantiles: Float32Array, level: number): number {
  let sum = 0;
  let count = 0;
  quantileLevels(quantiles.length).forEach((tau, i) => {
    if (tau > level) {
      sum += quantiles[i];
      count++;
    }
  });
  return sum / count;
}
