import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bestKnownRank, contentHash, formatFactorizationJson, parseSize, type Size } from '@alphatensor-edge/shared';
import { refusal } from '../bench.js';
import { effectText, intervalText } from '../common/figures.js';
import { machine } from '../common/machine.js';
import { count, counts, oneOf, positive, tfBackend } from '../common/options.js';
import { hasFailed, inProcess } from '../common/rows.js';
import { againLines, againOf } from './again.js';
import { armEffects, type Effects } from './arm-effects.js';
import { COST, DEFAULT_BACKEND, DEVICES, type DeviceName, whyMissing } from './devices.js';
import * as run from './run.js';
import { type SavedRuns, savedRunsIfAny, saveRuns } from './saved-runs.js';
import * as start from './start.js';
import { strassenImages } from './strassen-images.js';

type Run = run.Row & run.Result;

/** Fine-tunes with every arm and seed and compares the arms. */
export async function experiment(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: 'boolean', default: false },
      device: { type: 'string', default: 'synthetic' },
      base: { type: 'string', default: String(COST.a) },
      size: { type: 'string', default: '2,2,2' },
      seeds: { type: 'string', default: '1,2,3' },
      lambda: { type: 'string' },
      steps: { type: 'string', default: '200' },
      'at-once': { type: 'string', default: '1' },
      backend: { type: 'string', default: DEFAULT_BACKEND },
      variant: { type: 'string' },
      problem: { type: 'string', default: '1024' },
      levels: { type: 'string', default: '1' },
      replay: { type: 'string' },
      demonstrations: { type: 'string' },
      checkpoint: { type: 'string' },
      'start-steps': { type: 'string', default: '400' },
      'local-moves': { type: 'boolean', default: false },
      arms: { type: 'string' },
      'inside-games': { type: 'string' },
      simulations: { type: 'string' },
      'tf-backend': { type: 'string', default: 'wasm' },
      save: { type: 'string' },
      again: { type: 'boolean', default: false },
      seconds: { type: 'string', default: '1' },
      rounds: { type: 'string', default: '2' },
    },
  });
  const device = oneOf('--device', Object.keys(DEVICES) as DeviceName[], values.device);
  if (device === 'synthetic' && values.again) throw refusal('--again needs --device real.');
  // The agent itself says why the default does not work.
  const isProbed = device === 'real' && values.backend !== DEFAULT_BACKEND;
  const missing = isProbed ? await whyMissing(values.backend) : undefined;
  if (missing !== undefined) {
    console.log(`skipped: ${values.backend} does not work on this machine (${missing})`);
    return;
  }
  const size = parseSize(values.size);
  const isKept = values.checkpoint === undefined && start.hasCheckpoint(size);
  const isMade = values.checkpoint === undefined && !isKept;
  const beginning = async (): Promise<start.Start> => {
    if (values.checkpoint !== undefined) return start.ofTraining(values.checkpoint);
    return isKept ? start.KEPT : await startOf({ ...values, size, startSteps, backend }, say);
  };
  const lambda = values.lambda === undefined ? defaultLambda(size) : positive('--lambda', values.lambda);
  const replay = oneOf('--replay', run.REPLAYS, values.replay ?? (values.checkpoint === undefined ? 'priced' : 'all'));
  const edge = count('--problem', values.problem);
  const setting = {
    problem: { m: edge, k: edge, n: edge, dtype: 'f32', threads: 1 } as const,
    depth: count('--levels', values.levels),
    ...(values.variant === undefined ? {} : { variant: values.variant }),
    ...(values.backend === DEFAULT_BACKEND ? {} : { backend: values.backend }),
  };
  const base = positive('--base', values.base);
  const steps = count('--steps', values.steps);
  const startSteps = count('--start-steps', values['start-steps']);
  const insideGames = values['inside-games'] === undefined ? (isMade ? 24 : 0) : Number(values['inside-games']);
  if (!Number.isInteger(insideGames) || insideGames < 0) throw refusal('--inside-games is a whole number from 0 on.');
  const simulations = values.simulations === undefined ? undefined : count('--simulations', values.simulations);
  const backend = tfBackend(values['tf-backend']);
  const say = values.json ? () => {} : (line: string) => console.log(line);
  const what = JSON.stringify([
    device,
    values.size,
    lambda,
    steps,
    replay,
    insideGames,
    values.demonstrations,
    startSteps,
    values.checkpoint,
    values.simulations,
    ...(base === COST.a ? [] : [base]),
  ]);
  const earlier = values.save === undefined ? undefined : savedRunsIfAny(values.save);
  if (
    earlier !== undefined &&
    (earlier.experiment !== what || JSON.stringify(earlier.problem) !== JSON.stringify(setting.problem))
  ) {
    throw refusal(`"${values.save}" holds other runs; name another file, or give the options that it was made with.`);
  }
  const begin = await beginning();
  const possible = [
    { arm: 'without', lambda: 0, replay: 'all' as const },
    // With one replay for all, it would be the same as without.
    ...(replay === 'all' ? [] : [{ arm: 'control', lambda: 0, replay }]),
    { arm: 'with', lambda, replay },
    ...(values['local-moves'] ? [{ arm: 'moves', lambda, replay, localMoves: true }] : []),
  ];
  const wanted = values.arms?.split(',').map((name) =>
    oneOf(
      '--arms',
      possible.map(({ arm }) => arm),
      name,
    ),
  );
  const arms = possible.filter(({ arm }) => wanted?.includes(arm) ?? true);
  const rows = counts('--seeds', values.seeds).flatMap((seed) =>
    arms.map(
      (arm): run.Row => ({
        seed,
        localMoves: false,
        ...arm,
        steps,
        device,
        base,
        ...setting,
        tfBackend: backend,
        insideGames,
        simulations,
        start: begin,
      }),
    ),
  );
  const demonstrations = (await start.demonstrated(begin)).map((factorization) => ({
    hash: contentHash(factorization),
    scheme: formatFactorizationJson({ factorization, origin: 'demonstration' }),
  }));
  const done = ((earlier?.runs ?? []) as readonly Run[]).filter(({ winners }) => winners !== undefined);
  if (done.length > 0) say(`${done.length} runs are taken from ${values.save}`);
  const saved = (runs: readonly Run[]): SavedRuns => ({ ...setting, experiment: what, demonstrations, runs });
  const runs = await atOnce(count('--at-once', values['at-once']), rows, done, (one, soFar) => {
    if (values.save !== undefined) saveRuns(values.save, saved(soFar));
    for (const line of runLines(one)) say(line);
  });
  const optimum = device === 'synthetic' && isKept ? sparsest(base) : undefined;
  const effect = effectsOf(runs);
  const session = values.again
    ? await againOf([saved(runs)], {
        seconds: positive('--seconds', values.seconds),
        rounds: count('--rounds', values.rounds),
        what: 'winners',
      })
    : undefined;
  if (values.json) {
    const shown = runs.map(({ late: _, winners: __, ...others }) => others);
    const document = { machine: machine(), device, size: values.size, ...setting, steps, optimum, runs: shown, effect };
    console.log(JSON.stringify({ ...document, ...(session && { again: session }) }, null, 2));
  }
  for (const [of, ratio] of Object.entries(effect)) {
    say(`time of what the late games ended with, ${of}: ${effectText(ratio)}`);
  }
  if (session !== undefined) for (const line of againLines(session)) say(line);
  if (optimum !== undefined) {
    say(`fewest nonzeros of rank 7: ${optimum.nonzeros}, ${optimum.relativeTime.toFixed(2)}`);
    const isFound = ({ arm, best }: Run): boolean => arm !== 'with' || best <= optimum.relativeTime + 1e-9;
    if (!runs.every(isFound)) process.exitCode = 1;
  }
}

