import type { Summand } from './additions.js';
import type { Step, StraightLine } from './straight-line-program.js';

/**
 * Reorders the additions so that few values are alive at a time, as registers are few. The next step is always the one
 * that ends the most lives and begins the fewest. An input lives from its first use, and an output until the last step
 * that uses it.
 */
export function orderSteps(program: StraightLine): StraightLine {
  const { inputs, steps } = program;
  const usesLeft = new Array<number>(inputs + steps.length).fill(0);
  for (const { left, right } of steps) {
    usesLeft[left.source]++;
    usesLeft[right.source]++;
  }
  /** Holds for each step the steps that use it, and how many of its own operands are still to be computed. */
  const users: number[][] = steps.map(() => []);
  const operandsMissing = steps.map(({ left, right }, index) => {
    const missing = [left, right].filter(({ source }) => source >= inputs);
    for (const { source } of missing) users[source - inputs].push(index);
    return missing.length;
  });
  const ready = new Set([...steps.keys()].filter((index) => operandsMissing[index] === 0));
  const isUsed = usesLeft.map((uses) => uses > 0);
  const isLoaded = new Array<boolean>(inputs).fill(false);
  /** Gives the number of each value in the new order. */
  const numberOf = Array.from({ length: inputs + steps.length }, (_, value) => (value < inputs ? value : -1));

  /**
   * Counts what the step adds to the live values. Among equals, the step whose operands are used up soonest has the
   * least cost.
   */
  const cost = ({ left, right }: Step, index: number): number => {
    const begun = [left, right].filter(({ source }) => source < inputs && !isLoaded[source]).length;
    const ended = [left, right].filter(({ source }) => usesLeft[source] === 1).length;
    const alive = begun - ended + (isUsed[inputs + index] ? 1 : 0);
    return alive + Math.min(usesLeft[left.source], usesLeft[right.source]) / (steps.length + 1);
  };
  const renumber = ({ source, coefficient }: Summand): Summand =>
    source < 0 ? { source, coefficient } : { source: numberOf[source], coefficient };

  const ordered: Step[] = [];
  while (ready.size > 0) {
    let [next, least] = [-1, Number.POSITIVE_INFINITY];
    for (const index of ready) {
      const added = cost(steps[index], index);
      if (added < least) [next, least] = [index, added];
    }
    const { left, right } = steps[next];
    ready.delete(next);
    numberOf[inputs + next] = inputs + ordered.length;
    ordered.push({ left: renumber(left), right: renumber(right) });
    for (const { source } of [left, right]) {
      usesLeft[source]--;
      if (source < inputs) isLoaded[source] = true;
    }
    for (const user of users[next]) if (--operandsMissing[user] === 0) ready.add(user);
  }
  return { ...program, steps: ordered, outputs: program.outputs.map(renumber) };
}
