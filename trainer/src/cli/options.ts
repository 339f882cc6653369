import { AlphaTensorError } from '@alphatensor-edge/shared';
import { Option } from 'commander';
import { DTYPES, type DType, type ProblemSpec } from '../fleet/measurement.js';

// Readers of option values, shared by the commands so that one spelling means one thing everywhere.

/** For a repeatable option: collects the values. */
export function collect(value: string, previous: readonly string[] = []): string[] {
  return [...previous, value];
}

export const agentOption = (): Option =>
  new Option('--agent <address>', 'an agent, HOST:PORT or a name from `agents add`; repeatable').argParser(collect);

export const problemOption = (): Option =>
  new Option('--problem <MxKxN>', 'matrix sizes, for example 2048x2048x2048 or just 2048; repeatable').argParser(
    collect,
  );

export const dtypeOption = (): Option =>
  new Option('--dtype <type>', 'element type').choices([...DTYPES]).default('f32');

export const threadsOption = (): Option =>
  new Option('--threads <count>', 'threads of the candidate and of the vendor GEMM')
    .argParser(wholeNumber('--threads', 1, 1024))
    .default(1);

export const backendOption = (): Option =>
  new Option('--backend <name>', "the agent's compiler, for example c-gcc or c-clang (default: the first that works)");

export const variantOption = (): Option =>
  new Option('--variant <name>', "the backend's way of building a program, for example packed or temporaries");

export const levelsOption = (): Option =>
  new Option('--levels <count>', 'apply the factorization this many times, one inside the other')
    .argParser(wholeNumber('--levels', 1, 4))
    .default(1);

export const jsonOption = (): Option => new Option('--json', 'print one JSON document to standard output');

export const seedOption = (): Option =>
  new Option('--seed <number>', 'seed of every random choice').argParser(wholeNumber('--seed', 0, 2 ** 31 - 1));

export const budgetOption = (): Option =>
  new Option('--budget <duration>', 'stop after this long, for example 90s, 30m or 2h').argParser(parseDuration);

/** A reader for whole numbers in [low, high] that names the option in its error. */
export function wholeNumber(name: string, low: number, high: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= low && value <= high)) {
      throw new AlphaTensorError(
        'INVALID_ARGUMENT',
        `${name} must be a whole number from ${low} to ${high}, not "${text}".`,
        { field: name },
      );
    }
    return value;
  };
}

/** A reader for real numbers in [low, high]. */
export function realNumber(name: string, low: number, high: number): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (!(value >= low && value <= high)) {
      throw new AlphaTensorError(
        'INVALID_ARGUMENT',
        `${name} must be a number from ${low} to ${high}, not "${text}".`,
        {
          field: name,
        },
      );
    }
    return value;
  };
}

const SECONDS = { s: 1, m: 60, h: 3600 } as const;

/** `90s`, `30m`, `1.5h` in seconds. @throws AlphaTensorError INVALID_ARGUMENT */
export function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)([smh])$/.exec(text.trim());
  const seconds = match ? Number(match[1]) * SECONDS[match[2] as keyof typeof SECONDS] : Number.NaN;
  if (!(seconds > 0)) {
    throw new AlphaTensorError('INVALID_ARGUMENT', `"${text}" is not a duration; write 90s, 30m or 2h.`);
  }
  return seconds;
}

/** The largest dimension of a matrix that a problem may have; the agent has the same limit. */
const MAX_PROBLEM_DIMENSION = 65536;

/** `2048x1024x512` (M x K x N), or `2048` for a cube. @throws AlphaTensorError INVALID_ARGUMENT */
export function parseProblem(text: string, dtype: DType, threads: number): ProblemSpec {
  const parts = text.split('x').map((part) => (/^\d+$/.test(part) ? Number(part) : Number.NaN));
  const [m, k, n] = parts.length === 1 ? [parts[0], parts[0], parts[0]] : parts;
  if ((parts.length !== 1 && parts.length !== 3) || ![m, k, n].every((x) => x >= 1 && x <= MAX_PROBLEM_DIMENSION)) {
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      `"${text}" is not a problem; write MxKxN such as 2048x2048x2048, each from 1 to ${MAX_PROBLEM_DIMENSION}.`,
      { field: '--problem' },
    );
  }
  return { m, k, n, dtype, threads };
}

export function formatProblem({ m, k, n, dtype, threads }: ProblemSpec): string {
  return `${m}x${k}x${n} ${dtype}, ${threads} thread${threads === 1 ? '' : 's'}`;
}
