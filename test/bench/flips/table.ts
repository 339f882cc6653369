import { percent, sum } from '../common/figures.js';
import { wilson } from '../hits/tests-of-shares.js';
import type { ArmResult } from './arms.js';

/**
 * Makes a Markdown table: for each arm and kind of search the hits of all seeds together with their 95 % interval, and those of each seed.
 * The interval takes the searches of all seeds as independent, which those of one network are not, so the seeds are listed beside it.
 */
export function tableOf(results: readonly ArmResult[]): string {
  const arms = [...new Set(results.map(({ arm }) => arm))];
  const kinds = [
    ...new Set(results.flatMap(({ rows }) => rows.map((row) => `${row.basis} | ${row.search} | ${row.evaluations}`))),
  ];
  const lines = kinds.flatMap((kind) =>
    arms.map((arm) => {
      const rows = results
        .filter((result) => result.arm === arm)
        .flatMap((result) => result.rows)
        .filter((row) => `${row.basis} | ${row.search} | ${row.evaluations}` === kind);
      const [hits, searches] = [sum(rows.map((row) => row.hits)), sum(rows.map((row) => row.searches))];
      const [low, high] = wilson(hits, searches);
      const orbits = new Set(rows.flatMap((row) => row.orbits)).size;
      // What a network was not shown depends on its seed: an orbit counts if it was not shown to the network that found it.
      const unseen = rows.some(({ notShown }) => notShown === null)
        ? '–'
        : new Set(rows.flatMap(({ notShown }) => notShown ?? [])).size;
      const seeds = rows.map((row) => row.hits).join(', ');
      return `| ${kind} | ${arm} | ${hits} of ${searches} (${percent(low)} to ${percent(high)}) | ${seeds} | ${orbits} | ${unseen} |`;
    }),
  );
  return [
    '| basis | search | evaluations | arm | hits (95 %) | of each seed | orbits | not shown |',
    '|---|---|---|---|---|---|---|---|',
    ...lines,
  ].join('\n');
}
