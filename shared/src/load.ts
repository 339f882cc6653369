import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { findInCatalogue, looksLikeCatalogueName } from './catalogue/index.js';
import { AlphaTensorError } from './errors.js';
import type { Entry } from './formats/entry.js';
import { summarize } from './formats/npz.js';
import { entriesOf } from './formats/recognize.js';
import { type AnyRecord, type FactorizationRecord, realRecord } from './formats/record.js';
import { readSms } from './formats/sms.js';
import { decodeText } from './formats/text.js';
import { isKnownName, KNOWN_NAMES, resolveKnown } from './known.js';
import { readBounded } from './read-file.js';
import { parseSize, type Size, sameSize } from './tensor.js';

/** What a spec names, before any of it is reconstructed. */
interface Source {
  /** The file, or the name of an algorithm. */
  readonly name: string;
  readonly entries: readonly KeyedEntry[];
  /** Whether these are some of several, so that errors say which. */
  readonly isPart: boolean;
}

/** What chooses an entry after #: its size if no other has it, or else its number. */
interface KeyedEntry extends Entry {
  readonly key: string;
}

/** One scheme of what a spec names: read, or why it is not. */
export type LoadedEntry =
  | { readonly name: string; readonly record: AnyRecord }
  | { readonly name: string; readonly error: AlphaTensorError };

/**
 * Loads every factorization that `spec` names, each reconstructed exactly. `spec` is a known name (`strassen`, `winograd`,
 * `laderman`, `standard:n,m,p`), a name of the catalogue (`4x4x4:48-accurate`), a file, FILE#n,m,p for one size of a file, FILE#2 for its second
 * scheme, or the sparse matrices of plinopt: their folder, or L.sms,R.sms,P.sms. What kind of file it is follows from its content.
 * @throws AlphaTensorError whose message begins with the file's name
 */
export async function loadFactorizations(spec: string): Promise<FactorizationRecord[]> {
  const source = await open(spec);
  return source.entries.map((entry) => naming(nameOf(source, entry), () => realRecord(entry.read())));
}

/** Loads the one factorization that `spec` names. @throws AlphaTensorError also where a file holds several and `#n,m,p` is missing */
export async function loadFactorization(spec: string): Promise<FactorizationRecord> {
  const source = await open(spec);
  const [entry, ...others] = source.entries;
  if (others.length > 0) {
    const keys = source.entries.map(({ key }) => key);
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      `${source.name} holds ${keys.length} factorizations; choose one, for example ${splitSpec(spec).path}#${keys[0]} (there are ${summarize(keys)}).`,
    );
  }
  return naming(nameOf(source, entry), () => realRecord(entry.read()));
}

/**
 * Loads each factorization that `spec` names by itself, those with complex coefficients too.
 * @throws AlphaTensorError only if none can be told apart: a file that is missing or of no known form
 */
export async function loadEach(spec: string): Promise<LoadedEntry[]> {
  const source = await open(spec);
  return source.entries.map((entry) => {
    const name = nameOf(source, entry);
    try {
      return { name, record: naming(name, entry.read) };
    } catch (error) {
      if (!(error instanceof AlphaTensorError)) throw error;
      return { name, error };
    }
  });
}

async function open(spec: string): Promise<Source> {
  if (isKnownName(spec)) {
    return one(spec, () => ({
      ...{ factorization: resolveKnown(spec), origin: 'imported', notes: spec },
      provenance: { known: spec },
    }));
  }
  if (looksLikeCatalogueName(spec)) {
    const { record } = findInCatalogue(spec);
    return one(spec, () => record);
  }
  const { path, key } = (await exists(spec)) ? { path: spec } : splitSpec(spec);
  const source = await openPath(path);
  if (key === undefined) return source;
  const size = naming(spec, () => (/^\d+$/.test(key) ? undefined : parseSize(key)));
  const chosen = source.entries.filter((entry, index) =>
    size === undefined ? index === Number(key) - 1 : isOfSize(entry, size),
  );
  if (chosen.length === 0) {
    const wanted = size === undefined ? `scheme ${key}` : textOf(size);
    const keys = source.entries.map((entry) => entry.key);
    throw new AlphaTensorError('NOT_FOUND', `${source.name} has no ${wanted}; there are ${summarize(keys)}.`);
  }
  return { ...source, entries: chosen, isPart: true };
}