/** About as much as a multiplication weighs: the rank. */
function defaultLambda(size: Size): number {
  return start.hasCheckpoint(size) ? 7 : bestKnownRank(size);
}

interface StartWishes {
  readonly size: Size;
  readonly startSteps: number;
  readonly backend: string;
  readonly demonstrations?: string;
  readonly save?: string;
}

/** Makes the network that all arms begin with, in a process of its own, or takes the one that was made before. */
async function startOf(
  { size, startSteps, backend, demonstrations, save }: StartWishes,
  say: (line: string) => void,
): Promise<start.Start> {
  const folder = save === undefined ? mkdtempSync(join(tmpdir(), 'at-bench-lambda-start-')) : `${save}.start`;
  say(`all arms begin with a network that learns from demonstrations for ${startSteps} steps, in ${folder}`);
  const made = await inProcess(start, {
    size,
    demonstrations: demonstrations?.split(',') ?? [],
    steps: startSteps,
    seed: 1,
    tfBackend: backend,
    folder,
  });
  if (hasFailed(made)) throw new Error(`The network to begin with was not made: ${made.failed}`);
  say(`demonstrations: ${made.demonstrations.join(', ')}`);
  return made;
}

/** The minimum of the synthetic device over all algorithms of rank 7 with entries -1, 0, 1. */
function sparsest(base: number): { readonly nonzeros: number; readonly relativeTime: number } {
  const nonzeros = Math.min(...strassenImages().map((image) => image.nonzeros));
  return { nonzeros, relativeTime: base + COST.b * nonzeros };
}

function effectsOf(runs: readonly Run[]): Effects {
  return armEffects(runs.map(({ seed, arm, ofLateGames }) => ({ seed, arm, time: ofLateGames.mean ?? Number.NaN })));
}

/**
 * Runs in processes of their own, so many at a time; in the rows' order. Those that are done already are not run again.
 * @throws Error if one fails
 */
async function atOnce(
  workers: number,
  rows: readonly run.Row[],
  done: readonly Run[],
  onRun: (one: Run, soFar: readonly Run[]) => void,
): Promise<Run[]> {
  const runs = rows.map((row) => done.find(({ seed, arm }) => seed === row.seed && arm === row.arm));
  // Runs of other seeds stay in the file.
  const others = done.filter((one) => !runs.includes(one));
  const missing = rows.filter((_, index) => runs[index] === undefined);
  const worker = async (): Promise<void> => {
    for (let row = missing.shift(); row !== undefined; row = missing.shift()) {
      const result = await inProcess(run, row);
      if (hasFailed(result)) throw new Error(`A run ended without a result: ${result.failed}`);
      const one = { ...row, ...result };
      runs[rows.indexOf(row)] = one;
      onRun(one, [...others, ...runs.filter((each) => each !== undefined)]);
    }
  };
  await Promise.all(Array.from({ length: workers }, worker));
  return runs.filter((each) => each !== undefined);
}

function runLines(one: Run): string[] {
  return [
    `seed ${one.seed}, ${one.arm}: ${one.solved} games solved, ${one.algorithms} algorithms; mean t / t_baseline of games ` +
      `${intervalText(one.ofGames)}, of the second half ${intervalText(one.ofLateGames)}, of algorithms ` +
      `${intervalText(one.ofAlgorithms)}; best ${one.best.toFixed(3)} ${Number.isFinite(one.bestAtStep) ? `at step ${one.bestAtStep}` : 'by a local move'}`,
    `  ${one.seconds.toFixed(0)} s; by nonzeros: ${one.byNonzeros.map((each) => `${each.nonzeros}: ${intervalText(each)}`).join('; ')}`,
    ...(one.prices === undefined ? [] : [`  ${one.prices}`]),
  ];
}
