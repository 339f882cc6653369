import type { ReplayBuffer } from './replay-buffer.js';
import type { Reward, Rewarded } from './reward.js';

/** A find whose bonus is to be measured. */
export interface Followed extends Rewarded {
  readonly gameId: string;
  /** Whether the game ended with it; else one of its simulations ran into it. */
  readonly isFinal: boolean;
}

/** Follows the measurements of what games found, while training goes on, and puts their bonuses into the replay as they arrive. */
export class FollowUp {
  readonly #replay: ReplayBuffer;
  readonly #reward: Reward;
  readonly #pending = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | undefined;

  constructor(replay: ReplayBuffer, reward: Reward) {
    this.#replay = replay;
    this.#reward = reward;
  }

  /** Measurements that are under way. */
  get pending(): number {
    return this.#pending.size;
  }

  /** Has a find measured. Its game is dropped if infrastructure loses the measurement. */
  follow(found: Followed): void {
    if (this.#reward.isPlain) return;
    const measurement = this.#measure(found)
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => this.#pending.delete(measurement));
    this.#pending.add(measurement);
  }

  /** Waits for what is under way. */
  async settle(): Promise<void> {
    await Promise.all(this.#pending);
  }

  /** @throws the error of the first measurement that failed, if one did */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Puts what was measured before into a replay that was restored: a checkpoint lacks what came after it. */
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
