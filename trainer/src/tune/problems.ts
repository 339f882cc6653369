import { AlphaTensorError, type DispatchProblem } from '@alphatensor-edge/shared';
import { parseProblem } from '../fleet/problem.js';

const MOST_LEVELS = 4;

/** Reads `0..3` or `2`. @throws AlphaTensorError INVALID_ARGUMENT */
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

/** Reads `2048x1024x512:f64:2`: a problem, with its own element type and threads if it names them. @throws AlphaTensorError INVALID_ARGUMENT */
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
