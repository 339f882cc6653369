/** Holds a row for each product of a level, with an entry for each block, row by row. */
export interface Coefficients {
  readonly rows: readonly (readonly number[])[];
  readonly denominator: number;
}

/** Holds the three transforms of a level as matrices: what each product has of each block of A, B and C. */
export interface LevelCoefficients {
  readonly a: Coefficients;
  readonly b: Coefficients;
  readonly c: Coefficients;
}

/** Tells how often groups of so many steps touch a matrix: the blocks that a group has something of, all groups together. */
export function timesTouched({ rows }: Coefficients, steps: number): number {
  const blocks = rows[0].length;
  let touched = 0;
  for (let first = 0; first < rows.length; first += steps) {
    const group = rows.slice(first, first + steps);
    for (let y = 0; y < blocks; y++) if (group.some((row) => row[y] !== 0)) touched++;
  }
  return touched / blocks;
}

/** The most steps of which every order is tried. */
const MOST_STEPS = 7;
/** The sizes of the groups that bounds on the workspace lead to. */
const GROUPS = [2, 3, 4];

/**
 * Orders the products of a level so that groups of neighbours touch as little as possible. C counts twice, because a group
 * that adds to it reads and writes it. A level of many products stays as it is.
 */
export function orderForGroups(coefficients: LevelCoefficients): LevelCoefficients {
  const count = coefficients.a.rows.length;
  if (count > MOST_STEPS) return coefficients;
  let best = coefficients;
  let least = Number.POSITIVE_INFINITY;
  for (const order of permutations(Array.from({ length: count }, (_, r) => r))) {
    const ordered = reordered(coefficients, order);
    const cost = GROUPS.reduce((sum, steps) => sum + touchesOf(ordered, steps), 0);
    if (cost >= least) continue;
    best = ordered;
    least = cost;
  }
  return best;
}

function touchesOf({ a, b, c }: LevelCoefficients, steps: number): number {
  return timesTouched(a, steps) + timesTouched(b, steps) + 2 * timesTouched(c, steps);
}

function reordered({ a, b, c }: LevelCoefficients, order: readonly number[]): LevelCoefficients {
  const inOrder = ({ rows, denominator }: Coefficients): Coefficients => ({
    rows: order.map((r) => rows[r]),
    denominator,
  });
  return { a: inOrder(a), b: inOrder(b), c: inOrder(c) };
}

/** Gives every order, the given one first. */
function* permutations(items: readonly number[]): Generator<readonly number[]> {
  if (items.length < 2) yield items;
  else
    for (const [index, item] of items.entries()) {
      for (const rest of permutations(items.toSpliced(index, 1))) yield [item, ...rest];
    }
}
