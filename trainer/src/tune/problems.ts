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

/** The number formats that a C library has. */
const EXPORTED: readonly DispatchProblem['dtype'][] = ['f32', 'f64'];

/** Reads a problem in a number format that can be exported (see parseProblem). @throws AlphaTensorError INVALID_ARGUMENT */
export function parseTunedProblem(
  text: string,
  defaultDtype: DispatchProblem['dtype'],
  threads: number,
): DispatchProblem {
  return parseProblem(text, defaultDtype, threads, EXPORTED);
}
