import { mean, Random } from '@alphatensor-edge/shared';
import * as tf from '@tensorflow/tfjs';
import { gameRules, type TrainingConfig } from '../config.js';
import { type SyntheticGame, syntheticGame } from '../game/demonstrations.js';
import { type Part, partWithTerms } from '../game/grown.js';
import { isOver, isSolved, type Position, play } from '../game/state.js';
import type { Network } from '../network/model.js';
import { tidy } from '../network/ops.js';
import { actingValue } from '../network/value-head.js';
import type { Calibration } from '../run/metrics.js';

/** What the network makes of synthetic games it never learns from. */
export interface HeldOutMetrics {
  /**
   * `eval.solved_fraction.rank_R`: of the tensors of known rank R, those that one of `ATTEMPTS` games by the policy alone takes to
   * zero in R moves or fewer. `eval.policy_loss`: mean -log pi of the known factors, nats. `eval.value_error`: mean distance of the
   * expected return from -R, moves.
   */
  readonly values: Readonly<Record<string, number>>;
  /** For each rank [mean expected return, -rank]. */
  readonly calibration: Calibration;
}

const GAMES_PER_RANK = 8;
const ATTEMPTS = 4;
/** A part of the ranks is enough where there are many. */
const MAX_RANKS = 12;

/** The games are the same in every run of a configuration; they are seen through no permutation. */
export class HeldOutGames {
  readonly #games: ReadonlyMap<number, readonly SyntheticGame[]>;
  /** By the number of random terms beside the part. */
  readonly #grown: ReadonlyMap<number, readonly SyntheticGame[]>;

  constructor(config: TrainingConfig, parts: readonly Part[] = []) {
    const rules = gameRules(config);
    const { synthetic } = config.demonstrations;
    const highest = Math.min(synthetic.maxRank, rules.moveLimit);
    const count = Math.min(highest, MAX_RANKS);
    const ranks = Array.from({ length: count }, (_, index) => Math.round(((index + 1) * highest) / count));
    this.#games = new Map(
      ranks.map((rank) => {
        const random = new Random(`held-out/${rank}`);
        // With exponent 0 the rank is not drawn.
        const options = { ...synthetic, maxRank: rank, rankExponent: 0 };
        return [rank, Array.from({ length: GAMES_PER_RANK }, () => syntheticGame(rules, options, random))];
      }),
    );
    this.#grown = new Map(
      parts.length === 0
        ? []
        : Array.from({ length: config.demonstrations.grown.maxExtra + 1 }, (_, extra) => [
            extra,
            heldOutGrownGames(config, parts, extra, GAMES_PER_RANK),
          ]),
    );
  }

  async evaluate(network: Network, random: Random): Promise<HeldOutMetrics> {
    const values: Record<string, number> = {};
    const calibration: [number, number][] = [];
    let policyLoss = 0;
    let valueError = 0;
    for (const [rank, games] of this.#games) {
      const positions = games.map(({ position }) => position);
      const expected = (await network.sample(positions, 0, random)).map(({ quantiles }) => actingValue(quantiles, 0));
      calibration.push([mean(expected), -rank]);
      valueError += mean(expected.map((value) => Math.abs(value + rank))) / this.#games.size;
      policyLoss += knownFactorsLoss(network, games) / this.#games.size;
      values[`eval.solved_fraction.rank_${rank}`] = await solvedFraction(network, positions, rank, random);
    }
    for (const [extra, games] of this.#grown) {
      const positions = games.map(({ position }) => position);
      const moves = Math.max(...games.map(({ remaining }) => remaining.length));
      values[`eval.grown_policy_loss.extra_${extra}`] = knownFactorsLoss(network, games);
      values[`eval.grown_solved_fraction.extra_${extra}`] = await solvedFraction(network, positions, moves, random);
    }
    return { values: { ...values, 'eval.policy_loss': policyLoss, 'eval.value_error': valueError }, calibration };
  }
}

/** Games of one whole part and `extra` random terms that no run learns from; the same for the same configuration and parts. */
export function heldOutGrownGames(
  config: TrainingConfig,
  parts: readonly Part[],
  extra: number,
  count: number,
): SyntheticGame[] {
  const rules = gameRules(config);
  const { synthetic, grown } = config.demonstrations;
  const fitting = parts.filter(({ rank }) => rank + extra <= rules.moveLimit);
  const random = new Random(`held-out/grown/${extra}`);
  return Array.from({ length: fitting.length === 0 ? 0 : count }, () =>
    partWithTerms(rules, fitting[random.int(fitting.length)], extra, { synthetic, ...grown }, random),
  );
}

/** One game at a time, as the network takes equally many actions of every position of a batch. */
function knownFactorsLoss(network: Network, games: readonly SyntheticGame[]): number {
  const losses = games.map(({ position, remaining }) => {
    const loss = tidy(() =>
      tf.mean(network.forward({ positions: [position], actions: remaining }).negativeLogProbabilities),
    );
    const [value] = loss.dataSync();
    loss.dispose();
    return value;
  });
  return mean(losses);
}

async function solvedFraction(
  network: Network,
  openings: readonly Position[],
  moves: number,
  random: Random,
): Promise<number> {
  const solved = new Set<number>();
  let games = openings.flatMap((position, index) => Array.from({ length: ATTEMPTS }, () => ({ position, index })));
  for (let move = 0; move < moves && games.length > 0; move++) {
    const sampled = await network.sample(
      games.map(({ position }) => position),
      1,
      random,
    );
    const next = games.map(({ position, index }, game) => ({
      position: play(position, sampled[game].actions[0]),
      index,
    }));
    for (const { position, index } of next) if (isSolved(position)) solved.add(index);
    games = next.filter(({ position, index }) => !isOver(position) && !solved.has(index));
  }
  return solved.size / openings.length;
}
