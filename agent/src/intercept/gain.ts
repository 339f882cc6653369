import type { ProcessProduct, ProcessProfile } from './process-profile.js';

/** What became of one kind of product. Times are seconds of the wall clock. */
export interface ProductGain
  extends Pick<ProcessProduct, 'm' | 'n' | 'k' | 'dtype' | 'layout' | 'transA' | 'transB' | 'threads'> {
  /** The algorithm; null: it was passed on to the BLAS. */
  readonly algorithm: string | null;
  /** Why it was passed on; null: it was taken. */
  readonly reason: string | null;
  readonly calls: number;
  readonly seconds: number;
  /** How many were computed by the BLAS as well, and the BLAS's time over the algorithm's of these; null: none. */
  readonly sampled: { readonly calls: number; readonly speedup: number } | null;
}

/** What a library changed in one run of a program. */
export interface Gain {
  /** Number of processes that loaded the library. */
  readonly processes: number;
  /** Each kind once, the most time first. */
  readonly products: readonly ProductGain[];
  /** Of all products. */
  readonly calls: number;
  readonly seconds: number;
  /** Of those that were taken. */
  readonly takenCalls: number;
  readonly takenSeconds: number;
  /** Taken products of the kinds that were sampled: their time, what the BLAS would have taken, and how many were computed both ways. */
  readonly compared: { readonly seconds: number; readonly blasSeconds: number; readonly samples: number };
  /** Of the processes with products, without what the samples took. */
  readonly programSeconds: number;
}

/** Sums what the processes of a program wrote. */
export function gainOf(profiles: readonly ProcessProfile[]): Gain {
  const kinds = new Map<string, ProcessProduct[]>();
  for (const one of profiles.flatMap(({ products }) => products)) {
    const { m, n, k, dtype, layout, transA, transB, threads, algorithm, reason } = one;
    const key = JSON.stringify([m, n, k, dtype, layout, transA, transB, threads, algorithm, reason]);
    kinds.set(key, [...(kinds.get(key) ?? []), one]);
  }
  const products = [...kinds.values()].map(gainOfKind).sort((a, b) => b.seconds - a.seconds);
  const taken = products.filter(({ reason }) => reason === null);
  const compared = taken.filter(({ sampled }) => sampled !== null);
  const left = profiles.map((profile) => profile.left);
  return {
    processes: profiles.length,
    products,
    calls: sum([...products, ...left], ({ calls }) => calls),
    seconds: sum([...products, ...left], ({ seconds }) => seconds),
    takenCalls: sum(taken, ({ calls }) => calls),
    takenSeconds: sum(taken, ({ seconds }) => seconds),
    compared: {
      seconds: sum(compared, ({ seconds }) => seconds),
      blasSeconds: sum(compared, ({ seconds, sampled }) => seconds * (sampled?.speedup ?? 1)),
      samples: sum(compared, ({ sampled }) => sampled?.calls ?? 0),
    },
    programSeconds: sum(
      profiles.filter((profile) => profile.products.length > 0),
      ({ seconds, samplingSeconds }) => seconds - samplingSeconds,
    ),
  };
}

function gainOfKind(all: readonly ProcessProduct[]): ProductGain {
  const [{ m, n, k, dtype, layout, transA, transB, threads, algorithm, reason }] = all;
  const samples = all.flatMap(({ sampled }) => sampled ?? []);
  const own = sum(samples, ({ seconds }) => seconds);
  return {
    ...{ m, n, k, dtype, layout, transA, transB, threads, algorithm, reason },
    calls: sum(all, ({ calls }) => calls),
    seconds: sum(all, ({ seconds }) => seconds),
    sampled:
      own > 0
        ? { calls: sum(samples, ({ calls }) => calls), speedup: sum(samples, ({ blasSeconds }) => blasSeconds) / own }
        : null,
  };
}

function sum<T>(all: readonly T[], of: (one: T) => number): number {
  return all.reduce((total, one) => total + of(one), 0);
}
