import {
  loadFactorization,
  rotate,
  standard,
  strassen,
  type VerifiedFactorization,
  winograd,
} from '@alphatensor-edge/shared';
import { DATA } from '../common/paths.js';

/** The levels of the algorithms that have a short name, outermost first. */
const KNOWN: Readonly<Record<string, () => Promise<VerifiedFactorization[]>>> = {
  own: async () => [standard({ n: 1, m: 1, p: 1 })],
  W1: async () => [winograd()],
  W2: async () => [winograd(), winograd()],
  W3: async () => [winograd(), winograd(), winograd()],
  S3: async () => [strassen(), strassen(), strassen()],
  E1: () => accurateStrassen(1),
  E2: () => accurateStrassen(2),
  E3: () => accurateStrassen(3),
  A36: async () => [await read('3x3x6:40-accurate')],
  A48: async () => [await read('4x4x4:48-accurate')],
  '4x2x4': async () => [
    rotate(rotate(await fromData('fast-matrix-multiplication/2x4x4_m26_cr92_cn130_ZT_reduced.json'))),
  ],
  '4x5x5': async () => [await fromData('deepmind-alphatensor/factorizations_r.npz#4,5,5')],
  '4x4x4': async () => [await fromData('fast-matrix-multiplication/4x4x4_m49_cr159_fv100_cn474_ZT_reduced.json')],
};

export const KNOWN_NAMES = Object.keys(KNOWN);

/** What is timed unless asked otherwise: the plain product, the fastest algorithms, and fast ones that are accurate. */
export const DEFAULT_NAMES: readonly string[] = ['own', 'W2', 'W3', 'E2', 'E3', 'A48', 'E1*A48', 'A36*E1'];

/** Whether the name is made of short ones alone, whose published factorizations may be absent here. */
export function isKnown(name: string): boolean {
  return name.split('*').every((part) => Object.hasOwn(KNOWN, part));
}

/** Reads the levels of an algorithm by short names, or by those that `at-agent benchmark` takes, joined by `*`. */
export async function levelsOf(name: string): Promise<VerifiedFactorization[]> {
  const parts = await Promise.all(name.split('*').map(partOf));
  return parts.flat();
}

async function partOf(name: string): Promise<VerifiedFactorization[]> {
  return Object.hasOwn(KNOWN, name) ? KNOWN[name]() : [await read(name)];
}

/** The levels of the most accurate algorithm with seven products, which is also called evenpow. */
async function accurateStrassen(count: number): Promise<VerifiedFactorization[]> {
  const level = await read('2x2x2:7-accurate');
  return Array.from({ length: count }, () => level);
}

async function read(name: string): Promise<VerifiedFactorization> {
  return (await loadFactorization(name)).factorization;
}

function fromData(path: string): Promise<VerifiedFactorization> {
  return read(DATA + path);
}
