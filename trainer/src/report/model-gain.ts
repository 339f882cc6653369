import type { DispatchEntry, DispatchTable } from '@alphatensor-edge/shared';
import type { TunedModel } from '../run/tuned-model.js';

type Product = TunedModel['products'][number];

/** What one layer of a model gains. */
export interface LayerGain extends Pick<Product, 'm' | 'k' | 'n' | 'type'> {
  readonly layer: string;
  readonly op: string;
  /** How often one run makes the product. */
  readonly count: number;
  /** Of the arithmetic of all products, from 0 to 1. */
  readonly share: number;
  /** Null: the baseline. */
  readonly algorithm: string | null;
  /** Null: not measured. */
  readonly speedup: number | null;
  /** What part of the time of all the model's products it saves, from 0 to 1. */
  readonly saved: number;
  /** Why it keeps the baseline, a clause or a sentence; else ''. */
  readonly reason: string;
}

/** What a tuned model gains on the device of its run. */
export interface ModelGain {
  readonly run: string;
  readonly deviceId: string;
  readonly model: string;
  readonly dims: Readonly<Record<string, number>>;
  /** The largest share of the arithmetic first. */
  readonly layers: readonly LayerGain[];
  /** The share of the arithmetic that was measured. */
  readonly measuredShare: number;
  /** The time of all measured products with the baseline over that with what was chosen; null: nothing was measured. */
  readonly measuredSpeedup: number | null;
  /** The same of all products. What was not measured keeps the baseline, at the mean rate of what was. */
  readonly speedup: number | null;
  /** Number of products whose shape is not known; they are in no figure. */
  readonly unknown: number;
}

/** Joins a model's products with what tuning chose for them. */
export function modelGain(run: string, model: TunedModel, { device, entries }: DispatchTable): ModelGain {
  const products = model.products.map((product) => ({ product, ...measuredOf(product, entries) }));
  const measured = products.filter(({ seconds }) => seconds !== undefined);
  const sum = <T>(all: readonly T[], of: (one: T) => number): number => all.reduce((total, one) => total + of(one), 0);
  const measuredArithmetic = sum(measured, ({ product }) => product.arithmetic);
  const before = sum(measured, ({ product, seconds = 0 }) => product.count * seconds);
  const after = sum(measured, ({ product, seconds = 0, speedup }) => (product.count * seconds) / (speedup ?? 1));
  const rest = measuredArithmetic === 0 ? 0 : before * (model.arithmetic / measuredArithmetic - 1);
  const layers = products.flatMap(({ product, seconds = 0, speedup, algorithm, reason }) =>
    product.layers.map(({ layer, op, count }): LayerGain => {
      const { m, k, n, type } = product;
      const saved = speedup === null ? 0 : (count * seconds * (1 - 1 / speedup)) / (before + rest);
      return {
        layer,
        op,
        m,
        k,
        n,
        type,
        count,
        share: (product.share * count) / product.count,
        algorithm,
        speedup,
        saved,
        reason,
      };
    }),
  );
  return {
    ...{ run, deviceId: String(device.deviceId ?? ''), model: model.model, dims: model.dims, unknown: model.unknown },
    layers,
    measuredShare: model.arithmetic === 0 ? 0 : measuredArithmetic / model.arithmetic,
    measuredSpeedup: before > 0 ? before / after : null,
    speedup: before > 0 ? (before + rest) / (after + rest) : null,
  };
}

interface Measured {
  /** Of the baseline; undefined: not measured. */
  readonly seconds: number | undefined;
  readonly speedup: number | null;
  readonly algorithm: string | null;
  readonly reason: string;
}

function measuredOf({ problem, leftOut }: Product, entries: readonly DispatchEntry[]): Measured {
  const nothing = { seconds: undefined, speedup: null, algorithm: null };
  if (problem === null) return { ...nothing, reason: leftOut };
  const entry = entries.find(({ problem: other }) =>
    (['m', 'k', 'n', 'dtype', 'threads'] as const).every((field) => other[field] === problem[field]),
  );
  const timed = entry?.finalists.find(({ seconds }) => seconds !== undefined);
  if (entry === undefined || timed?.seconds === undefined)
    return { ...nothing, reason: entry?.reason ?? 'It was not reached.' };
  const seconds = timed.seconds * timed.speedup.estimate;
  const { winner, reason } = entry;
  if (winner === null) return { seconds, speedup: 1, algorithm: null, reason };
  return { seconds, speedup: winner.speedup.estimate, algorithm: winner.label, reason: '' };
}
