import { performance } from 'node:perf_hooks';
import { Random } from '@alphatensor-edge/shared';
import { gameRules } from '@alphatensor-edge/trainer/config.js';
import { type ActiveActBackend, playerOf } from '@alphatensor-edge/trainer/network/act-backend.js';
import { networkEvaluator } from '@alphatensor-edge/trainer/network/batcher.js';
import { Network } from '@alphatensor-edge/trainer/network/model.js';
import type { Sampler } from '@alphatensor-edge/trainer/network/sampler.js';
import type { Checkpoint } from '@alphatensor-edge/trainer/run/checkpoint.js';
import { refusal } from '../bench.js';
import { drawOpenings, type Opening, type Setting } from './openings.js';
import { type PreparedSearch, SEARCHES } from './searches.js';
import { sharedBatches } from './shared-batches.js';
import { spendOn } from './spend.js';

const NETWORKS = ['untrained', 'supervised', 'improved'] as const;
type NetworkName = (typeof NETWORKS)[number];
type SearchName = keyof typeof SEARCHES;

/** Every network with every search, as --arm takes them. */
export const ALL_ARMS: string[] = NETWORKS.flatMap((network) =>
  Object.keys(SEARCHES).map((search) => `${network}/${search}`),
);

/** The networks that an arm may have; the untrained one has the shape of the improved one. */
export interface Checkpoints {
  readonly improved: Checkpoint;
  readonly supervised: Checkpoint | undefined;
}

/** What an arm came to so far. */
export interface ArmRow {
  readonly arm: string;
  readonly step: number;
  searches: number;
  hits: number;
  /** Hits with at most half of the evaluations. */
  early: number;
  evaluations: number;
  seconds: number;
}

/** One network with one search. */
export class Arm {
  readonly row: ArmRow;
  /** Of each search, in order. */
  readonly hitAt: boolean[] = [];

  private constructor(
    name: string,
    step: number,
    readonly networkName: NetworkName,
    private readonly openings: readonly Opening[],
    private readonly sampler: Sampler,
    private readonly prepared: PreparedSearch,
    private readonly evaluations: number,
    private readonly random: Random,
  ) {
    this.row = { arm: name, step, searches: 0, hits: 0, early: 0, evaluations: 0, seconds: 0 };
  }

  /**
   * Undefined for an arm whose checkpoint was not given.
   * @param name such as `improved/mcts,c1=0.2`
   * @param acting what it plays through
   * @throws AlphaTensorError INVALID_ARGUMENT for one that there is not
   */
  static async prepare(
    name: string,
    checkpoints: Checkpoints,
    setting: Setting,
    acting: ActiveActBackend,
  ): Promise<Arm | undefined> {
    const [arm, ...settings] = name.split(',');
    const [networkName, searchName] = arm.split('/') as [NetworkName, SearchName];
    if (!ALL_ARMS.includes(arm)) throw refusal(`There is no arm ${name}; there are ${ALL_ARMS.join(', ')}.`);
    const checkpoint = networkName === 'supervised' ? checkpoints.supervised : checkpoints.improved;
    if (checkpoint === undefined) return undefined;
    const { config, weights, step } = checkpoint;
    const isUntrained = networkName === 'untrained';
    const prepared = SEARCHES[searchName](config, setting, settings);
    const network = new Network(config.network, gameRules(config), new Random(`${setting.seed}/weights`));
    if (!isUntrained) network.parameters.import(weights);
    return new Arm(
      name,
      isUntrained ? 0 : step,
      networkName,
      drawOpenings(config, setting),
      await playerOf(network, acting).sampler(),
      prepared,
      setting.evaluations,
      new Random(`${setting.seed}/${arm}`),
    );
  }

  /** Makes the next so many searches side by side. */
  async search(count: number): Promise<void> {
    const began = performance.now();
    const first = this.row.searches;
    const { valueLevel, search } = this.prepared;
    const evaluatorRandom = this.random.split(`evaluator/${first}`);
    const inner = networkEvaluator(this.sampler, { maxBatch: 256, valueLevel }, evaluatorRandom);
    const results = await sharedBatches(inner, count, (evaluator, index) =>
      spendOn(this.openings[first + index], this.random.split(first + index), {
        evaluator,
        evaluations: this.evaluations,
        search,
      }),
    );
    for (const { hit, spent } of results) {
      this.hitAt.push(hit);
      this.row.hits += hit ? 1 : 0;
      this.row.early += hit && spent <= this.evaluations / 2 ? 1 : 0;
      this.row.evaluations += spent;
    }
    this.row.searches += count;
    this.row.seconds += (performance.now() - began) / 1000;
  }
}
