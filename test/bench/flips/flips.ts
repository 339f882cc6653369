import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bestKnownRank, formatSize, parseSize } from '@alphatensor-edge/shared';
import { parseTrainingConfig } from '@alphatensor-edge/trainer/config.js';
import { startBackend } from '@alphatensor-edge/trainer/network/backend.js';
import { PRESETS, type PresetName, presetForSize } from '@alphatensor-edge/trainer/presets.js';
import { hasCheckpoint, loadCheckpoint, newestCheckpoint } from '@alphatensor-edge/trainer/run/checkpoint.js';
import { runTrain } from '@alphatensor-edge/trainer/training/train-run.js';
import { type Bench, refusal } from '../bench.js';
import { machine, machineLine } from '../common/machine.js';
import { count, oneOf, positive, tfBackend } from '../common/options.js';
import { searchFromOpening } from '../hits/from-opening.js';
import { lineOf } from '../hits/openings-bench.js';
import { SEARCH_NAMES } from '../hits/searches.js';
import { BASES, type BasisKind } from '../hits/whole-openings.js';
import { ARM_NAMES, ARMS, type ArmName, type ArmResult } from './arms.js';
import { tableOf } from './table.js';

export const bench: Bench = {
  summary: 'what demonstrations of own flip-graph walks, own games and their search add to a network',
  help: `What demonstrations of a run's own flip-graph walks, own games and their search add. Each arm is trained with each seed for the same time or
steps, one after the other in one thread; then policy, beam and tree search play the same openings with its network. Each run is a folder in
--out: called again, the bench goes on where it was stopped.

  --out DIR          needed
  --size n,m,p       (2,3,3)
  --preset NAME      (mid)
  --arm NAME         repeatable (all): ${ARM_NAMES.join(', ')}
  --arms LIST        the same, separated by commas
  --seeds N          seeds 1 to N (3)
  --minutes N        of training, for each arm and seed (15)
  --steps N          learner steps instead of minutes: the same on a busy machine
  --games-from N     the step from which the arms that play do so (that of the preset)
  --rank R           what counts as a hit (the best known rank)
  --basis NAME       canonical or random; repeatable (both)
  --searches N       of each kind (96)
  --evaluations N    of each search; repeatable (200 and 800)
  --tf-backend NAME  (auto)
  --json             one object instead of lines
`,
  async run(args) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        out: { type: 'string' },
        size: { type: 'string', default: '2,3,3' },
        preset: { type: 'string', default: 'mid' },
        arm: { type: 'string', multiple: true },
        arms: { type: 'string' },
        seeds: { type: 'string', default: '3' },
        minutes: { type: 'string', default: '15' },
        steps: { type: 'string' },
        'games-from': { type: 'string' },
        rank: { type: 'string' },
        basis: { type: 'string', multiple: true, default: [...BASES] },
        searches: { type: 'string', default: '96' },
        evaluations: { type: 'string', multiple: true, default: ['200', '800'] },
        'tf-backend': { type: 'string', default: 'auto' },
        json: { type: 'boolean', default: false },
      },
    });
    if (values.out === undefined) throw refusal('--out is needed: the folder of the runs.');
    const size = parseSize(values.size);
    const names = [...(values.arm ?? []), ...(values.arms?.split(',') ?? [])];
    const plan: Plan = {
      out: values.out,
      size,
      preset: oneOf('--preset', Object.keys(PRESETS) as PresetName[], values.preset),
      backend: tfBackend(values['tf-backend']),
      maxSteps: values.steps === undefined ? undefined : count('--steps', values.steps),
      seconds: 60 * positive('--minutes', values.minutes),
      gamesFrom: values['games-from'] === undefined ? undefined : count('--games-from', values['games-from']),
      rank: count('--rank', values.rank ?? String(bestKnownRank(size))),
      bases: values.basis.map((name) => oneOf('--basis', BASES, name)),
      searches: count('--searches', values.searches),
      evaluations: values.evaluations.map((text) => count('--evaluations', text)),
      say: (line) => (values.json ? undefined : console.log(line)),
    };
    const arms = (names.length > 0 ? names : ARM_NAMES).map((name) => oneOf('--arm', ARM_NAMES, name));
    const seeds = Array.from({ length: count('--seeds', values.seeds) }, (_, index) => index + 1);
    plan.say(`${formatSize(size)}, rank ${plan.rank}; ${machineLine()}`);
    const interrupt = new AbortController();
    process.once('SIGINT', () => interrupt.abort());
    process.once('SIGTERM', () => interrupt.abort());
    const results: ArmResult[] = [];
    // Seed by seed, so that all arms have the same number of seeds whenever it is stopped.
    for (const seed of seeds) {
      for (const arm of arms) {
        if (interrupt.signal.aborted) break;
        const result = await resultOf(plan, arm, seed, interrupt.signal);
        if (result !== undefined) results.push(result);
      }
    }
    if (values.json) console.log(JSON.stringify({ machine: machine(), size, rank: plan.rank, results }, null, 2));
    else console.log(tableOf(results));
    if (interrupt.signal.aborted) process.exitCode = 130;
  },
};

