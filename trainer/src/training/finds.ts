import { contentHash, sameSize } from '@alphatensor-edge/shared';
import { gameRules, type TrainingConfig } from '../config.js';
import type { ResumeState } from '../run/checkpoint.js';
import { keepFactorization } from '../run/factorizations.js';
import { type NetworkProvenance, provenanceWords } from '../run/provenance.js';
import type { FoundFactorization, TrainingHooks } from './contract.js';
import { demonstrates } from './demonstrated-game.js';
import type { FlipDemonstrations } from './flips/flip-demonstrations.js';
import type { ReplayBuffer } from './replay-buffer.js';
import type { Reward } from './reward.js';
import type { ActedGame } from './round.js';
import { searchWords } from './words.js';

/** Holds what the finds are made with. */
interface FindsOptions {
  readonly config: TrainingConfig;
  readonly runDir: string;
  readonly provenance: NetworkProvenance;
  readonly replay: ReplayBuffer;
  readonly flips?: FlipDemonstrations | undefined;
  readonly reward: Reward;
  readonly onFactorization: TrainingHooks['onFactorization'];
}

/** Handles what the games of a run find: it tells new finds from known ones, puts them into the replay, saves them and tells the caller. */
export class Finds {
  readonly #options: FindsOptions;
  readonly #known = new Set<string>();
  #games = 0;
  #solved = 0;
  #bestRank: number | undefined;

  constructor(options: FindsOptions) {
    this.#options = options;
  }

  /** Counts the games of the run, with the earlier parts of a resumed run. */
  get games(): number {
    return this.#games;
  }

  /** Counts the solved ones among `games`. */
  get solved(): number {
    return this.#solved;
  }

  /** Gives the lowest rank that the run found for its own size, with the earlier parts of a resumed run. */
  get bestRank(): number | undefined {
    return this.#bestRank;
  }

  /** Goes on from what an earlier part of the run found. */
  restore({ best, bestRank, games, solved }: ResumeState): void {
    this.#games = games;
    this.#solved = solved;
    this.#bestRank = bestRank;
    for (const { hash } of best) this.#known.add(hash);
  }

  /** Puts a game and its finds into the replay, saves new ones and tells the caller. Returns each find once. */
  async take(
    game: ActedGame,
    now: Pick<FoundFactorization, 'step' | 'seconds'>,
  ): Promise<readonly FoundFactorization[]> {
    const { replay, onFactorization } = this.#options;
    this.#games++;
    if (game.solved) this.#solved++;
    if (game.stored !== undefined) replay.addGame(game.stored);
    const finds = this.#findsOf(game, now);
    for (const found of finds) {
      if (!found.isInside) this.#options.flips?.note(found.factorization);
      this.#imitate(found);
      if (found.isNew) await this.#save(found);
      await onFactorization?.(found);
    }
    return finds;
  }

  #findsOf(game: ActedGame, now: Pick<FoundFactorization, 'step' | 'seconds'>): FoundFactorization[] {
    const finds = new Map<string, FoundFactorization>();
    for (const [index, factorization] of game.found.entries()) {
      const hash = contentHash(factorization);
      if (finds.has(hash)) continue;
      finds.set(hash, {
        factorization,
        hash,
        gameId: game.id,
        isFinal: game.solved && index === 0,
        searcher: game.searcher,
        isInside: game.isInside,
        ...now,
        isNew: !this.#known.has(hash),
        ...this.#options.provenance,
      });
      this.#known.add(hash);
    }
    return [...finds.values()];
  }

  #imitate({ factorization }: FoundFactorization): void {
    const { config, replay, reward } = this.#options;
    const { size, rank } = factorization;
    if (sameSize(size, config.size)) this.#bestRank = Math.min(this.#bestRank ?? rank, rank);
    if (demonstrates(gameRules(config), factorization)) {
      replay.addBest(factorization, reward.estimate(factorization), 'rl');
    }
  }

  async #save(found: FoundFactorization): Promise<void> {
    const { factorization, step } = found;
    await keepFactorization(this.#options.runDir, {
      factorization,
      origin: 'rl',
      notes: `Found by ${searchWords(found)} at learner step ${step}, ${provenanceWords(found)}.`,
    });
  }
}
