/** Addresses that are remembered. Beyond this the oldest is forgotten. */
const MAX_ADDRESSES = 10_000;

/** Limits how often an address may fail within a time window. Success is never counted, and no address is blocked for another. */
export class FailureLimit {
  readonly #max: number;
  readonly #windowMs: number;
  readonly #failures = new Map<string, { count: number; since: number }>();

  constructor(max = 10, windowMs = 60_000) {
    this.#max = max;
    this.#windowMs = windowMs;
  }

  isOver(address: string, now = Date.now()): boolean {
    const entry = this.#failures.get(address);
    return entry !== undefined && entry.count >= this.#max && now < entry.since + this.#windowMs;
  }

  count(address: string, now = Date.now()): void {
    const entry = this.#failures.get(address);
    if (entry !== undefined && now < entry.since + this.#windowMs) {
      entry.count++;
      return;
    }
    this.#failures.delete(address);
    this.#failures.set(address, { count: 1, since: now });
    const oldest = this.#failures.keys().next();
    if (this.#failures.size > MAX_ADDRESSES && !oldest.done) this.#failures.delete(oldest.value);
  }
}
