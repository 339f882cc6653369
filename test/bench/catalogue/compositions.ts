import {
  compose,
  type FactorMatrix,
  gcd,
  imagesOf,
  rotate,
  type Size,
  sameSize,
  standard,
  standardRank,
  type VerifiedFactorization,
  verify,
} from '@alphatensor-edge/shared';

// Schemes of a size that are made of smaller ones: Kronecker products, and joins of two that split one dimension.

/** Holds a scheme that goes into another, with the name that notes give it. */
export interface Part {
  readonly name: string;
  readonly factorization: VerifiedFactorization;
}

/** Gives the schemes of a size that compositions may use, in that order of its dimensions. */
export type PartsOf = (size: Size) => readonly Part[];

/** Gives the parts of a size: images of `parts`, and the standard algorithm where a dimension is 1. */
export function partsFrom(parts: readonly Part[]): PartsOf {
  const images = parts.flatMap(({ name, factorization }) =>
    imagesOf(factorization).map((image) => ({ name, factorization: image.factorization })),
  );
  return (size) => {
    if (Math.min(size.n, size.m, size.p) === 1)
      return [{ name: `standard:${size.n},${size.m},${size.p}`, factorization: standard(size) }];
    return images.filter(({ factorization }) => sameSize(factorization.size, size));
  };
}

/** Lists the compositions of a size with at most `maxRank` products. */
export function compositionsOf(size: Size, maxRank: number, partsOf: PartsOf): Part[] {
  return [...products(size, maxRank, partsOf), ...joins(size, maxRank, partsOf)];
}

function products(size: Size, maxRank: number, partsOf: PartsOf): Part[] {
  const found: Part[] = [];
  for (const n of divisors(size.n)) {
    for (const m of divisors(size.m)) {
      for (const p of divisors(size.p)) {
        const outer: Size = { n, m, p };
        const inner: Size = { n: size.n / n, m: size.m / m, p: size.p / p };
        if (standardRank(outer) === 1 || standardRank(inner) === 1) continue;
        for (const a of partsOf(outer)) {
          for (const b of partsOf(inner)) {
            if (a.factorization.rank * b.factorization.rank > maxRank) continue;
            const factorization = verify(compose(a.factorization, b.factorization));
            found.push({ name: `${a.name} over ${b.name}`, factorization });
          }
        }
      }
    }
  }
  return found;
}

function joins(size: Size, maxRank: number, partsOf: PartsOf): Part[] {
  return [
    ...joinsAlongP(size, maxRank, partsOf),
    // Rotated, n or m takes the place of p.
    ...joinsAlongP(rotatedSize(size), maxRank, rotatedParts(partsOf, 1)).map(rotatedPart(2)),
    ...joinsAlongP(rotatedSize(rotatedSize(size)), maxRank, rotatedParts(partsOf, 2)).map(rotatedPart(1)),
  ];
}

function joinsAlongP({ n, m, p }: Size, maxRank: number, partsOf: PartsOf): Part[] {
  const found: Part[] = [];
  for (let first = 1; first <= p / 2; first++) {
    for (const a of partsOf({ n, m, p: first })) {
      for (const b of partsOf({ n, m, p: p - first })) {
        if (a.factorization.rank + b.factorization.rank > maxRank) continue;
        found.push({ name: `${a.name} beside ${b.name}`, factorization: joinAlongP(a.factorization, b.factorization) });
      }
    }
  }
  return found;
}

/** Multiplies A by the columns of B in two parts: <n,m,p1;r1> and <n,m,p2;r2> give <n,m,p1+p2;r1+r2>. */
export function joinAlongP(a: VerifiedFactorization, b: VerifiedFactorization): VerifiedFactorization {
  const { n, m } = a.size;
  const p = a.size.p + b.size.p;
  return verify({
    size: { n, m, p },
    rank: a.rank + b.rank,
    arithmetic: a.arithmetic,
    u: joinRows(a.u, b.u, { a: a.rank, b: b.rank }, n * m, (_, x) => x),
    v: joinRows(a.v, b.v, { a: a.rank, b: b.rank }, m * p, (part, x) => {
      const width = part === 'a' ? a.size.p : b.size.p;
      return Math.floor(x / width) * p + (x % width) + (part === 'a' ? 0 : a.size.p);
    }),
    w: joinRows(a.w, b.w, { a: a.rank, b: b.rank }, p * n, (part, x) => x + (part === 'a' ? 0 : a.size.p * n)),
  });
}

/** Puts the rows of `b` below those of `a`; `place` says which entry of the whole an entry of a part is. */
function joinRows(
  a: FactorMatrix,
  b: FactorMatrix,
  ranks: { readonly a: number; readonly b: number },
  length: number,
  place: (part: 'a' | 'b', entry: number) => number,
): FactorMatrix {
  const denominator = (a.denominator / gcd(a.denominator, b.denominator)) * b.denominator;
  const coefficients = new Int32Array((ranks.a + ranks.b) * length);
  const put = (part: 'a' | 'b', matrix: FactorMatrix, rank: number, above: number): void => {
    const own = matrix.coefficients.length / rank;
    matrix.coefficients.forEach((value, index) => {
      const row = above + Math.floor(index / own);
      coefficients[row * length + place(part, index % own)] = (value * denominator) / matrix.denominator;
    });
  };
  put('a', a, ranks.a, 0);
  put('b', b, ranks.b, ranks.a);
  return { coefficients, denominator };
}

function rotatedSize({ n, m, p }: Size): Size {
  return { n: m, m: p, p: n };
}

function rotatedPart(times: number): (part: Part) => Part {
  return ({ name, factorization }) => ({ name, factorization: rotatedBy(factorization, times) });
}

/** The parts of a rotated size: those of the size before, rotated. */
function rotatedParts(partsOf: PartsOf, times: number): PartsOf {
  return (size) => {
    let before = size;
    for (let i = 0; i < 3 - times; i++) before = rotatedSize(before);
    return partsOf(before).map(rotatedPart(times));
  };
}

function rotatedBy(factorization: VerifiedFactorization, times: number): VerifiedFactorization {
  return times === 0 ? factorization : rotatedBy(rotate(factorization), times - 1);
}

function divisors(x: number): number[] {
  return Array.from({ length: x }, (_, i) => i + 1).filter((d) => x % d === 0);
}
