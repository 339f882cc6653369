import type { VerifiedFactorization } from '@alphatensor-edge/shared';

/** Holds a factorization that a run's own walks in the flip graph found. */
export interface WalkedFactorization {
  readonly factorization: VerifiedFactorization;
  /** What `orbitInvariant` gives for it. */
  readonly orbit: string;
  /** The learner step at which it was found. */
  readonly step: number;
}

/** Holds what a checkpoint keeps of the walks, so that a resumed run goes on with them. */
export interface StoredFlips {
  readonly walked: readonly WalkedFactorization[];
  /** Factorizations of the run's own size that are one flip from these. */
  readonly neighbours: readonly WalkedFactorization[];
  /** The orbits of the run's own size that the network may have been shown. */
  readonly shown: readonly string[];
  /** The orbits of the lowest rank that games found, and whether the network had been shown each before. */
  readonly played: readonly PlayedOrbit[];
  /** The flips so far. */
  readonly flips: number;
  /** The descents so far that began with what a game found. */
  readonly fromGames: number;
}

/** Holds an orbit that a game of the run's own size found. */
export interface PlayedOrbit {
  readonly orbit: string;
  readonly rank: number;
  readonly wasShown: boolean;
}
