import type { Size } from '@alphatensor-edge/shared';
import type { PackedTerms } from './packed-terms.js';

/**
 * Makes factorizations modulo 2 of <n,n,n> that rotating the modes leaves as they are, one for each partition of the diagonal into
 * blocks. The standard algorithm has a single product e(x)e(x)e for each diagonal entry e. Two single products become one by
 * a(x)a(x)a + b(x)b(x)b = (a+b)(x)(a+b)(x)(a+b) + [a,b,a+b] (see CyclicWalk). The number of single products decides which ranks a
 * walk can come to: its orbits have three products.
 * @param size cubic
 */
export function cyclicStarts({ n }: Size): PackedTerms[] {
  return partitions(n, n).map((parts) => cyclicStart(n, parts));
}

/** Lists the ways to write `total` as a sum of parts, largest first, none above `most`. */
function partitions(total: number, most: number): number[][] {
  if (total === 0) return [[]];
  return Array.from({ length: Math.min(total, most) }, (_, i) => i + 1).flatMap((part) =>
    partitions(total - part, part).map((rest) => [part, ...rest]),
  );
}

function cyclicStart(n: number, parts: readonly number[]): PackedTerms {
  const terms: bigint[][] = [];
  const addOrbit = (a: bigint, b: bigint, c: bigint): void => void terms.push([a, b, c], [b, c, a], [c, a, b]);
  const unit = (row: number, column: number): bigint => 1n << BigInt(row * n + column);
  for (let i = 0; i < n; i++) {
    // Of the rotations of (i, j, k) this takes the one that comes first in order. All three equal: a single product, below.
    for (let j = i; j < n; j++) {
      for (let k = i + 1; k < n; k++) addOrbit(unit(i, j), unit(j, k), unit(k, i));
    }
  }
  let next = 0;
  for (const part of parts) {
    const end = next + part;
    let sum = unit(next, next);
    for (next++; next < end; next++) {
      addOrbit(sum, unit(next, next), sum ^ unit(next, next));
      sum ^= unit(next, next);
    }
    terms.push([sum, sum, sum]);
  }
  const width = Math.max(2, Math.ceil((n * n) / 32));
  const words = terms.flatMap((term) =>
    term.flatMap((bits) =>
      Array.from({ length: width }, (_, word) => Number(BigInt.asIntN(32, bits >> BigInt(32 * word)))),
    ),
  );
  return { rank: terms.length, words: Int32Array.from(words), signs: new Int8Array(terms.length).fill(1) };
}
