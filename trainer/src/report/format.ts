import { type RatioEstimate, transposedSuffix } from '@alphatensor-edge/shared';
import type { ProblemSpec } from '../fleet/measurement.js';

/** Stands for a value that the agent could not find out. */
export const UNKNOWN = 'unknown';

/** Writes M×K×N: `2048×1024×2048`. */
export function formatShape({ m, k, n }: Pick<ProblemSpec, 'm' | 'k' | 'n'>): string {
  return `${m}×${k}×${n}`;
}

/** Writes `f32, 1 thread`, or `f32 nt, 1 thread` where B lies transposed. */
export function formatPrecision({
  dtype,
  threads,
  ...laidOut
}: Pick<ProblemSpec, 'dtype' | 'threads' | 'transposed'>): string {
  return `${dtype}${transposedSuffix(laidOut)}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
}

/** Writes `2048×2048×2048, f32, 1 thread`. */
export function formatProblem(problem: ProblemSpec): string {
  return `${formatShape(problem)}, ${formatPrecision(problem)}`;
}

/** Writes a ratio of times, without a unit: `1.124`. */
export function formatRatio(value: number): string {
  return value.toFixed(3);
}

/** Writes `1.118–1.131`. */
export function formatRange({ low, high }: Pick<RatioEstimate, 'low' | 'high'>): string {
  return `${formatRatio(low)}–${formatRatio(high)}`;
}

/** Writes three significant digits without an exponent: `1390`, `12.4`, `0.0123`. */
export function formatSignificant(value: number, digits = 3): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  return value.toFixed(Math.min(20, Math.max(0, digits - 1 - Math.floor(Math.log10(Math.abs(value))))));
}

/** Writes a time in a unit that fits: `12.4 ms`. */
export function formatSeconds(seconds: number): string {
  if (seconds >= 1) return `${formatSignificant(seconds)} s`;
  if (seconds >= 1e-3) return `${formatSignificant(seconds * 1e3)} ms`;
  return `${formatSignificant(seconds * 1e6)} µs`;
}

/** Writes a share as `84 %`. */
export function formatShare(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** Writes a relative error: `1.3e-7`. */
export function formatError(error: number): string {
  return error === 0 ? '0' : error.toExponential(1);
}

/** Writes an error as a multiple of a plain product's: `2.1x`; null: `unknown`. */
export function formatMultiple(ratio: number | null): string {
  return ratio === null ? UNKNOWN : `${formatSignificant(ratio, 2)}x`;
}

/** Writes `1.5 GiB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : trimZeros(value)} ${units[unit]}`;
}

/** Writes at most one decimal, and none if it is zero. */
export function trimZeros(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** Replaces empty text, which means absent on the wire, by "unknown". */
export function orUnknown(text: string | undefined | null): string {
  return text === undefined || text === null || text.trim() === '' ? UNKNOWN : text;
}

/** Writes `Strassen, Winograd and Strassen²`. */
export function formatList(items: readonly string[]): string {
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')} and ${items[items.length - 1]}`;
}

/** Writes a number with its noun: `1 round`, `2 rounds`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** Removes control characters and line breaks, so that text from a device cannot steer a terminal or break a table. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029\s]+/gu, ' ').trim();
}
