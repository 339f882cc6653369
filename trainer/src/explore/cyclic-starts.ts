import type { Size } from '@alphatensor-edge/shared';
import type { PackedTerms } from './packed-terms.js';
import type { Symmetry } from './symmetry.js';

/**
 * Makes factorizations modulo 2 of <n,n,n> that rotating the modes leaves as they are, one for each partition of the diagonal into
 * blocks. The standard algorithm has a single product e(x)e(x)e for each diagonal entry e. Two single products become one by
 * a(x)a(x)a + b(x)b(x)b = (a+b)(x)(a+b)(x)(a+b) + [a,b,a+b] (see CyclicWalk). The number of single products decides which ranks a
 * walk can come to: its orbits have three products.
 *
 * With the reversal, the partitions are those that it leaves as they are.
 * @param size cubic
 */
export function cyclicStarts({ n }: Size, symmetry: Exclude<Symmetry, 'none'> = 'cyclic'): PackedTerms[] {
  if (symmetry === 'cyclic')
    return partitions(n, n).map((parts) => packed(n, [...offDiagonal(n), ...contiguous(n, parts)]));
  return reversiblePartitions(n).map((blocks) =>
    packed(n, [...offDiagonal(n), ...blocks.flatMap((block) => ofBlock(n, block))]),
  );
}

/** Lists the ways to write `total` as a sum of parts, largest first, none above `most`. */
function partitions(total: number, most: number): number[][] {
  if (total === 0) return [[]];
  return Array.from({ length: Math.min(total, most) }, (_, i) => i + 1).flatMap((part) =>
    partitions(total - part, part).map((rest) => [part, ...rest]),
  );
}

/** Lists the partitions of 0 … n-1 that reversing the order, i -> n-1-i, leaves as they are, up to the order of pairs. */
function reversiblePartitions(n: number): number[][][] {
  const pairs = Math.floor(n / 2);
  const found: number[][][] = [];
  const grow = (from: number, most: number, isSwapped: boolean, blocks: readonly number[][]): void => {
    if (from === pairs) {
      if (n % 2 === 0) found.push([...blocks]);
      else {
        found.push([...blocks, [pairs]]);
        // The middle may join a block that is its own image.
        const at = blocks.findIndex((block) => block.includes(n - 1 - block[0]));
        if (at >= 0) found.push(blocks.map((block, i) => (i === at ? [...block, pairs] : block)));
      }
      return;
    }
    for (let length = Math.min(most, pairs - from); length > 0; length--) {
      const left = Array.from({ length }, (_, i) => from + i);
      const right = left.map((i) => n - 1 - i);
      // Of two orders of the same blocks one is enough: longer ones first, then those that are their own images.
      if (length < most || !isSwapped) grow(from + length, length, false, [...blocks, [...left, ...right]]);
      grow(from + length, length, true, [...blocks, left, right]);
    }
  };
  grow(0, pairs, false, []);
  return found;
}

type Term = readonly [bigint, bigint, bigint];

function unit(n: number, row: number, column: number): bigint {
  return 1n << BigInt(row * n + column);
}

function orbit(a: bigint, b: bigint, c: bigint): Term[] {
  return [
    [a, b, c],
    [b, c, a],
    [c, a, b],
  ];
}

/** Gives the products of the standard algorithm but for those of three equal factors. */
function offDiagonal(n: number): Term[] {
  const terms: Term[] = [];
  for (let i = 0; i < n; i++) {
    // Of the rotations of (i, j, k) this takes the one that comes first in order.
    for (let j = i; j < n; j++) {
      for (let k = i + 1; k < n; k++) terms.push(...orbit(unit(n, i, j), unit(n, j, k), unit(n, k, i)));
    }
  }
  return terms;
}

/** Gives the diagonal as one single product for each block of neighbours, with an orbit for each further entry of a block. */
function contiguous(n: number, parts: readonly number[]): Term[] {
  const terms: Term[] = [];
  let next = 0;
  for (const part of parts) {
    const end = next + part;
    let sum = unit(n, next, next);
    for (next++; next < end; next++) {
      terms.push(...orbit(sum, unit(n, next, next), sum ^ unit(n, next, next)));
      sum ^= unit(n, next, next);
    }
    terms.push([sum, sum, sum]);
  }
  return terms;
}

/** Gives the part of the diagonal in a block as one single product, and an orbit for each product of entries that it has too many. */
function ofBlock(n: number, block: readonly number[]): Term[] {
  const sum = block.reduce((bits, i) => bits ^ unit(n, i, i), 0n);
  const terms: Term[] = [[sum, sum, sum]];
  for (const i of block) {
    for (const j of block) {
      for (const k of block) {
        // Of three rotations the one that is least, as a number of three digits, stands for all.
        const isLeast = digits(n, i, j, k) < Math.min(digits(n, j, k, i), digits(n, k, i, j));
        if (isLeast) terms.push(...orbit(unit(n, i, i), unit(n, j, j), unit(n, k, k)));
      }
    }
  }
  return terms;
}

function digits(n: number, i: number, j: number, k: number): number {
  return (i * n + j) * n + k;
}

function packed(n: number, terms: readonly Term[]): PackedTerms {
  const width = Math.max(2, Math.ceil((n * n) / 32));
  const words = terms.flatMap((term) =>
    term.flatMap((bits) =>
      Array.from({ length: width }, (_, word) => Number(BigInt.asIntN(32, bits >> BigInt(32 * word)))),
    ),
  );
  return { rank: terms.length, words: Int32Array.from(words), signs: new Int8Array(terms.length).fill(1) };
}
