import {
  catalogueNames,
  formatCatalogueName,
  loadFactorization,
  type VerifiedFactorization,
} from '@alphatensor-edge/shared';

/** Algorithms that are not in the catalogue, and products of those that are. */
const FURTHER = [
  'strassen',
  'winograd',
  'laderman',
  'strassen*strassen',
  'winograd*winograd',
  'strassen*strassen*strassen',
  'winograd*winograd*winograd',
  '2x2x2:7-accurate*2x2x2:7-accurate',
  '2x2x2:7-accurate*2x2x2:7-accurate*2x2x2:7-accurate',
  '2x2x2:7-accurate*4x4x4:48',
  '3x3x6:40*2x2x2:7-accurate',
];

/** An algorithm with its levels, outermost first. */
export interface Scheme {
  readonly name: string;
  readonly levels: readonly VerifiedFactorization[];
}

/** Lists the names of what is measured unless asked otherwise: the catalogue but for what lies between two others, and more. */
export function defaultNames(): string[] {
  const catalogue = catalogueNames().filter(({ variant }) => variant !== 'balanced');
  return [...FURTHER, ...catalogue.map((name) => formatCatalogueName(name, name.size))];
}

/** Reads an algorithm by the names that commands take, joined by `*`. */
export async function readScheme(name: string): Promise<Scheme> {
  const records = await Promise.all(name.split('*').map((part) => loadFactorization(part)));
  return { name, levels: records.map(({ factorization }) => factorization) };
}
