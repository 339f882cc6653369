import { parseDimensions, parseDuration, wholeNumber } from '@alphatensor-edge/shared';
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
  new Option('--threads <count>', 'threads of the candidate and of the baseline')
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

/** `2048x1024x512` (M x K x N), or `2048` for a cube. @throws AlphaTensorError INVALID_ARGUMENT */
export function parseProblem(text: string, dtype: DType, threads: number): ProblemSpec {
  return { ...parseDimensions(text), dtype, threads };
}

export function formatProblem({ m, k, n, dtype, threads }: ProblemSpec): string {
  return `${m}x${k}x${n} ${dtype}, ${threads} thread${threads === 1 ? '' : 's'}`;
}
