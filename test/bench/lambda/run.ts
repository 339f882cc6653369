import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contentHash, formatFactorizationJson } from '@alphatensor-edge/shared';
import { connectAgent } from '@alphatensor-edge/trainer/fleet/agent-client.js';
import { openPool } from '@alphatensor-edge/trainer/fleet/agent-pool.js';
import { relativeTime } from '@alphatensor-edge/trainer/fleet/latency-reward.js';
import { MEASUREMENTS_FILE, MeasurementStore } from '@alphatensor-edge/trainer/fleet/measurement-store.js';
import { loadCheckpoint } from '@alphatensor-edge/trainer/run/checkpoint.js';
import type { MetricsLine } from '@alphatensor-edge/trainer/run/metrics.js';
import { finetune } from '@alphatensor-edge/trainer/training/finetune.js';
import { forFinetuning, insideGames } from '@alphatensor-edge/trainer/training/finetune-config.js';
import { localNeighbour } from '@alphatensor-edge/trainer/training/local-moves.js';
import { type MeanInterval, meanWithInterval } from '../common/figures.js';
import { tfBackend } from '../common/options.js';
import { DEFAULT_BACKEND, DEVICES, type DeviceName, type Measured } from './devices.js';
import { demonstrated, type Start } from './start.js';

export const url = import.meta.url;

/**
 * Which images of the best algorithms the network is shown. `all`: under symmetries, with the reward of the original, as without a
 * latency. `priced`: under symmetries, each with a price of its own. `signs`: under changes of sign and cyclic steps alone, with the
 * reward of the original, as before there were prices.
 */
export const REPLAYS = ['all', 'priced', 'signs'] as const;
export type Replay = (typeof REPLAYS)[number];

/** One arm of the experiment with one seed. */
export interface Row extends Measured {
  readonly seed: number;
  readonly arm: string;
  readonly lambda: number;
  /** Which images of the best algorithms the replay shows. */
  readonly replay: Replay;
  /** Further games in each round that begin inside one of the best algorithms. */
  readonly insideGames: number;
  /** Whether local moves around the fastest algorithm are measured too. */
  readonly localMoves: boolean;
  /** Of the tree search for each move; absent: that of the start. */
  readonly simulations?: number | undefined;
  readonly start: Start;
  readonly steps: number;
  readonly device: DeviceName;
  /** The constant part of the synthetic device's t / t_baseline. */
  readonly base: number;
  readonly tfBackend: string;
}

/** An algorithm that was measured. */
export interface Algorithm {
  /** t / t_baseline. */
  readonly time: number;
  readonly nonzeros: number;
  /** As JSON. */
  readonly scheme: string;
}

/** An algorithm by its content. */
export interface Scheme {
  readonly hash: string;
  /** As JSON. */
  readonly scheme: string;
}

/** What a game ended with. */
export interface GameEnd extends Algorithm, Scheme {
  readonly step: number;
}

export interface Result {
  readonly seconds: number;
  readonly solved: number;
  readonly solvedAndMeasured: number;
  readonly algorithms: number;
  readonly ofGames: MeanInterval;
  /** Of games of the second half of the run. */
  readonly ofLateGames: MeanInterval;
  readonly nonzerosOfLateGames: MeanInterval;
  readonly ofAlgorithms: MeanInterval;
  readonly best: number;
  readonly bestNonzeros: number;
  readonly bestAtStep: number;
  readonly byNonzeros: readonly (MeanInterval & { readonly nonzeros: number })[];
  readonly late: readonly GameEnd[];
  /** How well times were estimated before they were measured, in words; absent where none was. */
  readonly prices?: string;
  /** The fastest that its games and simulations found, and its local moves, by the rewards as they were measured; no demonstration. */
  readonly winners: readonly (Algorithm & Scheme)[];
}

/** How many of the fastest are kept. */
const WINNERS = 3;

/** Fine-tunes on a device of its own and looks at what the games came to. */
export async function work(row: Row): Promise<Result> {
  const { steps, depth } = row;
  const { config } = await loadCheckpoint(row.start.checkpoint);
  const agent = await DEVICES[row.device].start(row.backend ?? DEFAULT_BACKEND, config.size, row.base);
  const runDir = mkdtempSync(join(tmpdir(), 'at-bench-lambda-'));
  try {
    const { seconds, ended, metrics } = await finetuneOn(agent.address, runDir, row);
    const shown = await demonstrated(row.start);
    const ranks = shown.length === 0 ? [7] : shown.map(({ rank }) => rank);
    const times = storedAlgorithms(join(runDir, MEASUREMENTS_FILE), Math.min(...ranks) ** depth);
    const games = ended.flatMap(({ hash, step, isFinal }): GameEnd[] => {
      const measured = times.get(hash);
      return isFinal && measured !== undefined ? [{ hash, step, ...measured }] : [];
    });
    // What the network was shown is no find, though a game may end with it.
    for (const factorization of shown) times.delete(contentHash(factorization));
    const late = games.filter(({ step }) => step > steps / 2);
    const all = [...times.values()];
    const best = Math.min(...all.map(({ time }) => time));
    return {
      seconds,
      solved: ended.filter(({ isFinal }) => isFinal).length,
      solvedAndMeasured: games.length,
      algorithms: all.length,
      ofGames: meanWithInterval(games.map(({ time }) => time)),
      ofLateGames: meanWithInterval(late.map(({ time }) => time)),
      nonzerosOfLateGames: meanWithInterval(late.map(({ nonzeros }) => nonzeros)),
      ofAlgorithms: meanWithInterval(all.map(({ time }) => time)),
      best,
      bestNonzeros: Math.min(...all.filter(({ time }) => time === best).map(({ nonzeros }) => nonzeros)),
      bestAtStep: Math.min(...ended.filter(({ hash }) => times.get(hash)?.time === best).map(({ step }) => step)),
      byNonzeros: byNonzeros(all),
      late,
      ...pricesOf(metrics),
      winners: [...times]
        .sort(([, a], [, b]) => a.time - b.time)
        .slice(0, WINNERS)
        .map(([hash, algorithm]) => ({ hash, ...algorithm })),
    };
  } finally {
    await agent.end();
    rmSync(runDir, { recursive: true, force: true });
  }
}