function one(name: string, read: () => AnyRecord): Source {
  return sourceOf(name, [{ read }]);
}

function sourceOf(name: string, entries: readonly Entry[]): Source {
  const isOnly = (size: Size): boolean =>
    entries.filter((other) => other.size && sameSize(other.size, size)).length === 1;
  const keyed = entries.map((entry, index) => {
    const { size } = entry;
    return { ...entry, key: size !== undefined && isOnly(size) ? textOf(size) : `${index + 1}` };
  });
  return { name, entries: keyed, isPart: entries.length > 1 };
}

async function openPath(path: string): Promise<Source> {
  const files = path.split(',');
  if (files.length === 3 && !(await exists(path))) return one(path, await smsOf(files));
  if (await isFolder(path)) return openFolder(path);
  const name = basename(path);
  const bytes = await readBytes(path);
  return sourceOf(
    name,
    naming(name, () => entriesOf(bytes)),
  );
}

/** The algorithms of a folder of plinopt: L.sms, R.sms and P.sms, or several with a name before those. */
async function openFolder(folder: string): Promise<Source> {
  const names = (await readdir(folder)).filter((name) => /\.sms$/i.test(name)).sort();
  const lefts = names.filter((name) => /L\.sms$/i.test(name));
  const triples = lefts
    .map((left) => [left, left.replace(/L(\.sms)$/i, 'R$1'), left.replace(/L(\.sms)$/i, 'P$1')])
    .filter((three) => three.every((name) => names.includes(name)));
  if (triples.length === 0) {
    throw new AlphaTensorError(
      'NOT_FOUND',
      `"${folder}" is a folder without the sparse matrices L.sms, R.sms and P.sms of an algorithm; name the files in it.`,
    );
  }
  const entries = triples.map(async (three) => ({
    name: three[0].replace(/_?L\.sms$/i, ''),
    read: await smsOf(three.map((name) => join(folder, name))),
  }));
  return sourceOf(basename(folder), await Promise.all(entries));
}

async function smsOf(paths: readonly string[]): Promise<() => AnyRecord> {
  // What is no text has no line of sizes either, and reading says so.
  const [l, r, p] = await Promise.all(paths.map(async (path) => decodeText(await readBytes(path)) ?? ''));
  return () => readSms(l, r, p);
}

/** Whether an entry is of a size, for which it is read if the file does not say. What cannot be read is of none. */
function isOfSize({ size, read }: Entry, wanted: Size): boolean {
  if (size !== undefined) return sameSize(size, wanted);
  try {
    const record = read();
    return sameSize('gaussian' in record ? record.gaussian.size : record.factorization.size, wanted);
  } catch {
    return false;
  }
}

function nameOf({ name, isPart }: Source, { key }: KeyedEntry): string {
  return isPart ? `${name}#${key}` : name;
}

function splitSpec(spec: string): { path: string; key?: string } {
  const hash = spec.lastIndexOf('#');
  return hash < 0 ? { path: spec } : { path: spec.slice(0, hash), key: spec.slice(hash + 1) };
}

function textOf({ n, m, p }: Size): string {
  return `${n},${m},${p}`;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return readBounded(path);
  } catch (cause) {
    if (cause instanceof AlphaTensorError) throw cause;
    const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    throw new AlphaTensorError(
      'NOT_FOUND',
      missing
        ? `There is no file "${path}", and no known algorithm of that name (known are ${KNOWN_NAMES.join(', ')}, and names of the catalogue such as 4x4x4:48).`
        : `"${path}" cannot be read: ${cause instanceof Error ? cause.message : cause}.`,
      { cause },
    );
  }
}

/** Runs `work`; its errors say which file they are about. */
function naming<T>(name: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof AlphaTensorError)) throw error;
    throw new AlphaTensorError(error.code, `${name}: ${error.message}`, { ...error.details, cause: error });
  }
}