interface Plan {
  readonly out: string;
  readonly size: ReturnType<typeof parseSize>;
  readonly preset: PresetName;
  readonly backend: ReturnType<typeof tfBackend>;
  readonly maxSteps: number | undefined;
  readonly seconds: number;
  readonly gamesFrom: number | undefined;
  readonly rank: number;
  readonly bases: readonly BasisKind[];
  readonly searches: number;
  readonly evaluations: readonly number[];
  say(line: string): void;
}

/** Trains and measures an arm, or reads what it came to before. Undefined if it was stopped. */
async function resultOf(plan: Plan, arm: ArmName, seed: number, signal: AbortSignal): Promise<ArmResult | undefined> {
  const runDir = join(plan.out, `${arm}-${seed}`);
  const file = `${runDir}.json`;
  const what = JSON.stringify({ ...plan, say: undefined });
  if (existsSync(file)) {
    const kept = JSON.parse(readFileSync(file, 'utf8')) as { what: string; result: ArmResult };
    if (kept.what === what) return kept.result;
  }
  plan.say(`${arm}, seed ${seed}: training in ${runDir}`);
  if (!(await train(plan, arm, seed, runDir, signal))) return undefined;
  const backend = await startBackend(plan.backend);
  const checkpoint = await loadCheckpoint(await newestCheckpoint(runDir));
  const { bases, searches, evaluations, rank } = plan;
  const rows = await searchFromOpening(
    checkpoint,
    backend,
    { bases, searchNames: SEARCH_NAMES, lockstep: 16, seed: 'ablation', searches, evaluations, rank },
    (row) => plan.say(`  ${lineOf(row)}`),
  );
  const { step, resume } = checkpoint;
  const result = { arm, seed, step, seconds: resume?.seconds ?? 0, bestRank: resume?.bestRank ?? null, rows };
  writeFileSync(file, `${JSON.stringify({ what, result }, null, 2)}\n`);
  return result;
}

/** Trains an arm for what is left of its time or steps. Says whether it came to the end. */
async function train(plan: Plan, arm: ArmName, seed: number, runDir: string, signal: AbortSignal): Promise<boolean> {
  mkdirSync(runDir, { recursive: true });
  const resume = await hasCheckpoint(runDir);
  const before = resume ? (await loadCheckpoint(await newestCheckpoint(runDir))).resume?.seconds : undefined;
  const { acting, ...rest } = ARMS[arm](presetForSize(plan.preset, plan.size));
  const config = parseTrainingConfig({
    ...rest,
    acting: { ...acting, fromStep: plan.gamesFrom ?? acting.fromStep },
    seed,
    tfBackend: plan.backend,
  });
  const budgetSeconds = plan.maxSteps === undefined ? Math.max(0, plan.seconds - (before ?? 0)) : undefined;
  if (budgetSeconds === 0) return true;
  const { reason } = await runTrain(
    { config, checkpoint: undefined },
    {
      runDir,
      resume,
      stop: { maxSteps: plan.maxSteps, budgetSeconds },
      signal,
      commandLine: `npm run bench flips -- --arm ${arm}, seed ${seed}`,
      hooks: { onMessage: () => undefined, onMetrics: () => undefined, onFactorization: () => undefined },
    },
  );
  return reason !== 'aborted';
}
