import type { Summand, Sums } from './additions.js';
import type { Network } from './straight-line.js';

/**
 * Greedy elimination of the pair that most sums share (Paar, "Optimized arithmetic for Reed-Solomon encoders", 1997),
 * pairs compared up to a common factor.
 */
export function eliminatePairs({ sums }: Sums, inputs: number): Network {
  const outputs: Summand[] = [];
  const rows: Map<number, number>[] = [];
  for (const sum of sums) {
    if (sum.length === 0) outputs.push({ source: -1, coefficient: 0 });
    else if (sum.length === 1) outputs.push(sum[0]);
    else {
      outputs.push({ source: inputs + rows.length, coefficient: 1 });
      rows.push(new Map(sum.map(({ source, coefficient }) => [source, coefficient])));
    }
  }
  for (;;) {
    const best = commonestPair(rows);
    if (best === undefined) break;
    const [x, y, p, q] = best;
    const source = inputs + rows.length;
    for (const row of rows) {
      const [a, b] = [row.get(x), row.get(y)];
      if (a === undefined || b === undefined || a * q !== b * p) continue;
      row.delete(x);
      row.delete(y);
      row.set(source, a / p);
    }
    rows.push(
      new Map([
        [x, p],
        [y, q],
      ]),
    );
  }
  return {
    inputs,
    outputs,
    sums: rows.map((row) => [...row].map(([source, coefficient]) => ({ source, coefficient }))),
  };
}

type Pair = readonly [x: number, y: number, p: number, q: number];

/** The pair p*x + q*y in most rows; undefined if no pair is in two. */
function commonestPair(rows: readonly Map<number, number>[]): Pair | undefined {
  const counts = new Map<string, number>();
  let best: Pair | undefined;
  let most = 1;
  for (const row of rows) {
    const summands = [...row].sort(([left], [right]) => left - right);
    for (let i = 0; i < summands.length; i++) {
      for (let j = i + 1; j < summands.length; j++) {
        const [[x, a], [y, b]] = [summands[i], summands[j]];
        const scale = gcd(Math.abs(a), Math.abs(b)) * Math.sign(a);
        const pair: Pair = [x, y, a / scale, b / scale];
        const key = pair.join(',');
        const count = (counts.get(key) ?? 0) + 1;
        counts.set(key, count);
        if (count > most) {
          most = count;
          best = pair;
        }
      }
    }
  }
  return best;
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
