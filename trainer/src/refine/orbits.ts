import type { Orbit } from './orbit.js';

/** Orbits kept beside those that were given. */
const MOST = 5;
/** Floors closer to each other than this are of the same orbit. */
const SAME = 1e-4;

/** Keeps the orbits with the lowest floors that flips led to. */
export class Orbits {
  #kept: readonly Orbit[] = [];

  /** The orbits, the lowest floor first. */
  get all(): readonly Orbit[] {
    return this.#kept;
  }

  /** Tells whether an orbit of this floor would be kept. */
  wants(floor: number): boolean {
    if (this.#kept.some((orbit) => Math.abs(orbit.floor.growth / floor - 1) < SAME)) return false;
    return this.#kept.length < MOST || floor < this.#kept[this.#kept.length - 1].floor.growth;
  }

  offer(orbit: Orbit): void {
    if (!this.wants(orbit.floor.growth)) return;
    this.#kept = [...this.#kept, orbit].sort((a, b) => a.floor.growth - b.floor.growth).slice(0, MOST);
  }
}
