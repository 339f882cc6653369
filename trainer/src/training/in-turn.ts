import { startActors } from './actors.js';
import type { GameSource, GameSourceContext, Publication, SourcedGame, TakeOptions } from './game-source.js';
import type { Actors } from './round.js';

/**
 * Plays a round of games for each publication, and the learner waits for its end. Every random choice follows from the publication, so
 * a run can be repeated and resumed exactly.
 */
export class GamesInTurn implements GameSource {
  readonly description: string;
  readonly isInTurn = true;
  readonly #actors: Actors;
  readonly #games: number;
  #due: Publication | undefined;

  /** @throws AlphaTensorError as startActors */
  constructor({ network, config, acting, reward }: GameSourceContext) {
    const { games, workers } = config.acting;
    this.#actors = startActors(network, config, acting, reward);
    this.#games = games;
    this.description = `learning and playing in turn${workers > 1 ? `; games are played by ${workers} threads` : ''}`;
  }

  async publish(publication: Publication): Promise<void> {
    this.#due = publication;
  }

  /** Plays the round that is due. Once it was cancelled it is not due any more. */
  async take({ signal }: TakeOptions): Promise<readonly SourcedGame[]> {
    if (this.#due === undefined) return [];
    const { step, plan, begun, random } = this.#due;
    this.#due = undefined;
    const { searcher, moveLimit } = plan;
    const round = { searcher, games: this.#games, moveLimit, begun, name: `step-${step}`, random, signal };
    const played = await this.#actors.act(round);
    return played.map((game) => ({ ...game, weightsStep: step }));
  }

  metrics(): Record<string, never> {
    return {};
  }

  async close(): Promise<void> {
    await this.#actors.close();
  }
}