/** The fewest games of a round from the opening. */
const GAMES = 4;

interface Ended {
  readonly hash: string;
  readonly step: number;
  /** A game ended with it; else a simulation ran into it. */
  readonly isFinal: boolean;
}

async function finetuneOn(
  address: string,
  runDir: string,
  row: Row,
): Promise<{ readonly seconds: number; readonly ended: readonly Ended[]; readonly metrics: MetricsLine }> {
  const { seed, lambda, replay, steps, device, problem, depth, variant, start } = row;
  const { protocol } = DEVICES[device];
  const pool = await openPool([{ name: device, client: connectAgent(address) }]);
  const ended: Ended[] = [];
  let metrics: MetricsLine = {};
  try {
    const { config } = await loadCheckpoint(start.checkpoint);
    const tuned = insideGames(forFinetuning(config, { isTrained: true }), row.insideGames);
    const { seconds } = await finetune(
      {
        ...tuned,
        seed,
        tfBackend: tfBackend(row.tfBackend),
        demonstrations: { ...tuned.demonstrations, files: [...start.demonstrations] },
        ...(replay === 'signs' ? { replay: { ...tuned.replay, symmetryOffDiagonal: 0 } } : {}),
        search: { ...tuned.search, simulations: row.simulations ?? tuned.search.simulations },
        // The start may have been made without games.
        acting: { ...tuned.acting, games: Math.max(GAMES, tuned.acting.games) },
      },
      {
        runDir,
        pool,
        backend: row.backend ?? DEFAULT_BACKEND,
        pricesImages: replay === 'priced',
        neighbourhood: row.localMoves ? localNeighbour : undefined,
        ...(variant === undefined ? {} : { variant }),
        lambda,
        problems: [{ problem, weight: 1 }],
        reportProblems: [],
        depth,
        rewardProtocol: protocol,
        reportProtocol: protocol,
        reportedCount: 1,
        checkpoint: start.checkpoint,
        stop: { maxSteps: steps },
        hooks: {
          onMetrics: (line) => {
            metrics = line;
          },
          onFailure: (message) => console.error(message),
          onFactorization: ({ hash, step, isFinal }) => {
            ended.push({ hash, step, isFinal });
          },
        },
      },
    );
    return { seconds, ended, metrics };
  } finally {
    pool.close();
  }
}

function pricesOf({ costError, costErrorOfMean, costPredictions, costFromPrograms, pricedImages }: MetricsLine) {
  if (costError === undefined) return {};
  const prices =
    `times of ${costPredictions} algorithms were predicted before they were measured, ${costFromPrograms} from their programs: ` +
    `mean error ${costError.toFixed(4)}, by the mean of earlier ones ${costErrorOfMean.toFixed(4)}`;
  return { prices: pricedImages === undefined ? prices : `${prices}; ${pricedImages} priced images at the end` };
}

/** Whether sparser algorithms are faster on the device: the mean time of those of each number of nonzeros. */
function byNonzeros(algorithms: readonly Algorithm[]): Result['byNonzeros'] {
  const counts = [...new Set(algorithms.map(({ nonzeros }) => nonzeros))].sort((a, b) => a - b);
  return counts.map((count) => {
    const times = algorithms.filter(({ nonzeros }) => nonzeros === count).map(({ time }) => time);
    return { nonzeros: count, ...meanWithInterval(times) };
  });
}

/** Each algorithm of so many multiplications that was measured, by content hash. */
function storedAlgorithms(file: string, rank: number): Map<string, Algorithm> {
  const store = MeasurementStore.openReadOnly(file);
  try {
    const factorizations = store.factorizations();
    return new Map(
      store.all().flatMap(({ algorithm, outcome }): [string, Algorithm][] => {
        const time = relativeTime(outcome);
        const [hash] = algorithm.levels;
        const record = factorizations.get(hash);
        return time === undefined || algorithm.rank !== rank || record === undefined
          ? []
          : [[hash, { time, nonzeros: algorithm.nonzeros, scheme: formatFactorizationJson(record) }]];
      }),
    );
  } finally {
    store.close();
  }
}
