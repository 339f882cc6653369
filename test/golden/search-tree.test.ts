import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Random } from '../../shared/src/random.js';
import { type GameRules, start } from '../../trainer/src/game/state.js';
import type { Evaluator } from '../../trainer/src/search/evaluator.js';
import type { SearchOptions } from '../../trainer/src/search/options.js';
import { searchGames } from '../../trainer/src/search/search.js';

interface Golden {
  readonly size: { readonly n: number; readonly m: number; readonly p: number };
  readonly moveLimit: number;
  readonly moves: Readonly<Record<string, readonly number[]>>;
  readonly trees: readonly {
    readonly options: SearchOptions;
    readonly network: Readonly<Record<string, { readonly samples: readonly string[]; readonly value: number }>>;
    /** What is asked of the network, in order: a state with `value`, `actions` or `both`. */
    readonly calls: readonly string[];
    readonly root: {
      readonly actions: readonly string[];
      readonly priors: readonly number[];
      readonly visits: readonly number[];
      /** null: no visit. */
      readonly values: readonly (number | null)[];
      readonly policy: readonly number[];
      /** Of `gumbel` without noise. */
      readonly move?: string;
      readonly searchValue: number;
    };
  }[];
}

const golden: Golden = JSON.parse(readFileSync(new URL('search-tree.json', import.meta.url), 'utf8'));
const rules: GameRules = {
  size: golden.size,
  arithmetic: 'standard',
  values: [-1, 0, 1],
  moveLimit: golden.moveLimit,
};
const nameOf = new Map(Object.entries(golden.moves).map(([name, entries]) => [entries.join(), name]));
const close = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 12));

describe('the search equals the worked trees of search-tree.json', () => {
  it.each(golden.trees)(
    '$options.selection, $options.backup of $options.simulations simulations, horizon $options.horizon, unvisited $options.unvisitedValue, normalized $options.normalizeValues, value first $options.valueFirst',
    async ({ options, network, calls, root }) => {
      const asked: string[] = [];
      // The worked tree is that of the first move; later positions are not in its table.
      const beyond = { samples: ['A'], value: -1 };
      const valued = new Set<string>();
      const evaluator: Evaluator = async (positions, drawn) =>
        positions.map((position) => {
          const key = `${position.residual.join()}|${position.movesLeft}`;
          asked.push(`${key} ${drawn === 0 ? 'value' : valued.has(key) ? 'actions' : 'both'}`);
          valued.add(key);
          const { samples, value } = network[key] ?? beyond;
          const actions = drawn === 0 ? [] : samples.map((name) => Int8Array.from(golden.moves[name]));
          return { actions, value };
        });
      const [game] = await searchGames([start(rules)], evaluator, options, new Random(1));

      expect(asked.slice(0, calls.length)).toEqual(calls);
      const first = game.searched[0];
      expect(first.actions.map((action) => nameOf.get(action.join()))).toEqual(root.actions);
      expect([...first.visits]).toEqual(root.visits);
      expect([...first.values]).toEqual(close(root.values.map((value) => value ?? Number.NEGATIVE_INFINITY)));
      expect([...first.policy]).toEqual(close(root.policy));
      expect(first.searchValue).toBeCloseTo(root.searchValue, 12);
      expect(allowedMoves(root)).toContain(nameOf.get(game.moves[0].join()));
    },
  );
});

/** The moves that may be played: those not valued below the most visited one. */
function allowedMoves({ actions, visits, values, move }: Golden['trees'][number]['root']): string[] {
  if (move !== undefined) return [move];
  const threshold = values[visits.indexOf(Math.max(...visits))] as number;
  return actions.filter((_, index) => (values[index] as number) >= threshold);
}
