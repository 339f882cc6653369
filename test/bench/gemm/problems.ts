import { MAX_PROBLEM_DIMENSION, type ProblemDimensions, parseDimensions, wholeNumber } from '@alphatensor-edge/shared';

/** Products of language models, C = A B: tokens x inputs of a layer x outputs. */
const SHAPES: Readonly<Record<string, readonly string[]>> = {
  llm: ['512x4096x4096', '2048x4096x4096', '2048x4096x11008', '2048x11008x4096', '4096x2048x2048'],
};

export const SHAPE_NAMES = Object.keys(SHAPES);

const DEFAULT_SIZES = '1024,2048,4096';

/**
 * Reads which products to time: cubes, then shapes, which are MxKxN or a set's name. Without either, the default sizes.
 * @throws AlphaTensorError INVALID_ARGUMENT
 */
export function readProblems(sizes: string | undefined, shapes: string | undefined): ProblemDimensions[] {
  const cubes = listed(sizes ?? (shapes === undefined ? DEFAULT_SIZES : ''))
    .map(wholeNumber('--sizes', 1, MAX_PROBLEM_DIMENSION))
    .map((size) => ({ m: size, k: size, n: size }));
  const oblong = listed(shapes ?? '').flatMap((name) => (Object.hasOwn(SHAPES, name) ? SHAPES[name] : [name]));
  return [...cubes, ...oblong.map(parseDimensions)];
}

/** Splits a list at its commas. */
export function listed(text: string): string[] {
  return text.split(',').filter((each) => each !== '');
}

/** `2048` for a cube, `512x4096x4096` for other shapes. */
export function shapeText({ m, k, n }: ProblemDimensions): string {
  return m === k && k === n ? `${m}` : `${m}x${k}x${n}`;
}

/** The problem in a title: `2048 f32, 1 thread(s)`. */
export function problemText(problem: ProblemDimensions & { readonly dtype: string; readonly threads: number }): string {
  return `${shapeText(problem)} ${problem.dtype}, ${problem.threads} thread(s)`;
}
