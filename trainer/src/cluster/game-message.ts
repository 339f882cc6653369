import { AlphaTensorError } from '@alphatensor-edge/shared';
import protobuf from 'protobufjs';

// The form in which a game travels from an actor to the learner. It is data only: the learner plays the game again (verify-game.ts).

/** The version of the form. A learner takes its own only. */
export const GAME_FORMAT = 1;
/** The most bytes of a game, in a message or through the object store. */
export const MOST_GAME_BYTES = 16 * 1024 * 1024;

const MESSAGE = protobuf
  .parse(`
    syntax = "proto3";
    message Game {
      uint32 format = 1;
      string id = 2;
      // SHA-256 of the configuration that the game was played with, and the version of the weights.
      string configuration = 3;
      uint32 version = 4;
      Searcher searcher = 5;
      enum Searcher { MCTS = 0; BEAM = 1; }
      // The rows n, m, p of the product that is played, which may be smaller than the configuration's.
      repeated uint32 target = 6;
      // Row-major matrices of the basis and their inverses.
      Basis u = 7;
      Basis v = 8;
      Basis w = 9;
      // Moves, one after the other, each the bytes of u, v and w.
      bytes prefix = 10;
      bytes moves = 11;
      uint32 move_limit = 12;
      repeated Searched searched = 13;
      // Further algorithms that the search ran into, in the canonical basis.
      repeated Algorithm found = 14;
      uint32 evaluations = 15;
      uint32 simulations = 16;
      uint32 expansions = 17;
      uint32 wasted = 18;
    }
    message Basis { repeated sint32 matrix = 1; repeated sint32 inverse = 2; }
    message Searched { bytes actions = 1; repeated float policy = 2; }
    message Algorithm { repeated sint32 u = 1; repeated sint32 v = 2; repeated sint32 w = 3; uint32 rank = 4; }`)
  .root.lookupType('Game');

/** Holds a square matrix and its inverse as they travel. */
interface BasisMessage {
  readonly matrix: readonly number[];
  readonly inverse: readonly number[];
}

/** Holds what the search found out before a move. */
interface SearchedMessage {
  readonly actions: Uint8Array;
  readonly policy: readonly number[];
}

/** Holds an algorithm that the search found, as it travels: rows of u, v and w one after the other. */
export interface AlgorithmMessage {
  readonly rank: number;
  readonly u: readonly number[];
  readonly v: readonly number[];
  readonly w: readonly number[];
}

/** Holds a game as it travels. Nothing of it is believed. */
export interface GameMessage {
  readonly format: number;
  readonly id: string;
  readonly configuration: string;
  readonly version: number;
  /** 0: tree search; 1: beam search. */
  readonly searcher: number;
  readonly target: readonly number[];
  readonly u?: BasisMessage | null | undefined;
  readonly v?: BasisMessage | null | undefined;
  readonly w?: BasisMessage | null | undefined;
  readonly prefix: Uint8Array;
  readonly moves: Uint8Array;
  readonly moveLimit: number;
  readonly searched: readonly SearchedMessage[];
  readonly found: readonly AlgorithmMessage[];
  readonly evaluations: number;
  readonly simulations: number;
  readonly expansions: number;
  readonly wasted: number;
}

/** Writes a game. */
export function encodeGame(game: GameMessage): Uint8Array {
  return MESSAGE.encode(game as unknown as Record<string, unknown>).finish();
}

/** Reads a game. @throws AlphaTensorError UNSUPPORTED_FORMAT for other bytes, or for too many of them */
export function decodeGame(bytes: Uint8Array): GameMessage {
  if (bytes.length > MOST_GAME_BYTES) {
    throw new AlphaTensorError('UNSUPPORTED_FORMAT', `A game has ${MOST_GAME_BYTES} bytes at most.`);
  }
  try {
    return MESSAGE.decode(bytes) as unknown as GameMessage;
  } catch (cause) {
    throw new AlphaTensorError('UNSUPPORTED_FORMAT', 'The bytes are no game.', { cause });
  }
}
