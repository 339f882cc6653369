import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { pairedRatio, Random, type RatioEstimate } from '@alphatensor-edge/shared';
import { startBackend } from '@alphatensor-edge/trainer/network/backend.js';
import { loadCheckpoint } from '@alphatensor-edge/trainer/run/checkpoint.js';
import { actGames } from '@alphatensor-edge/trainer/training/actor.js';
import { sum } from '../common/figures.js';
import { trainedNetwork } from '../common/networks.js';
import { CHECKPOINT_222 } from '../common/paths.js';
import { withFleet } from './with-fleet.js';

export interface ActingOptions {
  readonly folder: string;
  readonly agents: number;
  readonly sleepSeconds: number;
  readonly pairs: number;
}

export interface ActingRow {
  readonly agents: number;
  readonly pairs: number;
  readonly evaluationsPerSecondAlone: number;
  readonly evaluationsPerSecondAttached: number;
  /** With agents over without, of the rates. */
  readonly relativeRate: RatioEstimate;
  readonly measurementsPerSecond: number;
}

/** A round of games. */
interface Played {
  readonly seconds: number;
  readonly evaluations: number;
}

/** Plays the same games with agents kept busy and without; pairs in random order. */
export async function measureActing(options: ActingOptions): Promise<ActingRow> {
  const { agents, pairs } = options;
  await startBackend('wasm');
  const checkpoint = await loadCheckpoint(CHECKPOINT_222);
  const { config: trained } = checkpoint;
  const config = { ...trained, search: { ...trained.search, simulations: 50 } };
  const network = trainedNetwork({ ...checkpoint, config });
  const play = async (pair: number | string): Promise<Played> => {
    const began = performance.now();
    const round = { searcher: 'mcts', games: 8, name: `pair-${pair}`, random: new Random(`pair ${pair}`) } as const;
    const games = await actGames(network, config, round);
    return {
      seconds: (performance.now() - began) / 1000,
      evaluations: sum(games.map(({ evaluations }) => evaluations)),
    };
  };
  await play('warm-up');
  return withFleet({ ...options, name: 'acting' }, async (measure) => {
    const attached: (Played & { readonly measured: number })[] = [];
    const alone: Played[] = [];
    const order = new Random('order');
    for (let pair = 0; pair < pairs; pair++) {
      const playPair = () => play(pair);
      const steps = [
        async () => attached.push(await whileBusy(options, measure, playPair)),
        async () => alone.push(await playPair()),
      ];
      for (const step of order.bernoulli(0.5) ? steps : steps.reverse()) await step();
    }
    const seconds = (plays: readonly Played[]): number[] => plays.map((one) => one.seconds);
    const rate = (plays: readonly Played[]): number =>
      sum(plays.map(({ evaluations }) => evaluations)) / sum(seconds(plays));
    return {
      agents,
      pairs,
      evaluationsPerSecondAlone: rate(alone),
      evaluationsPerSecondAttached: rate(attached),
      // The same games, so the ratio of the times is that of the rates.
      relativeRate: pairedRatio(seconds(alone), seconds(attached), { seed: 1 }),
      measurementsPerSecond: sum(attached.map(({ measured }) => measured)) / sum(seconds(attached)),
    };
  });
}

export function actingLine(row: ActingRow): string {
  const [estimate, low, high] = [row.relativeRate.estimate, row.relativeRate.low, row.relativeRate.high].map((share) =>
    (100 * share).toFixed(1),
  );
  return (
    `games with ${row.agents} agents attached: ${estimate} % of the rate without (${low}–${high} %), ` +
    `${row.evaluationsPerSecondAlone.toFixed(0)} network evaluations/s alone; meanwhile ${row.measurementsPerSecond.toFixed(2)} measurements/s`
  );
}

/** Plays while every agent has a job running and one waiting. */
async function whileBusy(
  { agents, sleepSeconds }: ActingOptions,
  measure: () => Promise<number>,
  play: () => Promise<Played>,
): Promise<Played & { readonly measured: number }> {
  let measured = 0;
  let isOver = false;
  const keepBusy = async (): Promise<void> => {
    while (!isOver) {
      await measure();
      if (!isOver) measured++;
    }
  };
  const busy = Array.from({ length: 2 * agents }, keepBusy);
  // Every agent is in the middle of a job when the games begin.
  await delay(1500 * sleepSeconds);
  const before = measured;
  const result = await play();
  const during = measured - before;
  isOver = true;
  await Promise.all(busy);
  return { ...result, measured: during };
}
