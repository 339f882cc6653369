// Games as actors send them, without a network: of real size, played from an algorithm of the catalogue in random bases.
import { loadFactorization, Random, type VerifiedFactorization } from '@alphatensor-edge/shared';
import { encodeGame, type GameMessage } from '@alphatensor-edge/trainer/cluster/game-message.js';
import { configurationHash } from '@alphatensor-edge/trainer/cluster/run-record.js';
import { messageOfGame } from '@alphatensor-edge/trainer/cluster/write-game.js';
import { gameRules, parseTrainingConfig, type TrainingConfig } from '@alphatensor-edge/trainer/config.js';
import { type Action, makeSignCanonical } from '@alphatensor-edge/trainer/game/action.js';
import { targetTensor } from '@alphatensor-edge/trainer/game/basis.js';
import { start } from '@alphatensor-edge/trainer/game/state.js';
import { presetForSize } from '@alphatensor-edge/trainer/presets.js';
import { imageOf } from '@alphatensor-edge/trainer/training/demonstrated-game.js';

/** The configuration of the kept checkpoint of <2,2,3>, as the preset gives it. */
export function clusterConfig(): TrainingConfig {
  return parseTrainingConfig(presetForSize('lean', { n: 2, m: 2, p: 3 }));
}

/** Makes games of <2,2,3> that end solved with the catalogue's algorithm of rank 11, each in another basis with other policies. */
export class GameMaker {
  readonly config: TrainingConfig;
  readonly configuration: string;
  readonly #algorithm: VerifiedFactorization;
  readonly #random: Random;

  private constructor(config: TrainingConfig, algorithm: VerifiedFactorization, seed: string) {
    this.config = config;
    this.configuration = configurationHash(config);
    this.#algorithm = algorithm;
    this.#random = new Random(seed);
  }

  static async open(seed: string, config = clusterConfig()): Promise<GameMaker> {
    const { factorization } = await loadFactorization('2x2x3');
    return new GameMaker(config, factorization, seed);
  }

  /** Makes a game under an id, played with weights of a version. @param actions of each policy; the preset's search has up to 64 */
  make(id: string, version: number, actions = 64): GameMessage {
    const rules = gameRules(this.config);
    const { terms, basis } = imageOf(rules, this.#algorithm, this.config, this.#random);
    const moves = terms.map((term) => makeSignCanonical(Int8Array.from(term), rules.size));
    const opening = start(rules, targetTensor(basis));
    const searched = moves.map((move) => this.#policy(move, actions));
    const stored = {
      ...{ id, opening: opening.residual, moveLimit: opening.movesLeft, moves, searched, terminal: 0, bonus: 0 },
      hash: undefined,
    };
    return messageOfGame(
      {
        ...{
          id,
          searcher: 'mcts',
          isInside: false,
          solved: true,
          moves: moves.length,
          return: -moves.length,
          bonus: 0,
        },
        ...{ begun: { basis, prefix: [], opening }, stored, found: [this.#algorithm] },
        ...{ evaluations: 1000, simulations: 1500, expansions: 500, wasted: 100 },
      },
      { id, configuration: this.configuration, version },
    );
  }

  bytes(id: string, version: number, actions?: number): Uint8Array {
    return encodeGame(this.make(id, version, actions));
  }

  /** Distinct random moves with the one that was played among them, and random probabilities. */
  #policy(move: Action, count: number): { actions: Action[]; policy: Float64Array } {
    const rules = gameRules(this.config);
    const known = new Map([[move.join(), move]]);
    while (known.size < count) {
      const action = Int8Array.from(move, () => this.#random.int(3) - 1);
      try {
        makeSignCanonical(action, rules.size);
        known.set(action.join(), action);
      } catch {
        // A factor is zero.
      }
    }
    const weights = Array.from(known.values(), () => 0.01 + this.#random.float());
    const sum = weights.reduce((left, right) => left + right, 0);
    return { actions: [...known.values()], policy: Float64Array.from(weights, (weight) => weight / sum) };
  }
}
