import {
  GEMM_PROFILE_FORMAT,
  GEMM_PROFILE_VERSION,
  type GemmProfile,
  type GemmProfileDevice,
  type ProfiledOther,
  type ProfiledProduct,
} from '@alphatensor-edge/shared';
import type { ProcessProduct, ProcessProfile } from './process-profile.js';

/** What is known of a run beside what its processes wrote. */
interface ProfiledRun {
  readonly command: readonly string[];
  readonly device: GemmProfileDevice;
  readonly createdAt: string;
}

/** Sums what the processes of a program wrote. What was merely empty or wrong in its arguments is left out: it multiplies nothing. */
export function mergeProfiles(profiles: readonly ProcessProfile[], run: ProfiledRun): GemmProfile {
  const makers = profiles.filter(({ products, others }) => products.length + others.length > 0);
  const seconds = sum(makers.length > 0 ? makers : profiles, timeOf);
  const share = (part: number): number => (seconds > 0 ? part / seconds : 0);
  const products = new Map<string, ProfiledProduct>();
  for (const { libraries, products: made } of profiles) {
    for (const one of made.filter(multiplies)) {
      const library = one.blas === null ? null : (libraries[one.blas]?.path ?? null);
      const { dtype, layout, transA, transB, m, n, k, threads } = one;
      const kind = { dtype, layout, transA, transB, m, n, k, threads, library };
      const key = JSON.stringify(Object.values(kind));
      const earlier = products.get(key) ?? { calls: 0, seconds: 0, leastSeconds: Number.POSITIVE_INFINITY };
      products.set(key, {
        ...kind,
        calls: earlier.calls + one.calls,
        seconds: earlier.seconds + one.seconds,
        leastSeconds: Math.min(earlier.leastSeconds, one.leastSeconds),
        share: share(earlier.seconds + one.seconds),
      });
    }
  }
  const others = new Map<string, ProfiledOther>();
  for (const { symbol, calls, seconds: took } of profiles.flatMap((profile) => profile.others)) {
    const earlier = others.get(symbol) ?? { calls: 0, seconds: 0 };
    const total = earlier.seconds + took;
    others.set(symbol, { symbol, calls: earlier.calls + calls, seconds: total, share: share(total) });
  }
  return {
    ...{ format: GEMM_PROFILE_FORMAT, version: GEMM_PROFILE_VERSION, ...run },
    processes: profiles.length,
    isComplete: profiles.every(({ complete }) => complete),
    seconds,
    products: [...products.values()].sort(byTime),
    others: [...others.values()].sort(byTime),
    left: {
      calls: sum(profiles, ({ left }) => left.calls),
      seconds: sum(profiles, ({ left }) => left.seconds),
    },
  };
}

/** Gives the time of a process. Where several threads multiply at once, their products take longer than it. */
function timeOf({ seconds, products, others, left }: ProcessProfile): number {
  return Math.max(
    seconds,
    sum([...products, ...others, left], (one) => one.seconds),
  );
}

function multiplies({ reason, m, n, k }: ProcessProduct): boolean {
  return reason !== 'invalid' && reason !== 'empty' && Math.min(m, n, k) > 0;
}

function byTime(a: { readonly seconds: number }, b: { readonly seconds: number }): number {
  return b.seconds - a.seconds;
}

function sum<T>(all: readonly T[], of: (one: T) => number): number {
  return all.reduce((total, one) => total + of(one), 0);
}
