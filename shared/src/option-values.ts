import { AlphaTensorError } from './errors.js';

// Readers of what people write on a command line, shared by both programs so that one spelling means one thing everywhere.

/**
 * Makes a reader for whole numbers in [low, high].
 * @param name of the option, for its error
 */
export function wholeNumber(name: string, low: number, high: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= low && value <= high) return value;
    throw refusal(`${name} must be a whole number from ${low} to ${high}, not "${text}".`, name);
  };
}

/**
 * Makes a reader for real numbers in [low, high].
 * @param name of the option, for its error
 */
export function realNumber(name: string, low: number, high: number): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (value >= low && value <= high) return value;
    throw refusal(`${name} must be a number from ${low} to ${high}, not "${text}".`, name);
  };
}

/** Says why whole numbers are no number format; undefined for other names. */
function integerWords(text: string): string | undefined {
  return /^(u?int\d*|i\d+|u\d+|z2|gf\(?\d+\)?|mod(ulo)?-?\d*|z\/.*)$/i.test(text.trim())
    ? `"${text}" is no number format here: exact products of integers, modulo 2 or modulo p are not offered, but products in f64 are exact as long as every sum stays below 2^53.`
    : undefined;
}

/**
 * Makes a reader of number formats.
 * @param formats that are accepted
 * @param advice what else to write, if not one of them
 */
export function numberFormat<T extends string>(
  formats: readonly T[],
  advice = `--dtype must be one of ${formats.join(', ')}`,
): (text: string) => T {
  return (text) => {
    const format = formats.find((each) => each === text);
    if (format !== undefined) return format;
    throw refusal(integerWords(text) ?? `${advice}, not "${text}".`, '--dtype');
  };
}

const SECONDS = { s: 1, m: 60, h: 3600 } as const;

/** Reads `90s`, `30m` or `1.5h` as seconds. @throws AlphaTensorError INVALID_ARGUMENT */
export function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)([smh])$/.exec(text.trim());
  const seconds = match ? Number(match[1]) * SECONDS[match[2] as keyof typeof SECONDS] : Number.NaN;
  if (seconds > 0) return seconds;
  throw refusal(`"${text}" is not a duration; write 90s, 30m or 2h.`);
}

/** The largest m, k or n of a product C = A B, A m x k and B k x n, that an agent measures. */
export const MAX_PROBLEM_DIMENSION = 65_536;

/** The dimensions of a product C = A B: A is m x k, B is k x n. */
export interface ProblemDimensions {
  readonly m: number;
  readonly k: number;
  readonly n: number;
}

/** Reads `2048x1024x512` (M x K x N), or `2048` for a cube. @throws AlphaTensorError INVALID_ARGUMENT */
export function parseDimensions(text: string): ProblemDimensions {
  const parts = text.split('x').map((part) => (/^\d+$/.test(part) ? Number(part) : Number.NaN));
  const [m, k, n] = parts.length === 1 ? [parts[0], parts[0], parts[0]] : parts;
  const fits = (value: number): boolean => value >= 1 && value <= MAX_PROBLEM_DIMENSION;
  if ((parts.length === 1 || parts.length === 3) && [m, k, n].every(fits)) return { m, k, n };
  throw refusal(
    `"${text}" is not a problem; write MxKxN such as 2048x2048x2048, each from 1 to ${MAX_PROBLEM_DIMENSION}.`,
    '--problem',
  );
}

/** Bounds the workspace of a product: bytes, or a multiple of the bytes of A, B and C. */
export type WorkspaceBound = { readonly bytes: number } | { readonly timesMatrices: number };

const BYTES = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 } as const;

/** Reads `1x` (as much as A, B and C), `0.5x`, `512MiB`, `2GiB` or bytes. @throws AlphaTensorError INVALID_ARGUMENT */
export function parseWorkspaceBound(text: string): WorkspaceBound {
  const [, number = '', unit = 'B'] = /^(\d+(?:\.\d+)?)(x|B|KiB|MiB|GiB)?$/.exec(text.trim()) ?? [];
  const value = number === '' ? Number.NaN : Number(number);
  if (value > 0 && unit === 'x') return { timesMatrices: value };
  const bytes = Math.floor(value * BYTES[unit as keyof typeof BYTES]);
  if (bytes >= 1 && bytes <= Number.MAX_SAFE_INTEGER) return { bytes };
  throw refusal(
    `"${text}" bounds no workspace; write 1x for as much as A, B and C take, or bytes such as 512MiB.`,
    '--max-workspace',
  );
}

/** Writes a bound as parseWorkspaceBound reads it. */
export function workspaceBoundText(bound: WorkspaceBound | undefined): string {
  if (bound === undefined) return 'none';
  return 'bytes' in bound ? `${bound.bytes}B` : `${bound.timesMatrices}x`;
}

/** Reads `2x`, or `none` as 0: a bound for every shape. @throws AlphaTensorError INVALID_ARGUMENT for bytes */
export function parseWorkspaceTimes(text: string): number {
  const bound = text === 'none' ? { timesMatrices: 0 } : parseWorkspaceBound(text);
  if ('timesMatrices' in bound) return bound.timesMatrices;
  throw refusal(
    `"${text}" is not a bound for every shape; write a multiple of A, B and C such as 1x, or none.`,
    '--max-workspace',
  );
}

/** Computes the bytes that a bound allows where A, B and C take `matrixBytes`. Undefined: no bound. */
export function boundBytes(bound: WorkspaceBound | undefined, matrixBytes: number): number | undefined {
  if (bound === undefined) return undefined;
  return 'bytes' in bound ? bound.bytes : Math.floor(bound.timesMatrices * matrixBytes);
}

function refusal(message: string, field?: string): AlphaTensorError {
  return new AlphaTensorError('INVALID_ARGUMENT', message, { field });
}
