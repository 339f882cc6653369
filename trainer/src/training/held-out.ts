import { mean, Random } from '@alphatensor-edge/shared';
import * as tf from '@tensorflow/tfjs';
import { gameRules, type TrainingConfig } from '../config.js';
import { type SyntheticGame, syntheticGame } from '../game/demonstrations.js';
import { type Part, partWithTerms } from '../game/grown.js';
import { isOver, isSolved, type Position, play } from '../game/state.js';
import type { Network } from '../network/model.js';
import { tidy } from '../network/ops.js';
import { coordinatesOf, permuteMove, permutePosition } from '../network/permutations.js';
import { actingValue } from '../network/value-head.js';
import type { Calibration } from '../run/metrics.js';

/** Holds how well the network plays synthetic games that it never learns from. */
interface HeldOutMetrics {
  /**
   * `eval.solved_fraction.rank_R`: the share of the tensors of known rank R that the policy alone solves in at most R moves, in one of
   * `ATTEMPTS` games. `eval.policy_loss`: mean -log pi of the known terms, in nats. `eval.value_error`: mean distance of the expected
   * return from -R, in moves.
   */
  readonly values: Readonly<Record<string, number>>;
  /** For each rank, [mean expected return, -rank]. */
  readonly calibration: Calibration;
}

const GAMES_PER_RANK = 8;
const ATTEMPTS = 4;
/** Limits the ranks that are tried, where there are many. */
const MAX_RANKS = 12;

/**
 * Evaluates the network on held-out games. They are the same in every run of a configuration and are shown in the original coordinates, but for
 * their signs where the network sees normal forms.
 */
export class HeldOutGames {
  readonly #games: ReadonlyMap<number, readonly SyntheticGame[]>;
  /** The grown games, by the number of random terms beside the part. */
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
        // With exponent 0 every game has the highest rank.
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

  /** Plays and evaluates the games. */
  async evaluate(network: Network, random: Random): Promise<HeldOutMetrics> {
    const values: Record<string, number> = {};
    const calibration: [number, number][] = [];
    let policyLoss = 0;
    let valueError = 0;
    for (const [rank, originals] of this.#games) {
      const games = inSignsOf(network, originals, random);
      const positions = games.map(({ position }) => position);
      const expected = (await network.sample(positions, 0, random)).map(({ quantiles }) => actingValue(quantiles, 0));
      calibration.push([mean(expected), -rank]);
      valueError += mean(expected.map((value) => Math.abs(value + rank))) / this.#games.size;
      policyLoss += knownFactorsLoss(network, games) / this.#games.size;
      values[`eval.solved_fraction.rank_${rank}`] = await solvedFraction(network, positions, rank, random);
    }
    for (const [extra, originals] of this.#grown) {
      const games = inSignsOf(network, originals, random);
      const positions = games.map(({ position }) => position);
      const moves = Math.max(...games.map(({ remaining }) => remaining.length));
      values[`eval.grown_policy_loss.extra_${extra}`] = knownFactorsLoss(network, games);
      values[`eval.grown_solved_fraction.extra_${extra}`] = await solvedFraction(network, positions, moves, random);
    }
    return { values: { ...values, 'eval.policy_loss': policyLoss, 'eval.value_error': valueError }, calibration };
  }
}

/** Makes held-out games of one whole part and `extra` random terms. They are the same for the same configuration and parts. */
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

/** Writes games in the signs in which the network sees them. */
function inSignsOf(network: Network, games: readonly SyntheticGame[], random: Random): readonly SyntheticGame[] {
  if (!network.normalizesSigns) return games;
  const { normalizesSigns } = network;
  const permutations = network.permutations.slice(0, 1);
  return games.map(({ position, remaining }) => {
    const signs = coordinatesOf({ permutations, normalizesSigns }, position, random);
    const { size } = position.rules;
    return {
      position: permutePosition(position, signs),
      remaining: remaining.map((action) => permuteMove(action, signs, size)),
    };
  });
}

/** Computes the mean loss of the known terms, one game at a time: a batch has the same number of actions for every position. */
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
    const played = games.map(({ position }, game) => ({
      position: play(position, sampled[game].actions[0]),
      remaining: [],
    }));
    const shown = inSignsOf(network, played, random);
    const next = games.map(({ index }, game) => ({ position: shown[game].position, index }));
    for (const { position, index } of next) if (isSolved(position)) solved.add(index);
    games = next.filter(({ position, index }) => !isOver(position) && !solved.has(index));
  }
  return solved.size / openings.length;
}
