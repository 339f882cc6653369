import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isExact, multiplicationTensor, Random } from '../../../../shared/src/index.js';
import { gameRules, type TrainingConfig } from '../../../../trainer/src/config.js';
import { makeSignCanonical } from '../../../../trainer/src/game/action.js';
import { canonicalBasis } from '../../../../trainer/src/game/basis.js';
import { play, start } from '../../../../trainer/src/game/state.js';
import { startBackend } from '../../../../trainer/src/network/backend.js';
import { Network } from '../../../../trainer/src/network/model.js';
import { actGames } from '../../../../trainer/src/training/actor.js';
import { searchWords } from '../../../../trainer/src/training/words.js';
import { SEED, SMALL_NETWORK, smallConfig } from '../../../support/small-network.js';

// So small that any network stumbles over a solution in some of the games.
const CONFIG = smallConfig({
  size: { n: 1, m: 1, p: 2 },
  moveLimit: 6,
  network: { ...SMALL_NETWORK, historyLength: 1, entriesPerToken: 1 },
  search: { ...smallConfig().search, simulations: 30, samples: 12, rootSamples: 12, leavesPerStep: 4 },
});
const GAMES = 12;

let network: Network;

beforeAll(async () => {
  await startBackend('wasm');
  network = new Network(CONFIG.network, gameRules(CONFIG), SEED);
});
afterAll(() => network.dispose());

function inBases(canonicalProbability: number): TrainingConfig {
  return { ...CONFIG, acting: { ...CONFIG.acting, basis: { canonicalProbability, offDiagonal: 0.3, maxEntry: 4 } } };
}

async function openings(config: TrainingConfig): Promise<string[]> {
  const options = { searcher: 'mcts', games: GAMES, name: 'g', random: new Random(4) } as const;
  const games = await actGames(network, config, options);
  const found = games.flatMap((game) => game.found);
  expect(found.length).toBeGreaterThan(0);
  for (const factorization of found) expect(isExact(factorization)).toBe(true);
  return games.map(({ stored }) => (stored as NonNullable<typeof stored>).opening.join());
}

describe('the games of a run', () => {
  const canonical = multiplicationTensor(CONFIG.size).join();

  it('begin from the multiplication tensor in the canonical basis', async () => {
    expect(await openings(inBases(1))).toEqual(Array(GAMES).fill(canonical));
    const mixed = await openings(inBases(0.5));
    expect(mixed).toContain(canonical);
    expect(new Set(mixed).size).toBeGreaterThan(1);
  });

  it('begin from the multiplication tensor in the basis of the game, and give back exact factorizations of it', async () => {
    expect(new Set(await openings(inBases(0))).size).toBeGreaterThan(GAMES / 2);
  });

  it('that had begun go on from there, and what they find contains the moves before', async () => {
    const rules = gameRules(CONFIG);
    // The first of the two products of <1,1,2>.
    const before = makeSignCanonical(Int8Array.of(1, 1, 0, 1, 0), CONFIG.size);
    const opening = start(rules, play(start(rules), before).residual, 5);
    const begun = Array(GAMES).fill({ basis: canonicalBasis(CONFIG.size), prefix: [before], opening });
    for (const searcher of ['mcts', 'beam'] as const) {
      const options = { searcher, games: 2, begun, name: 'g', random: new Random(6) };
      const games = await actGames(network, CONFIG, options);
      expect(games.map(({ id, isInside }) => [id, isInside])).toEqual(
        Array.from({ length: 2 + GAMES }, (_, index) => [`g-${index}`, index >= 2]),
      );
      const solved = games.slice(2).filter((game) => game.solved);
      expect(solved.length).toBeGreaterThan(0);
      for (const { found, moves, stored } of solved) {
        expect([isExact(found[0]), found[0].rank]).toEqual([true, moves + 1]);
        expect(stored?.opening ?? opening.residual).toEqual(opening.residual);
        expect(searchWords({ searcher, isInside: true })).toBe(
          `${searcher === 'mcts' ? 'tree' : 'beam'} search inside the best so far`,
        );
      }
    }
  });
});
