/** Holds what a search draws its front over. Less of both is better. */
export interface Objectives {
  readonly growth: number;
  readonly nonzeros: number;
}

/** Holds what the front of a run is drawn over. */
export interface CountedObjectives extends Objectives {
  /** Additions with common sums computed once; undefined where nobody counted them. */
  readonly additions?: number | undefined;
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

  /** Keeps a point unless another is as good. Gives the points that are not kept, or no longer: those that it makes needless, or itself. */
  offer(point: T): readonly T[] {
    if (!this.wants(point)) return [point];
    const isKept = ({ growth, nonzeros }: T): boolean =>
      nonzeros < point.nonzeros || growth * (1 + SAME) < point.growth;
    const needless = this.#points.filter((other) => !isKept(other));
    this.#points = [...this.#points.filter(isKept), point].sort((a, b) => a.nonzeros - b.nonzeros);
    return needless;
  }
}

/**
 * Gives the points that no other beats or equals in growth, nonzeros and additions, by falling growth. Of equal ones the first stays.
 * @param most of them; where there are more, those go first whose growth is closest to that of a neighbour
 */
export function frontOf<T extends CountedObjectives>(points: readonly T[], most: number): T[] {
  const isAsGood = (a: T, b: T): boolean =>
    a.growth <= b.growth * (1 + SAME) && a.nonzeros <= b.nonzeros && (a.additions ?? 0) <= (b.additions ?? 0);
  const front = points
    .filter(
      (point, at) =>
        !points.some(
          (other, place) => place !== at && isAsGood(other, point) && !(isAsGood(point, other) && place > at),
        ),
    )
    .sort((a, b) => b.growth - a.growth || a.nonzeros - b.nonzeros);
  return thinned(front, most);
}

/**
 * Leaves out points until so many are left: first those whose growth is closest to that of a neighbour. The first and the last stay.
 * @param points by falling growth
 */
export function thinned<T extends Objectives>(points: readonly T[], most: number): T[] {
  const left = [...points];
  while (left.length > Math.max(2, most)) {
    const gaps = left
      .slice(1, -1)
      .map(({ growth }, at) => Math.min(left[at].growth / growth, growth / left[at + 2].growth));
    left.splice(1 + gaps.indexOf(Math.min(...gaps)), 1);
  }
  return left;
}
