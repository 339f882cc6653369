import type { Blas } from '@alphatensor-edge/proto';
import { printable } from '@alphatensor-edge/shared';

// Bounds on what a device says of itself. It is shown, stored and put into reports, and a device that was taken over may say anything.

/** The longest name: of a processor, a compiler, a library. */
const MAX_NAME = 200;
/** The longest sentence. */
const MAX_SENTENCE = 1000;
/** The most items of a list. */
const MAX_ITEMS = 64;

/** Makes a short text of a device safe to show: one line without control characters, cut where it is too long. */
export function boundedName(text: string, longest = MAX_NAME): string {
  const cut = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return printable(cut).replace(/\s+/g, ' ').trim();
}

/** Does the same with a sentence. */
export function boundedSentence(text: string): string {
  return boundedName(text, MAX_SENTENCE);
}

/** Cuts a list that is longer than any true one. */
export function boundedList<T>(items: readonly T[]): T[] {
  return items.slice(0, MAX_ITEMS);
}

/** Bounds what a device says of a library. */
export function boundedBlas(blas: Blas): Blas {
  // Missing in older stores.
  const environment = blas.environment ?? {};
  return {
    ...blas,
    name: boundedName(blas.name),
    version: boundedName(blas.version),
    library: boundedName(blas.library),
    configuration: boundedName(blas.configuration ?? '', MAX_SENTENCE),
    environment: Object.fromEntries(
      boundedList(Object.entries(environment)).map(([name, value]) => [boundedName(name), boundedName(value)]),
    ),
  };
}
