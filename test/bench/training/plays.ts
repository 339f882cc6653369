import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AlphaTensorError, type Size } from '@alphatensor-edge/shared';
import { PLAYS } from '@alphatensor-edge/trainer/config.js';
import { runTraining } from '@alphatensor-edge/trainer/training/train.js';
import { type ArmTime, type Effect, mean, pairedEffect } from '../common/figures.js';
import { configFor } from '../common/networks.js';
import type { NetworkName } from '../common/options.js';

export const url = import.meta.url;

export const SEARCHERS = ['mcts', 'beam'] as const;

export interface Row {
  readonly tfBackend: 'wasm';
  readonly size: Size;
  readonly network: NetworkName;
  readonly searcher: (typeof SEARCHERS)[number];
  /** Of one way of playing in one round. */
  readonly seconds: number;
  readonly rounds: number;
}

/** What one way of playing came to, and its ratio to the first one, paired by round. */
export interface Played {
  readonly play: (typeof PLAYS)[number];
  readonly stepsPerSecond: number;
  readonly gamesPerSecond: number;
  readonly steps: Effect;
  readonly games: Effect;
}

export interface Result {
  /** Games of a round, and the learner steps between two rounds. */
  readonly games: number;
  readonly everySteps: number;
  readonly batch: number;
  readonly plays: readonly Played[];
}

/**
 * Trains from random weights in turns: with games in turn with learning, and with games on one worker thread meanwhile.
 * @throws AlphaTensorError UNAVAILABLE if no game ended in a turn
 */
export async function work({ tfBackend, size, network, searcher, seconds, rounds }: Row): Promise<Result> {
  const preset = configFor(size, network);
  const acting = { ...preset.acting, mode: searcher, fromStep: 0 };
  const train = async (play: (typeof PLAYS)[number], seed: number) => {
    const runDir = mkdtempSync(join(tmpdir(), 'plays-'));
    try {
      const config = { ...preset, acting: { ...acting, play }, seed, tfBackend };
      const result = await runTraining(config, { runDir, stop: { budgetSeconds: seconds } });
      return { steps: result.step / result.seconds, games: result.games / result.seconds };
    } finally {
      rmSync(runDir, { recursive: true, force: true });
    }
  };
  const rates: Record<'steps' | 'games', ArmTime[]> = { steps: [], games: [] };
  for (let round = 1; round <= rounds; round++) {
    for (const arm of round % 2 === 1 ? PLAYS : [...PLAYS].reverse()) {
      const { steps, games } = await train(arm, round);
      if (games === 0) {
        throw new AlphaTensorError('UNAVAILABLE', `No game ended in ${seconds} s (${arm}); give --seconds more.`);
      }
      rates.steps.push({ seed: round, arm, time: steps });
      rates.games.push({ seed: round, arm, time: games });
    }
  }
  const [first] = PLAYS;
  const meanOf = (of: 'steps' | 'games', play: string): number =>
    mean(rates[of].filter(({ arm }) => arm === play).map(({ time }) => time));
  return {
    games: acting.games,
    everySteps: acting.everySteps,
    batch: preset.learner.batchSize,
    plays: PLAYS.map((play) => ({
      play,
      stepsPerSecond: meanOf('steps', play),
      gamesPerSecond: meanOf('games', play),
      steps: pairedEffect(rates.steps, play, first),
      games: pairedEffect(rates.games, play, first),
    })),
  };
}
