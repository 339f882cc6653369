import type { Interval } from '@alphatensor-edge/proto';
import { controlDifference } from '@alphatensor-edge/shared';

/** The age from which on a control no longer says what the device is like, milliseconds. */
const OLDEST_MS = 10 * 60_000;
/** Bounds the controls that are kept, since trainers choose problems. */
const MAX_KEPT = 100;

interface Control {
  readonly interval: Promise<Interval>;
  readonly takenAt: number;
  isDisturbed: boolean;
}

/** Keeps controls by what they were taken of, until they are old. One that was disturbed is taken again at once. */
export class ControlCache {
  readonly #controls = new Map<string, Control>();
  readonly #now: () => number;

  /** @param now milliseconds of a clock that never goes back */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Gives the control of this key, and takes it if there is none that still counts. */
  get(key: string, take: () => Promise<Interval>): Promise<Interval> {
    const kept = this.#controls.get(key);
    if (kept !== undefined && !kept.isDisturbed && this.#now() < kept.takenAt + OLDEST_MS) return kept.interval;
    const control: Control = { interval: take(), takenAt: this.#now(), isDisturbed: false };
    // The newest is last, and the oldest is dropped first.
    this.#controls.delete(key);
    this.#controls.set(key, control);
    if (this.#controls.size > MAX_KEPT) this.#controls.delete(this.#controls.keys().next().value ?? key);
    control.interval.then(
      (interval) => {
        control.isDisturbed = controlDifference(interval) > 1;
      },
      // A cancelled control says nothing, so the next call times again.
      () => {
        if (this.#controls.get(key) === control) this.#controls.delete(key);
      },
    );
    return control.interval;
  }
}
