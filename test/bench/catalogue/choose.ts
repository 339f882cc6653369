import type { FactorizationRecord } from '@alphatensor-edge/shared';

/** Holds a scheme that may enter the catalogue, with the figures by which it is chosen. */
export interface Contender {
  readonly record: FactorizationRecord;
  readonly growth: number;
  /** With common sums computed once, as the agent's programs do. */
  readonly additions: number;
  readonly nonzeros: number;
  /** Whether it began with our own search, or with a composition, and not with a published scheme. */
  readonly isOurs: boolean;
}

/** Holds a point of the front and its place in the catalogue. */
export interface Chosen {
  /** Empty for the fewest additions. */
  readonly variant: '' | 'balanced' | 'accurate';
  readonly contender: Contender;
}

/** By how much a scheme that began with a published one must be better than ours to be taken instead. */
const PUBLISHED_MARGIN = 1.01;
/** So much more growth than the least is given up for fewer additions. */
const ACCURATE_WITHIN = 1.01;
/** A point in between is worth its place if it lies this far below the line from one end of the front to the other. */
const BALANCED_BELOW = 0.75;
/** Growths that differ by less are the same. */
const SAME = 1e-6;

/**
 * Chooses the points of the front of growth and additions that the catalogue keeps: the fewest additions; the fewest of those within 1 % of the
 * least growth, if that is another; and the one in between that comes nearest to both ends.
 * @param mostGrowth of the accurate one: what the catalogue had, so that it does not lose one per cent each time that it is made
 */
export function choose(contenders: readonly Contender[], mostGrowth = Number.POSITIVE_INFINITY): Chosen[] {
  const simple = least(contenders, (one) => one.additions * margin(one), byGrowth);
  const leastGrowth = Math.min(...contenders.map((one) => one.growth * margin(one)));
  const within = contenders.filter((one) => one.growth * margin(one) <= ACCURATE_WITHIN * leastGrowth);
  const kept = within.filter((one) => one.growth <= mostGrowth * (1 + SAME));
  const accurate = least(kept.length > 0 ? kept : within, (one) => one.additions, byGrowth);
  if (simple.growth <= accurate.growth * (1 + SAME)) return [{ variant: '', contender: simple }];
  const ends: Chosen[] = [
    { variant: '', contender: simple },
    { variant: 'accurate', contender: accurate },
  ];
  if (accurate.additions <= simple.additions) return [{ variant: '', contender: accurate }];
  const between = (value: number, low: number, high: number): number => Math.log(value / low) / Math.log(high / low);
  const distance = (one: Contender): number =>
    between(one.growth, accurate.growth, simple.growth) + between(one.additions, simple.additions, accurate.additions);
  const inner = contenders.filter(
    (one) =>
      one.growth > accurate.growth * (1 + SAME) &&
      one.growth < simple.growth * (1 - SAME) &&
      one.additions > simple.additions &&
      one.additions < accurate.additions,
  );
  if (inner.length === 0) return ends;
  const balanced = least(inner, (one) => distance(one) + Math.log(margin(one)), byGrowth);
  return distance(balanced) < BALANCED_BELOW ? [...ends, { variant: 'balanced', contender: balanced }] : ends;
}

function least(
  contenders: readonly Contender[],
  value: (one: Contender) => number,
  orElse: (a: Contender, b: Contender) => number,
): Contender {
  const [first] = [...contenders].sort((a, b) => {
    const difference = value(a) - value(b);
    return Math.abs(difference) > SAME * Math.abs(value(b)) ? difference : orElse(a, b) || a.nonzeros - b.nonzeros;
  });
  return first;
}

function byGrowth(a: Contender, b: Contender): number {
  return a.growth * margin(a) - b.growth * margin(b);
}

/** What the figures of a published scheme are multiplied by. */
function margin({ isOurs }: Contender): number {
  return isOurs ? 1 : PUBLISHED_MARGIN;
}
