import { loadFactorization, standard, type VerifiedFactorization, verify, winograd } from '@alphatensor-edge/shared';
import { DATA } from '../common/paths.js';

/** The levels of the algorithms that have a short name, outermost first. */
const KNOWN: Readonly<Record<string, () => Promise<VerifiedFactorization[]>>> = {
  own: async () => [standard({ n: 1, m: 1, p: 1 })],
  W1: async () => [winograd()],
  W2: async () => [winograd(), winograd()],
  W3: async () => [winograd(), winograd(), winograd()],
  '4x2x4': async () => [
    rotated(rotated(await fromData('fast-matrix-multiplication/2x4x4_m26_cr92_cn130_ZT_reduced.json'))),
  ],
  '4x5x5': async () => [await fromData('deepmind-alphatensor/factorizations_r.npz#4,5,5')],
  '4x4x4': async () => [await fromData('fast-matrix-multiplication/4x4x4_m49_cr159_fv100_cn474_ZT_reduced.json')],
};

export const KNOWN_NAMES = Object.keys(KNOWN);

/** Whether the name is a short one, whose published factorization may be absent here. */
export function isKnown(name: string): boolean {
  return Object.hasOwn(KNOWN, name);
}

/** Reads the levels of an algorithm by a short name, or by those that `at-agent benchmark` takes, joined by `*`. */
export async function levelsOf(name: string): Promise<VerifiedFactorization[]> {
  if (isKnown(name)) return KNOWN[name]();
  const records = await Promise.all(name.split('*').map(loadFactorization));
  return records.map(({ factorization }) => factorization);
}

async function fromData(path: string): Promise<VerifiedFactorization> {
  return (await loadFactorization(DATA + path)).factorization;
}

/** The <m,p,n> algorithm that a cyclic step of the modes makes of an <n,m,p> algorithm (de Groote, 1978). */
function rotated({ size: { n, m, p }, rank, arithmetic, u, v, w }: VerifiedFactorization): VerifiedFactorization {
  return verify({ size: { n: m, m: p, p: n }, rank, arithmetic, u: v, v: w, w: u });
}
