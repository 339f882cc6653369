import { realNumber, wholeNumber } from '@alphatensor-edge/shared';
import { TF_BACKENDS } from '@alphatensor-edge/trainer/config.js';
import type { TfBackend } from '@alphatensor-edge/trainer/network/backend.js';
import { PRESETS, type PresetName } from '@alphatensor-edge/trainer/presets.js';
import { refusal } from '../bench.js';

// Readers of the options that several benches take, over those of the product. Each names its option where it refuses a value.

const LARGEST = 1_000_000;

/** A whole number of at least 1. */
export function count(name: string, text: string): number {
  return wholeNumber(name, 1, LARGEST)(text);
}

/** Whole numbers of at least 1, separated by commas. */
export function counts(name: string, text: string): number[] {
  return text.split(',').map((each) => count(name, each));
}

/** A number of seconds, or another real number that is not negative. */
export function positive(name: string, text: string): number {
  return realNumber(name, 0, LARGEST)(text);
}

/** A multiple, written `4x` or `4`. */
export function multiple(name: string, text: string): number {
  return realNumber(name, 0, LARGEST)(text.replace(/x$/, ''));
}

/** One of a few words. */
export function oneOf<Word extends string>(name: string, words: readonly Word[], text: string): Word {
  const found = words.find((word) => word === text);
  if (found === undefined) throw refusal(`${name} must be one of ${words.join(', ')}, not "${text}".`);
  return found;
}

export function tfBackend(text: string): TfBackend | 'auto' {
  return oneOf('--tf-backend', TF_BACKENDS, text);
}

/** The backends that a bench tries one after the other; `auto` is none of them. */
export const NAMED_BACKENDS = TF_BACKENDS.filter((name) => name !== 'auto');

/** A preset, or `light`: see `networks.ts`. */
export type NetworkName = PresetName | 'light';

export function networkName(text: string): NetworkName {
  return oneOf('--network', ['light', ...(Object.keys(PRESETS) as PresetName[])], text);
}
