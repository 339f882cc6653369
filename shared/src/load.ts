import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { findInCatalogue, looksLikeCatalogueName } from './catalogue/index.js';
import { AlphaTensorError } from './errors.js';
import { looksLikeFastMatmul, parseFastMatmul } from './formats/fast-matmul.js';
import { parseFactorizationJson } from './formats/json.js';
import { listNpzKeys, readNpz, summarize } from './formats/npz.js';
import type { FactorizationRecord } from './formats/record.js';
import { isKnownName, KNOWN_NAMES, resolveKnown } from './known.js';
import { parseSize, type Size } from './tensor.js';

/** What a spec names, before any of it is reconstructed. */
interface Source {
  /** What to call it in errors. */
  readonly name: string;
  readonly keys: readonly string[];
  readonly read: (key: string) => FactorizationRecord;
}

/**
 * Loads every factorization that `spec` names, each reconstructed exactly. `spec` is a known name (`strassen`, `winograd`,
 * `laderman`, `standard:n,m,p`), a name of the catalogue (`4x4x4:48-accurate`), a file, or FILE#n,m,p for one size of a file. What kind
 * of file it is (JSON, `.npz`, fast-matmul coefficients) follows from its content.
 * @throws AlphaTensorError whose message begins with the file's name
 */
export async function loadFactorizations(spec: string): Promise<FactorizationRecord[]> {
  const source = await open(spec);
  return source.keys.map((key) => readKey(source, key));
}

/** Loads the one factorization that `spec` names. @throws AlphaTensorError also where a file holds several and `#n,m,p` is missing */
export async function loadFactorization(spec: string): Promise<FactorizationRecord> {
  const source = await open(spec);
  if (source.keys.length > 1) {
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      `${source.name} holds ${source.keys.length} factorizations; choose one, for example ${spec}#${source.keys[0]} ` +
        `(there are ${summarize(source.keys)}).`,
    );
  }
  return readKey(source, source.keys[0]);
}

async function open(spec: string): Promise<Source> {
  if (isKnownName(spec)) {
    const read = (): FactorizationRecord => ({ factorization: resolveKnown(spec), origin: 'imported', notes: spec });
    return { name: spec, keys: [spec], read };
  }
  if (looksLikeCatalogueName(spec)) {
    const { record } = findInCatalogue(spec);
    return { name: spec, keys: [spec], read: () => record };
  }
  const { path, size } = naming(spec, () => splitSpec(spec));
  const name = basename(path);
  const bytes = await readBytes(path);
  const source = naming(name, () => (isZip(bytes) ? openArchive(name, bytes) : openText(name, bytes)));
  if (size === undefined) return source;
  const key = keyOf(size);
  if (!source.keys.includes(key)) {
    throw new AlphaTensorError('NOT_FOUND', `${name} has no ${key}; there are ${summarize(source.keys)}.`);
  }
  return { ...source, name: `${name}#${key}`, keys: [key] };
}

function openArchive(name: string, bytes: Uint8Array): Source {
  const keys = listNpzKeys(bytes);
  if (keys.length === 0) throw unreadable('the archive holds no .npy arrays');
  return { name, keys, read: (key) => readNpz(bytes, key) };
}

function openText(name: string, bytes: Uint8Array): Source {
  const record = parseText(decode(bytes));
  return { name, keys: [keyOf(record.factorization.size)], read: () => record };
}

function readKey({ name, keys, read }: Source, key: string): FactorizationRecord {
  return naming(keys.length > 1 ? `${name}#${key}` : name, () => read(key));
}

function splitSpec(spec: string): { path: string; size?: Size } {
  const hash = spec.lastIndexOf('#');
  return hash < 0 ? { path: spec } : { path: spec.slice(0, hash), size: parseSize(spec.slice(hash + 1)) };
}

function keyOf({ n, m, p }: Size): string {
  return `${n},${m},${p}`;
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
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

function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b;
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw unreadable('it is neither text nor a zip archive');
  }
}

function parseText(text: string): FactorizationRecord {
  if (/^\s*[[{]/.test(text)) return parseFactorizationJson(text);
  if (looksLikeFastMatmul(text)) return parseFastMatmul(text);
  throw unreadable(text.trim() === '' ? 'it is empty' : 'it is neither JSON nor a table of coefficients');
}

function unreadable(why: string): AlphaTensorError {
  return new AlphaTensorError(
    'UNSUPPORTED_FORMAT',
    `This is not a factorization file (${why}); JSON, .npz and fast-matmul files are read.`,
  );
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
