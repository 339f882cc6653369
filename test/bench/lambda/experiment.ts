import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { effectText, intervalText, pairedEffect } from '../common/figures.js';
import { machine } from '../common/machine.js';
import { count, counts, oneOf, positive, tfBackend } from '../common/options.js';
import { hasFailed, inProcess } from '../common/rows.js';
import { COST, DEVICES, type DeviceName } from './devices.js';
import * as run from './run.js';
import type { SavedRuns } from './saved-runs.js';
import { strassenImages } from './strassen-images.js';

type Run = run.Row & run.Result;

/** Fine-tunes with every arm and seed and compares the arms. */
export async function experiment(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: 'boolean', default: false },
      device: { type: 'string', default: 'synthetic' },
      seeds: { type: 'string', default: '1,2,3' },
      lambda: { type: 'string', default: '7' },
      steps: { type: 'string', default: '200' },
      'at-once': { type: 'string', default: '1' },
      variant: { type: 'string' },
      problem: { type: 'string', default: '1024' },
      levels: { type: 'string', default: '1' },
      'tf-backend': { type: 'string', default: 'wasm' },
      save: { type: 'string' },
    },
  });
  const device = oneOf('--device', Object.keys(DEVICES) as DeviceName[], values.device);
  const lambda = positive('--lambda', values.lambda);
  const size = count('--problem', values.problem);
  const setting = {
    problem: { m: size, k: size, n: size, dtype: 'f32', threads: 1 } as const,
    depth: count('--levels', values.levels),
    ...(values.variant === undefined ? {} : { variant: values.variant }),
    tfBackend: tfBackend(values['tf-backend']),
  };
  const steps = count('--steps', values.steps);
  const arms = [
    { arm: 'without', lambda: 0, replayLambda: 0 },
    { arm: 'control', lambda: 0, replayLambda: lambda },
    { arm: 'with', lambda, replayLambda: lambda },
  ];
  const rows = counts('--seeds', values.seeds).flatMap((seed) =>
    arms.map((arm): run.Row => ({ seed, ...arm, steps, device, ...setting })),
  );
  const say = values.json ? () => {} : (line: string) => console.log(line);
  const runs = await atOnce(count('--at-once', values['at-once']), rows, (done) => {
    for (const line of runLines(done)) say(line);
  });
  if (values.save !== undefined) {
    const kept = runs.map(({ seed, arm, late }) => ({ seed, arm, late }));
    writeFileSync(values.save, JSON.stringify({ ...setting, runs: kept } satisfies SavedRuns));
  }
  const optimum = device === 'synthetic' ? sparsest() : undefined;
  const effect = effectsOf(runs);
  if (values.json) {
    const shown = runs.map(({ late: _, ...others }) => others);
    const document = { machine: machine(), device, ...setting, steps, optimum, runs: shown, effect };
    console.log(JSON.stringify(document, null, 2));
  }
  for (const [what, ratio] of Object.entries(effect)) {
    say(`time of what the late games ended with, ${what}: ${effectText(ratio)}`);
  }
  if (optimum !== undefined) {
    say(`fewest nonzeros of rank 7: ${optimum.nonzeros}, ${optimum.relativeTime.toFixed(2)}`);
    const isFound = ({ arm, best }: Run): boolean => arm !== 'with' || best <= optimum.relativeTime + 1e-9;
    if (!runs.every(isFound)) process.exitCode = 1;
  }
}

/** The minimum of the synthetic device over all algorithms of rank 7 with entries -1, 0, 1. */
function sparsest(): { readonly nonzeros: number; readonly relativeTime: number } {
  const nonzeros = Math.min(...strassenImages().map((image) => image.nonzeros));
  return { nonzeros, relativeTime: COST.a + COST.b * nonzeros };
}

function effectsOf(runs: readonly Run[]) {
  const times = runs.map(({ seed, arm, ofLateGames }) => ({ seed, arm, time: ofLateGames.mean ?? Number.NaN }));
  return {
    overWithout: pairedEffect(times, 'with', 'without'),
    overControl: pairedEffect(times, 'with', 'control'),
  };
}

/** Runs in processes of their own, so many at a time; in the rows' order. @throws Error if one fails */
async function atOnce(workers: number, rows: readonly run.Row[], onRun: (done: Run) => void): Promise<Run[]> {
  const runs: Run[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < rows.length) {
      const index = next++;
      const result = await inProcess(run, rows[index]);
      if (hasFailed(result)) throw new Error(`A run ended without a result: ${result.failed}`);
      runs[index] = { ...rows[index], ...result };
      onRun(runs[index]);
    }
  };
  await Promise.all(Array.from({ length: workers }, worker));
  return runs;
}

function runLines(one: Run): string[] {
  return [
    `seed ${one.seed}, ${one.arm}: ${one.solved} games solved, ${one.algorithms} algorithms; mean t / t_baseline of games ` +
      `${intervalText(one.ofGames)}, of the second half ${intervalText(one.ofLateGames)}, of algorithms ` +
      `${intervalText(one.ofAlgorithms)}; best ${one.best.toFixed(3)} at step ${one.bestAtStep}`,
    `  ${one.seconds.toFixed(0)} s; by nonzeros: ${one.byNonzeros.map((each) => `${each.nonzeros}: ${intervalText(each)}`).join('; ')}`,
  ];
}
