import { Random, standard } from '@alphatensor-edge/shared';
import { beforeAll, expect, it, vi } from 'vitest';
import { gameRules } from '../../../../trainer/src/config.js';
import { normalSigns } from '../../../../trainer/src/game/normal-signs.js';
import { startBackend } from '../../../../trainer/src/network/backend.js';
import { Network } from '../../../../trainer/src/network/model.js';
import { HeldOutGames } from '../../../../trainer/src/training/held-out.js';
import { microConfig } from '../../../support/trainer-process.js';

beforeAll(() => startBackend('wasm'));

it('says by rank what a network makes of games it never learns from, and the same each time', async () => {
  const config = microConfig();
  const network = new Network(config.network, gameRules(config), new Random('weights'));
  const evaluate = () => new HeldOutGames(config).evaluate(network, new Random('draws'));
  const { values, calibration } = await evaluate();
  const highest = Math.min(config.demonstrations.synthetic.maxRank, config.moveLimit);
  expect(calibration.map(([, real]) => real)).toEqual(Array.from({ length: highest }, (_, index) => -1 - index));
  expect(calibration.flat().every(Number.isFinite)).toBe(true);
  for (let rank = 1; rank <= highest; rank++) {
    const fraction = values[`eval.solved_fraction.rank_${rank}`];
    expect(fraction).toBeGreaterThanOrEqual(0);
    expect(fraction).toBeLessThanOrEqual(1);
  }
  // An untrained policy is close to uniform over the moves of <1,1,2>.
  expect(values['eval.policy_loss']).toBeGreaterThan(0.5);
  expect(values['eval.value_error']).toBeGreaterThan(0);
  expect(await evaluate()).toEqual({ values, calibration });
  network.dispose();
});

it('looks at games that were grown from parts of different ranks', async () => {
  const plain = { ...microConfig(), size: { n: 1, m: 1, p: 3 }, moveLimit: 3 };
  const grown = { ...plain.demonstrations.grown, maxExtra: 1 };
  const config = { ...plain, demonstrations: { ...plain.demonstrations, grown } };
  const network = new Network(config.network, gameRules(config), new Random('weights'));
  const parts = [standard({ n: 1, m: 1, p: 1 }), standard({ n: 1, m: 1, p: 2 })];
  const { values } = await new HeldOutGames(config, parts).evaluate(network, new Random('draws'));
  // Untrained, it is close to uniform over the moves.
  for (const extra of [0, 1]) expect(values[`eval.grown_policy_loss.extra_${extra}`]).toBeGreaterThan(0.5);
  network.dispose();
});

it('shows a network that asks for it the normal form of signs, at the beginning of a game and after each move', async () => {
  const config = microConfig();
  const seen = async (normalizeSigns: boolean): Promise<boolean[]> => {
    const network = new Network({ ...config.network, normalizeSigns }, gameRules(config), new Random('weights'));
    const sample = vi.spyOn(network, 'sample');
    const forward = vi.spyOn(network, 'forward');
    await new HeldOutGames(config).evaluate(network, new Random('draws'));
    const positions = [
      ...sample.mock.calls.flatMap(([shown]) => shown),
      ...forward.mock.calls.flatMap(([{ positions: shown }]) => shown),
    ];
    network.dispose();
    return positions.map(({ residual }) => normalSigns(residual, config.size).every((sign) => sign === 1));
  };
  expect(new Set(await seen(true))).toEqual(new Set([true]));
  expect(new Set(await seen(false))).toEqual(new Set([true, false]));
});
