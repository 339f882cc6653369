import type { ReplayBuffer } from './replay-buffer.js';
import type { Reward, Rewarded } from './reward.js';

/** Holds a find whose bonus is to be measured. */
interface Followed extends Rewarded {
  readonly gameId: string;
  /** Whether the game ended with it. If not, one of its simulations ran into it. */
  readonly isFinal: boolean;
}

/** Waits for the measurements of what games found, while training goes on, and puts their bonuses into the replay. */
export class FollowUp {
  readonly #replay: ReplayBuffer;
  readonly #reward: Reward;
  readonly #pending = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | undefined;

  constructor(replay: ReplayBuffer, reward: Reward) {
    this.#replay = replay;
    this.#reward = reward;
  }

  /** Counts the measurements that are under way. */
  get pending(): number {
    return this.#pending.size;
  }

  /** Starts the measurement of a find. The game that ended with it is dropped if infrastructure loses the measurement. */
  follow(found: Followed): void {
    if (this.#reward.isPlain) return;
    const measurement = this.#measure(found)
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => this.#pending.delete(measurement));
    this.#pending.add(measurement);
  }

  /** Waits until all measurements have ended. */
  async settle(): Promise<void> {
    await Promise.all(this.#pending);
  }

  /** Makes sure that no measurement failed. @throws the error of the first that did */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Puts known bonuses into a restored replay, as a checkpoint lacks those that were measured after it. */
  recall(): void {
    const { played, best } = this.#replay;
    for (const hash of new Set([...played, ...best].flatMap((kept) => kept.hash ?? []))) {
      const bonus = this.#reward.known(hash);
      if (bonus !== undefined) this.#replay.applyBonus(hash, bonus);
    }
  }

  async #measure(found: Followed): Promise<void> {
    const bonus = await this.#reward.measure(found);
    if (typeof bonus === 'number') this.#replay.applyBonus(found.hash, bonus);
    else if (bonus === 'lost' && found.isFinal) this.#replay.dropGame(found.gameId);
  }
}
