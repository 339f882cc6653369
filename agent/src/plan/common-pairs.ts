import { gcd, type Random } from '@alphatensor-edge/shared';
import type { Summand, Sums } from './additions.js';
import { linearize, type StraightLine, ZERO } from './straight-line-program.js';

/**
 * Bounds the pairs of summands. Sums with more stay as they are, because elimination would take seconds. The densest
 * factor matrix that AlphaTensor published, of <11,12,12>, has 233 572.
 */
const MAX_PAIRS = 300_000;

/**
 * Eliminates common pairs greedily (Paar, "Optimized arithmetic for Reed-Solomon encoders", ISIT 1997). While some p*x
 * + q*y, up to a factor, is in at least two sums, the pair that is in most sums is computed first and replaced by its
 * result there. `random` breaks ties.
 */
export function eliminatePairs({ sums, denominator }: Sums, inputs: number, random: Random): StraightLine {
  const table = new PairTable();
  const rows = sums.map((sum) => new Map(sum.map(({ source, coefficient }) => [source, coefficient])));
  const pairCount = rows.reduce((count, { size }) => count + (size * (size - 1)) / 2, 0);
  if (pairCount <= MAX_PAIRS) for (const row of rows) table.countAll(row);
  const pairs: Summand[][] = [];
  for (let pair = table.commonest(random); pair !== undefined; pair = table.commonest(random)) {
    const source = inputs + pairs.length;
    for (const row of rows) {
      const [a, b] = [row.get(pair.x), row.get(pair.y)];
      if (a === undefined || b === undefined || a * pair.q !== b * pair.p) continue;
      table.count(row, pair.x, -1);
      row.delete(pair.x);
      table.count(row, pair.y, -1);
      row.delete(pair.y);
      row.set(source, a / pair.p);
      table.count(row, source, 1);
    }
    pairs.push([
      { source: pair.x, coefficient: pair.p },
      { source: pair.y, coefficient: pair.q },
    ]);
  }
  const remaining = rows.map((row) => [...row].map(([source, coefficient]) => ({ source, coefficient })));
  const outputs = remaining.map((sum, i) =>
    sum.length === 0 ? ZERO : { source: inputs + pairs.length + i, coefficient: 1 },
  );
  return linearize({ inputs, sums: [...pairs, ...remaining], outputs, denominator });
}

/** Stands for p*x + q*y with x < y, p > 0 and no common factor of p and q. */
interface Pair {
  readonly x: number;
  readonly y: number;
  readonly p: number;
  readonly q: number;
}

/** Adds to a pair the number of sums it is in. `place` is its index among the pairs with the same count. */
interface Counted extends Pair {
  count: number;
  place: number;
}

/** Counts pairs, and keeps them in lists by count, so that the commonest is found without a search. */
class PairTable {
  readonly #pairs = new Map<string | number, Counted>();
  readonly #withCount: Counted[][] = [[], []];

  /** Counts every pair of the sum. */
  countAll(row: ReadonlyMap<number, number>): void {
    const before = new Map<number, number>();
    for (const [source, coefficient] of row) {
      before.set(source, coefficient);
      this.count(before, source, 1);
    }
  }

  /** Adds `change` to the count of every pair of `source` with another summand. */
  count(row: ReadonlyMap<number, number>, source: number, change: 1 | -1): void {
    const coefficient = row.get(source) as number;
    for (const [other, value] of row) {
      if (other === source) continue;
      if (other < source) this.#change(other, source, value, coefficient, change);
      else this.#change(source, other, coefficient, value, change);
    }
  }

  /** Draws one of the pairs that are in most sums. Undefined if no pair is in two sums. */
  commonest(random: Random): Pair | undefined {
    while (this.#withCount.length > 2 && this.#withCount[this.#withCount.length - 1].length === 0)
      this.#withCount.pop();
    const most = this.#withCount.length - 1;
    return most < 2 ? undefined : this.#withCount[most][random.int(this.#withCount[most].length)];
  }

  #change(x: number, y: number, a: number, b: number, change: 1 | -1): void {
    const factor = gcd(a, b) * Math.sign(a);
    const [p, q] = [a / factor, b / factor];
    // Most coefficients are 1 and -1, and numbers are faster keys than strings.
    const key = p === 1 && (q === 1 || q === -1) ? (x * 2 ** 20 + y) * q : `${x},${y},${p},${q}`;
    const pair = this.#pairs.get(key) ?? { x, y, p, q, count: 0, place: -1 };
    if (pair.count === 0) this.#pairs.set(key, pair);
    else this.#leave(pair);
    pair.count += change;
    if (pair.count === 0) this.#pairs.delete(key);
    else this.#enter(pair);
  }

  #enter(pair: Counted): void {
    while (this.#withCount.length <= pair.count) this.#withCount.push([]);
    pair.place = this.#withCount[pair.count].push(pair) - 1;
  }

  /** Takes the pair out of its list. The last pair of the list takes its place. */
  #leave({ count, place }: Counted): void {
    const list = this.#withCount[count];
    const last = list.pop() as Counted;
    if (place === list.length) return;
    list[place] = last;
    last.place = place;
  }
}
