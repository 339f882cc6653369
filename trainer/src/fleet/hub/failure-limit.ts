/** Failures that are remembered; more addresses than this make room by forgetting the oldest. */
const MAX_ADDRESSES = 10_000;

/** How often an address may fail within a while. Those that succeed are never counted, and nobody is locked out for others. */
export class FailureLimit {
  private readonly failures = new Map<string, { count: number; since: number }>();

  constructor(
    private readonly max = 10,
    private readonly windowMs = 60_000,
  ) {}

  isOver(address: string, now = Date.now()): boolean {
    const entry = this.failures.get(address);
    return entry !== undefined && entry.count >= this.max && now < entry.since + this.windowMs;
  }

  count(address: string, now = Date.now()): void {
    const entry = this.failures.get(address);
    if (entry !== undefined && now < entry.since + this.windowMs) {
      entry.count++;
      return;
    }
    this.failures.delete(address);
    this.failures.set(address, { count: 1, since: now });
    const oldest = this.failures.keys().next();
    if (this.failures.size > MAX_ADDRESSES && !oldest.done) this.failures.delete(oldest.value);
  }
}
