import { sortedSize } from '../images.js';
import { parseSize, type Size } from '../tensor.js';

/** Names a scheme of the catalogue, as `4x4x4:48-accurate` does. */
export interface CatalogueName {
  /** The dimensions in rising order, as it is stored. */
  readonly size: Size;
  readonly rank: number;
  /** What sets a point of the front apart from the one with the fewest additions: `accurate`, `balanced`; empty for that one. */
  readonly variant: string;
}

/** What a person may write for a scheme: any order of the dimensions; without a rank, the lowest there is. */
export interface CatalogueQuery {
  readonly size: Size;
  readonly rank?: number | undefined;
  readonly variant: string;
  /** Which of the images that have this size, from 1. */
  readonly image: number;
}

const NAME = /^(\d+x\d+x\d+)(?::(\d+)(?:-([a-z]+))?(?:~(\d))?)?$/;
const LOOKS_LIKE_NAME = /^\d+x\d+x\d+(:.*)?$/;
const FILE = /^(\d+x\d+x\d+)_m(\d+)(?:-([a-z]+))?\.json$/;

/** Tells whether a text is written like a name of the catalogue, `4x4x4` or `4x4x4:…`, rather than like a file's path. */
export function looksLikeCatalogueName(text: string): boolean {
  return LOOKS_LIKE_NAME.test(text);
}

/** Reads `4x2x4`, `4x2x4:26`, `4x2x4:26-accurate` or `4x2x4:26-accurate~2`. Undefined if it is written otherwise. @throws AlphaTensorError for a size that is none */
export function parseCatalogueName(text: string): CatalogueQuery | undefined {
  const [, size, rank, variant = '', image = '1'] = NAME.exec(text) ?? [];
  if (size === undefined) return undefined;
  const number = rank === undefined ? undefined : Number(rank);
  return { size: parseSize(size), rank: number, variant, image: Number(image) };
}

/**
 * Writes `4x4x4:48-accurate`.
 * @param size with the dimensions in any order
 * @param image which of the images that have this size; `~2` for the second
 */
export function formatCatalogueName({ rank, variant }: CatalogueName, size: Size, image = 1): string {
  const which = image === 1 ? '' : `~${image}`;
  return `${size.n}x${size.m}x${size.p}:${rank}${variant === '' ? '' : `-${variant}`}${which}`;
}

/** Names the file of a scheme: `4x4x4_m48-accurate.json`, because some file systems allow no colon. */
export function catalogueFileName(name: CatalogueName): string {
  return `${formatCatalogueName(name, name.size).replace(':', '_m')}.json`;
}

/** Reads a file's name; undefined for other files. */
export function parseCatalogueFileName(file: string): CatalogueName | undefined {
  const [, size, rank, variant = ''] = FILE.exec(file) ?? [];
  return size === undefined ? undefined : { size: sortedSize(parseSize(size)), rank: Number(rank), variant };
}

/** Orders names by size, then rank, then variant: the one with the fewest additions first. */
export function compareCatalogueNames(a: CatalogueName, b: CatalogueName): number {
  return (
    a.size.n - b.size.n ||
    a.size.m - b.size.m ||
    a.size.p - b.size.p ||
    a.rank - b.rank ||
    (a.variant < b.variant ? -1 : Number(a.variant > b.variant))
  );
}
