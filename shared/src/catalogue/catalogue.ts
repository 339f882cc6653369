import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { catalogueFolder } from '../catalogue-folder.js';
import { AlphaTensorError } from '../errors.js';
import { parseFactorizationJson } from '../formats/json.js';
import type { FactorizationRecord } from '../formats/record.js';
import { type Image, imagesOf, sortedSize } from '../images.js';
import { type Size, sameSize } from '../tensor.js';
import { imageRecord } from './image-record.js';
import {
  type CatalogueName,
  type CatalogueQuery,
  catalogueFileName,
  compareCatalogueNames,
  formatCatalogueName,
  parseCatalogueFileName,
  parseCatalogueName,
} from './name.js';

// The catalogue: good schemes that come with the packages, one file each. Files are read when they are asked for.

/** Holds a scheme of the catalogue with its name. */
export interface CatalogueEntry extends CatalogueName {
  /** As people write it. */
  readonly name: string;
  readonly record: FactorizationRecord;
}

/** Lists what the catalogue has, by size, rank and variant. Reads no scheme. @throws AlphaTensorError NOT_FOUND if it is not installed */
export function catalogueNames(folder: string = installedFolder()): CatalogueName[] {
  return readdirSync(folder)
    .map(parseCatalogueFileName)
    .filter((name) => name !== undefined)
    .sort(compareCatalogueNames);
}

/** Reads all schemes, or those of a size in any order of its dimensions. Each is verified exactly. */
export function catalogueEntries(size?: Size, folder: string = installedFolder()): CatalogueEntry[] {
  const sorted = size && sortedSize(size);
  return catalogueNames(folder)
    .filter((name) => sorted === undefined || sameSize(name.size, sorted))
    .map((name) => ({ ...name, name: formatCatalogueName(name, name.size), record: read(name, folder) }));
}

/**
 * Reads every scheme in all orders of its dimensions: the images under rotations and transposition, which for oblong shapes are different
 * programs. An image that equals another is left out. Each is verified exactly and says its name in `provenance.catalogue`, as
 * `findInCatalogue` takes it.
 */
export function catalogueRecords(folder: string = installedFolder()): FactorizationRecord[] {
  return catalogueEntries(undefined, folder).flatMap((entry) =>
    namedImages(entry, entry.record).map(({ name, image }) => imageRecord(entry.record, image, name)),
  );
}

/**
 * Reads the scheme of a name. `4x2x4:26-accurate` is that image of `2x4x4:26-accurate` whose size is wanted; `4x2x4` alone is the one of the
 * lowest rank with the fewest additions. `~2` is a second image of that size, of its transpose.
 * @throws AlphaTensorError NOT_FOUND, which lists what comes near
 */
export function findInCatalogue(text: string, folder: string = installedFolder()): CatalogueEntry {
  const query = parseCatalogueName(text);
  const found = query && find(query, folder);
  if (query === undefined || found === undefined) throw notFound(text, folder);
  const record = read(found, folder);
  const wanted = formatCatalogueName(found, query.size, query.image);
  const images = namedImages(found, record);
  const image = images.find(({ name }) => name === wanted);
  if (image !== undefined) return { ...found, name: wanted, record: imageRecord(record, image.image, wanted) };
  const near = images.map(({ name }) => name).filter((name) => name.startsWith(`${text.split(':')[0]}:`));
  throw new AlphaTensorError('NOT_FOUND', `There is no image "${text}"; of that size there are ${near.join(', ')}.`);
}

/** Finds a file. Where one point of a front is the most accurate and the simplest too, it has no file for `accurate`. */
function find({ size, rank, variant }: CatalogueQuery, folder: string): CatalogueName | undefined {
  const sorted = sortedSize(size);
  const all = catalogueNames(folder).filter(
    (name) => sameSize(name.size, sorted) && (rank === undefined || name.rank === rank),
  );
  const exact = all.find((name) => name.variant === variant);
  return exact ?? (variant === 'accurate' ? all.find((name) => name.variant === '') : undefined);
}

function read(name: CatalogueName, folder: string): FactorizationRecord {
  const file = catalogueFileName(name);
  try {
    return parseFactorizationJson(readFileSync(join(folder, file), 'utf8'));
  } catch (error) {
    if (!(error instanceof AlphaTensorError)) throw error;
    throw new AlphaTensorError(error.code, `catalogue/${file}: ${error.message}`, { ...error.details, cause: error });
  }
}

/** The images of a scheme with their names. Those of the same size are numbered. */
function namedImages(scheme: CatalogueName, { factorization }: FactorizationRecord): { name: string; image: Image }[] {
  const counts = new Map<string, number>();
  return imagesOf(factorization).map((image) => {
    const { size } = image.factorization;
    const first = formatCatalogueName(scheme, size);
    const count = (counts.get(first) ?? 0) + 1;
    counts.set(first, count);
    return { name: formatCatalogueName(scheme, size, count), image };
  });
}

function notFound(text: string, folder: string): AlphaTensorError {
  const names = catalogueNames(folder);
  const size = text.split(':')[0];
  const query = parseCatalogueName(size);
  const near = query ? names.filter((name) => sameSize(name.size, sortedSize(query.size))) : [];
  const sizes = [...new Set(names.map((name) => `${name.size.n}x${name.size.m}x${name.size.p}`))];
  const what =
    query !== undefined && near.length > 0
      ? `for ${size} it has ${near.map((name) => formatCatalogueName(name, query.size)).join(', ')}`
      : `it has, in any order of the dimensions, ${sizes.join(', ')}`;
  return new AlphaTensorError(
    'NOT_FOUND',
    `The catalogue has no "${text}"; ${what}. A file of that name is given as ./${text}.`,
  );
}

function installedFolder(): string {
  const folder = catalogueFolder();
  if (folder !== undefined) return folder;
  throw new AlphaTensorError(
    'NOT_FOUND',
    'This installation lacks the folder catalogue/ with its algorithms; install the package again.',
  );
}
