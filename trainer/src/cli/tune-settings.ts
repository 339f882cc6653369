import { AlphaTensorError, type DispatchProblem } from '@alphatensor-edge/shared';
import { z } from 'zod';
import { readRunConfig } from '../run/folder.js';
import { parseProblem } from './options.js';

const problem = z.object({
  m: z.number(),
  k: z.number(),
  n: z.number(),
  dtype: z.enum(['f32', 'f64']),
  threads: z.number(),
});

/** What settles a tuning run; kept in its config.json. The algorithms lie beside it. */
const tuneSettings = z.object({
  agent: z.string(),
  backend: z.string(),
  variant: z.string(),
  problems: z.array(problem),
  levels: z.tuple([z.number(), z.number()]),
  mixed: z.boolean(),
  tunePlans: z.number(),
  seed: z.number(),
  secondsForEach: z.number().optional(),
});
export type TuneSettings = z.infer<typeof tuneSettings>;

const savedRun = z.object({ command: z.literal('tune'), tune: tuneSettings });

/** @throws AlphaTensorError NOT_FOUND without a run, INVALID_ARGUMENT for another command's */
export function reopenTuning(runDir: string): TuneSettings {
  const saved = savedRun.safeParse(readRunConfig(runDir));
  if (saved.success) return saved.data.tune;
  throw new AlphaTensorError(
    'INVALID_ARGUMENT',
    `${runDir} is not a run of at-trainer tune; resume it with the command that began it.`,
    { field: '--run-dir' },
  );
}

const MOST_LEVELS = 4;

/** `0..3` or `2`. @throws AlphaTensorError INVALID_ARGUMENT */
export function parseLevelRange(text: string): [number, number] {
  const match = /^(\d+)(?:\.\.(\d+))?$/.exec(text);
  const [low, high] = match === null ? [1, 0] : [Number(match[1]), Number(match[2] ?? match[1])];
  if (low <= high && high <= MOST_LEVELS) return [low, high];
  throw new AlphaTensorError(
    'INVALID_ARGUMENT',
    `--levels is a number or a range such as 0..3, at most ${MOST_LEVELS}, not "${text}".`,
    { field: '--levels' },
  );
}

/** `2048x1024x512:f64:2`: a problem with its own element type and threads, where it names them. @throws AlphaTensorError */
export function parseTunedProblem(
  text: string,
  defaultDtype: DispatchProblem['dtype'],
  threads: number,
): DispatchProblem {
  const match = /^([^:]*)(?::(f32|f64))?(?::([1-9]\d{0,3}))?$/.exec(text);
  if (match === null) {
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      `"${text}" is not a problem; write MxKxN, and after it :f64 and :THREADS where they differ, such as 2048x1024x512:f64:2.`,
      { field: '--problem' },
    );
  }
  const dtype = (match[2] as DispatchProblem['dtype'] | undefined) ?? defaultDtype;
  return { ...parseProblem(match[1], dtype, match[3] ? Number(match[3]) : threads), dtype };
}
