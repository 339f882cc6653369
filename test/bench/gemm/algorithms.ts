import {
  loadFactorization,
  standard,
  strassen,
  type VerifiedFactorization,
  verify,
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
  E1: () => evenpow(1),
  E2: () => evenpow(2),
  E3: () => evenpow(3),
  A36: async () => [await fromData('accurate/3x3x6_m40_accurate.json')],
  A48: async () => [await fromData('accurate/4x4x4_m48_accurate.json')],
  '4x2x4': async () => [
    rotated(rotated(await fromData('fast-matrix-multiplication/2x4x4_m26_cr92_cn130_ZT_reduced.json'))),
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
  return Object.hasOwn(KNOWN, name) ? KNOWN[name]() : [(await loadFactorization(name)).factorization];
}

async function evenpow(count: number): Promise<VerifiedFactorization[]> {
  const level = await fromData('accurate/2x2x2_m7_evenpow.json');
  return Array.from({ length: count }, () => level);
}

async function fromData(path: string): Promise<VerifiedFactorization> {
  return (await loadFactorization(DATA + path)).factorization;
}

/** The <m,p,n> algorithm that a cyclic step of the modes makes of an <n,m,p> algorithm (de Groote, 1978). */
function rotated({ size: { n, m, p }, rank, arithmetic, u, v, w }: VerifiedFactorization): VerifiedFactorization {
  return verify({ size: { n: m, m: p, p: n }, rank, arithmetic, u: v, v: w, w: u });
}
