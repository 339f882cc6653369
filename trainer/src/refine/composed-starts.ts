import { compose, laderman, type Size, standard, strassen, type VerifiedFactorization } from '@alphatensor-edge/shared';

/**
 * Makes the products of known smaller algorithms that have this size and rank. Their orbits can have lower floors than others of the rank:
 * Strassen's algorithm twice has 2.78, AlphaTensor's <4,4,4;49> 3.42.
 */
export function composedStarts({ size, rank }: VerifiedFactorization): VerifiedFactorization[] {
  return [strassen(), laderman()].flatMap((outer) => {
    const rest = quotient(size, outer.size);
    if (rest === undefined || (rest.n === 1 && rest.m === 1 && rest.p === 1)) return [];
    const inner = [strassen(), laderman()].filter((known) => isSame(known.size, rest));
    return [...inner, standard(rest)]
      .filter((factor) => factor.rank * outer.rank === rank)
      .map((factor) => compose(outer, factor));
  });
}

function quotient(size: Size, by: Size): Size | undefined {
  const rest = { n: size.n / by.n, m: size.m / by.m, p: size.p / by.p };
  return [rest.n, rest.m, rest.p].every(Number.isInteger) ? rest : undefined;
}

function isSame(a: Size, b: Size): boolean {
  return a.n === b.n && a.m === b.m && a.p === b.p;
}
