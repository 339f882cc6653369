import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { ENGINES } from '@alphatensor-edge/trainer/config.js';
import { chooseActBackend } from '@alphatensor-edge/trainer/network/act-backend.js';
import { startBackend } from '@alphatensor-edge/trainer/network/backend.js';
import { loadCheckpoint } from '@alphatensor-edge/trainer/run/checkpoint.js';
import type { Bench } from '../bench.js';
import { figure, percent } from '../common/figures.js';
import { machine } from '../common/machine.js';
import { count, oneOf, positive, tfBackend } from '../common/options.js';
import { CHECKPOINT_222 } from '../common/paths.js';
import { ALL_ARMS, Arm, type ArmRow } from './arm.js';
import { measureOpenings } from './openings-bench.js';
import { type Interval, signTest, wilson } from './tests-of-shares.js';

export const bench: Bench = {
  summary: 'how often a search finds a rank from the opening: network and search taken apart',
  help: `How often a search finds the best known rank with the same number of network evaluations: network and search taken apart. A search
begins in a random basis, the same for every arm; it starts over until its evaluations are spent or it hits.

With --checkpoint: how often searches of that network, of any size, reach a rank from the opening, by policy, beam and tree search, in the canonical
basis and in random ones; how many orbits they find, and how many of these walks had not shown to it; then explore for the same
seconds on one thread.

  --checkpoint DIR   repeatable: each has the same openings
  --rank R           what counts as a hit; games have R moves (the best known rank)
  --basis NAME       canonical or random; repeatable (both)
  --search NAME      policy, beam or mcts; repeatable (all)
  --evaluations N    of each search; repeatable (200 and 800)
  --left N           begin where N terms are left of an algorithm that the run's walks showed, or of one that walks find now; repeatable
  --off-diagonal P   of random bases: the chance of 1, and of -1, in each place off the diagonal (as in the network's training)
  and --searches (96), --lockstep (16), --seed, --tf-backend, --json

Without --checkpoint:

  --supervised DIR   checkpoint of supervised learning alone; without it its arms are left out
  --improved DIR     checkpoint, of any size (trainer/checkpoints/2x2x2-tiny)
  --arm ARM          repeatable (all): ${ALL_ARMS.join(', ')};
                     with other options of its search: improved/mcts,c1=0.2,simulations=800,valueLevel=0
  --searches N       of each arm (40)
  --evaluations N    of each search (1000)
  --lockstep N       searches side by side (8)
  --budget SECONDS   no further searches after it
  --openings WHICH   mixed or all (mixed): bases that only permute entries and change signs are left out of mixed, because a network
                     that has seen one solution solves them by heart
  --remaining R      begin where R terms of a random image of Strassen's algorithm are left (the others have been played), with R moves
  --seed N           (1)
  --tf-backend NAME  (wasm)
  --act-backend X    onnx or tfjs: what the searches play through (onnx where it runs)
  --json             one object instead of lines
`,
  async run(args) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        json: { type: 'boolean', default: false },
        supervised: { type: 'string' },
        improved: { type: 'string', default: CHECKPOINT_222 },
        arm: { type: 'string', multiple: true, default: ALL_ARMS },
        searches: { type: 'string' },
        checkpoint: { type: 'string', multiple: true },
        rank: { type: 'string' },
        basis: { type: 'string', multiple: true },
        search: { type: 'string', multiple: true },
        left: { type: 'string', multiple: true },
        'off-diagonal': { type: 'string' },
        evaluations: { type: 'string', multiple: true },
        lockstep: { type: 'string' },
        budget: { type: 'string' },
        openings: { type: 'string', default: 'mixed' },
        remaining: { type: 'string' },
        seed: { type: 'string', default: '1' },
        'tf-backend': { type: 'string', default: 'wasm' },
        'act-backend': { type: 'string', default: 'auto' },
      },
    });
    if (values.checkpoint !== undefined) return measureOpenings({ ...values, checkpoint: values.checkpoint });
    const searches = count('--searches', values.searches ?? '40');
    const lockstep = count('--lockstep', values.lockstep ?? '8');
    const budget = values.budget === undefined ? Number.POSITIVE_INFINITY : positive('--budget', values.budget);
    const setting = {
      searches,
      evaluations: count('--evaluations', values.evaluations?.[0] ?? '1000'),
      openings: oneOf('--openings', ['mixed', 'all'], values.openings),
      remaining: values.remaining === undefined ? undefined : count('--remaining', values.remaining),
      seed: values.seed,
    };
    const checkpoints = {
      improved: await loadCheckpoint(values.improved),
      supervised: values.supervised === undefined ? undefined : await loadCheckpoint(values.supervised),
    };
    const engine = oneOf('--act-backend', ENGINES, values['act-backend']);
    const acting = chooseActBackend(engine, await startBackend(tfBackend(values['tf-backend'])));
    const prepared = await Promise.all(values.arm.map((name) => Arm.prepare(name, checkpoints, setting, acting)));
    const arms = prepared.filter((arm) => arm !== undefined);
    const began = performance.now();
    // Round by round, so that all arms have the same number of searches when the time is over.
    for (let done = 0; done < searches && performance.now() - began < budget * 1000; done += lockstep) {
      for (const arm of arms) await arm.search(Math.min(lockstep, searches - done));
    }
    const rows: Row[] = arms.map(({ row }) => ({ ...row, interval: wilson(row.hits, row.searches) }));
    const pairs = arms.flatMap((arm, index) => arms.slice(index + 1).flatMap((other) => paired(arm, other) ?? []));
    if (!values.json) console.log([...rows.map(lineOf), ...pairs.map(pairLine)].join('\n'));
    else {
      const { seed, openings, remaining, evaluations } = setting;
      const document = {
        machine: machine(),
        backend: acting.description,
        seed,
        openings,
        remaining,
        evaluations,
        rows,
        pairs,
      };
      console.log(JSON.stringify(document, null, 2));
    }
  },
};

interface Row extends ArmRow {
  readonly interval: Interval;
}

interface Pair {
  readonly first: string;
  readonly second: string;
  readonly onlyFirst: number;
  readonly onlySecond: number;
  readonly p: number;
}

/** Two searches with one network on the same openings: how many only one of them hit, and McNemar's exact two-sided p. */
function paired(arm: Arm, other: Arm): Pair | undefined {
  if (arm.networkName !== other.networkName) return undefined;
  const onlyFirst = arm.hitAt.filter((hit, index) => hit && !other.hitAt[index]).length;
  const onlySecond = other.hitAt.filter((hit, index) => hit && !arm.hitAt[index]).length;
  return { first: arm.row.arm, second: other.row.arm, onlyFirst, onlySecond, p: signTest(onlyFirst, onlySecond) };
}

function pairLine({ first, second, onlyFirst, onlySecond, p }: Pair): string {
  return `only ${first} hit ${onlyFirst} openings, only ${second} ${onlySecond}: p = ${p.toPrecision(2)}`;
}

function lineOf({ arm, step, searches, hits, early, interval: [low, high], evaluations, seconds }: Row): string {
  const share = `${hits} of ${searches}, ${percent(low)} to ${percent(high)} (${early} in half of them)`;
  return `${arm.padEnd(18)} step ${step}: ${share}; ${evaluations} evaluations, ${figure(evaluations / seconds)}/s`;
}
