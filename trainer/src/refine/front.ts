/** Holds what a front is drawn over. Less of both is better. */
export interface Objectives {
  readonly growth: number;
  readonly nonzeros: number;
}

/** The relative difference in growth below which it is rounding, not a better algorithm. */
const SAME = 1e-9;

/** Keeps the points of which no other is at least as good in growth and in nonzeros, by falling growth and rising nonzeros. */
export class Front<T extends Objectives> {
  #points: readonly T[] = [];

  /** The points by rising nonzeros. */
  get points(): readonly T[] {
    return this.#points;
  }

  /** Tells whether a point of these objectives would be kept. */
  wants({ growth, nonzeros }: Objectives): boolean {
    return this.#points.every((point) => point.nonzeros > nonzeros || point.growth > growth * (1 + SAME));
  }

  /** Keeps a point unless another is as good, and drops those that it makes needless. */
  offer(point: T): boolean {
    if (!this.wants(point)) return false;
    const kept = this.#points.filter(
      ({ growth, nonzeros }) => nonzeros < point.nonzeros || growth * (1 + SAME) < point.growth,
    );
    this.#points = [...kept, point].sort((a, b) => a.nonzeros - b.nonzeros);
    return true;
  }
}
