import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatFactorizationJson } from '@alphatensor-edge/shared';
import { connectAgent } from '@alphatensor-edge/trainer/fleet/agent-client.js';
import { openPool } from '@alphatensor-edge/trainer/fleet/agent-pool.js';
import { relativeTime } from '@alphatensor-edge/trainer/fleet/latency-reward.js';
import { MEASUREMENTS_FILE, MeasurementStore } from '@alphatensor-edge/trainer/fleet/measurement-store.js';
import { loadCheckpoint } from '@alphatensor-edge/trainer/run/checkpoint.js';
import { finetune } from '@alphatensor-edge/trainer/training/finetune.js';
import { forFinetuning } from '@alphatensor-edge/trainer/training/finetune-config.js';
import { type MeanInterval, meanWithInterval } from '../common/figures.js';
import { tfBackend } from '../common/options.js';
import { CHECKPOINT_222 } from '../common/paths.js';
import { DEVICES, type DeviceName, type Measured } from './devices.js';

export const url = import.meta.url;

/** One arm of the experiment with one seed. */
export interface Row extends Measured {
  readonly seed: number;
  readonly arm: string;
  readonly lambda: number;
  /** The replay is that of a run with this lambda. */
  readonly replayLambda: number;
  readonly steps: number;
  readonly device: DeviceName;
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

/** What a game ended with. */
export interface GameEnd extends Algorithm {
  readonly hash: string;
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
}

/** Fine-tunes on a device of its own and looks at what the games came to. */
export async function work(row: Row): Promise<Result> {
  const { steps, depth } = row;
  const agent = await DEVICES[row.device].start();
  const runDir = mkdtempSync(join(tmpdir(), 'at-bench-lambda-'));
  try {
    const { seconds, ended } = await finetuneOn(agent.address, runDir, row);
    const times = storedAlgorithms(join(runDir, MEASUREMENTS_FILE), 7 ** depth);
    const games = ended.flatMap(({ hash, step, isFinal }): GameEnd[] => {
      const measured = times.get(hash);
      return isFinal && measured !== undefined ? [{ hash, step, ...measured }] : [];
    });
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
    };
  } finally {
    await agent.end();
    rmSync(runDir, { recursive: true, force: true });
  }
}

interface Ended {
  readonly hash: string;
  readonly step: number;
  /** A game ended with it; else a simulation ran into it. */
  readonly isFinal: boolean;
}

async function finetuneOn(
  address: string,
  runDir: string,
  { seed, lambda, replayLambda, steps, device, problem, depth, variant, tfBackend: backend }: Row,
): Promise<{ readonly seconds: number; readonly ended: readonly Ended[] }> {
  const { protocol } = DEVICES[device];
  const pool = await openPool([{ name: device, client: connectAgent(address) }]);
  const ended: Ended[] = [];
  try {
    const { config } = await loadCheckpoint(CHECKPOINT_222);
    const tuned = forFinetuning(config, { isTrained: true, lambda: replayLambda });
    const { seconds } = await finetune(
      { ...tuned, seed, tfBackend: tfBackend(backend) },
      {
        runDir,
        pool,
        backend: 'c-gcc',
        ...(variant === undefined ? {} : { variant }),
        lambda,
        problems: [{ problem, weight: 1 }],
        reportProblems: [],
        depth,
        rewardProtocol: protocol,
        reportProtocol: protocol,
        reportedCount: 1,
        checkpoint: CHECKPOINT_222,
        stop: { maxSteps: steps },
        hooks: {
          onFactorization: ({ hash, step, isFinal }) => {
            ended.push({ hash, step, isFinal });
          },
        },
      },
    );
    return { seconds, ended };
  } finally {
    pool.close();
  }
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
function storedAlgorithms(file: string, rank: number): ReadonlyMap<string, Algorithm> {
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
