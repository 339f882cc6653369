import { AlphaTensorError, type Random, type VerifiedFactorization } from '@alphatensor-edge/shared';
import { changeBasis } from './basis-change.js';
import { type OrbitFloor, orbitFloor } from './floor.js';
import type { OrbitPoint } from './orbit-point.js';
import { toPoint } from './point.js';
import { plainOrders, type Rounding, roundedBases } from './rounding.js';

/** The shares of a diagonal entry to whose multiples rounded bases have their other entries. */
const GRAINS = [0.25, 0.25, 0.5, 0.125];

/** Represents an orbit by one of its factorizations, and gives places in it to search from. */
export class Orbit {
  readonly factorization: VerifiedFactorization;
  readonly floor: OrbitFloor;
  readonly point: OrbitPoint;

  /** @throws AlphaTensorError as toPoint */
  constructor(factorization: VerifiedFactorization, seed: number) {
    this.factorization = factorization;
    this.point = toPoint(factorization);
    this.floor = orbitFloor(factorization, seed);
  }

  /** Gives the factorization in the bases of its floor, rounded; the factorization itself where that cannot be kept exactly. */
  rounded(random: Random): OrbitPoint {
    const orders = plainOrders(this.floor.bases).map((order) => random.shuffle(order));
    return this.#roundedBy({ orders, grain: GRAINS[random.int(GRAINS.length)] });
  }

  #roundedBy(rounding: Rounding): OrbitPoint {
    try {
      return toPoint(changeBasis(this.factorization, roundedBases(this.floor.bases, rounding)));
    } catch (error) {
      if (error instanceof AlphaTensorError && error.code === 'INVALID_ARGUMENT') return this.point;
      throw error;
    }
  }
}
