import { gunzipSync } from 'node:zlib';
import { AlphaTensorError } from '../errors.js';
import type { Entry } from './entry.js';
import { looksLikeExpressions, parseExpressions } from './expressions.js';
import { looksLikeFastMatmul, parseFastMatmul } from './fast-matmul.js';
import { jsonEntries } from './json.js';
import { parseNested } from './nested.js';
import { parseNpy } from './npy.js';
import { npzEntries, readArrays } from './npz.js';
import { otherBinaryForm, otherTextForm } from './other-forms.js';
import { readLists, schemesOfLists } from './product-lists.js';
import { pythonDictionary } from './python-dictionary.js';
import { looksLikeSms } from './sms.js';
import { readTable, splitTables } from './table.js';
import { decodeText } from './text.js';

/** The most that a compressed file may unpack to: a small one must not take the memory that a large one shows before. */
const MAX_UNPACKED_BYTES = 2 ** 26;

/**
 * Lists the schemes of a file, whose form follows from its content: JSON (also several, also NDJSON), `.npz`, `.npy`, fast-matmul's matrices, lists of
 * Mathematica, Maple and Python, formulas, tables `n m p R`; each of them compressed by gzip or not, text in UTF-8, UTF-16 or Latin 1.
 * @throws AlphaTensorError UNSUPPORTED_FORMAT, which says what form it is instead
 */
export function entriesOf(bytes: Uint8Array): Entry[] {
  if (begins(bytes, '\x1f\x8b')) return uncompressedEntries(unpack(bytes));
  return uncompressedEntries(bytes);
}

function uncompressedEntries(bytes: Uint8Array): Entry[] {
  if (begins(bytes, 'PK')) {
    const entries = npzEntries(bytes);
    if (entries.length === 0) throw unreadable('the archive holds no .npy arrays; unpack it and name the files in it');
    return entries;
  }
  if (begins(bytes, '\x93NUMPY')) return [{ read: () => readArrays(parseNpy(bytes)) }];
  const form = otherBinaryForm(bytes);
  if (form !== undefined) throw unreadable(`it is ${form}`);
  const text = decodeText(bytes);
  if (text === undefined) throw unreadable('it is neither text nor an archive of a known kind');
  return textEntries(text);
}

function textEntries(text: string): Entry[] {
  if (text.trim() === '') throw unreadable('it is empty');
  if (looksLikeJson(text)) return jsonEntries(text);
  const dictionary = pythonDictionary(text);
  if (dictionary !== undefined) return jsonEntries(dictionary);
  if (looksLikeSms(text)) {
    throw unreadable('it is one sparse matrix in SMS; name the folder of all three, or L.sms,R.sms,P.sms');
  }
  if (looksLikeFastMatmul(text)) return [{ read: () => parseFastMatmul(text) }];
  const tables = splitTables(text);
  if (tables !== undefined) return tables.map((table) => ({ size: table.size, read: () => readTable(table) }));
  if (looksLikeLists(text)) return schemesOfLists(parseNested(text)).map((lists) => ({ read: () => readLists(lists) }));
  const form = otherTextForm(text);
  if (form !== undefined) throw unreadable(`it is ${form}`);
  if (looksLikeExpressions(text)) return [{ read: () => parseExpressions(text) }];
  throw unreadable('it is neither JSON nor a table of coefficients, nor lists or formulas of products');
}

/** An object or a list; the lists of lists with braces are Mathematica's, those of complex numbers Python's. */
function looksLikeJson(text: string): boolean {
  return /^\s*(?:\{\s*["}]|\[)/.test(text) && !/^\s*\[[^"{}]*\b\d*\.?\d+[ij]\b/i.test(text);
}

const LISTS =
  /^(?:[A-Za-z_$][\w$]*\s*:?=\s*)?(?:[A-Za-z_$][\w$.]*\s*)?[[({]\s*(?:[[({]|Triad\b|Matrix\b|List\b|(?:np\.|numpy\.)?array\b)/;
/** The first entry of A in a formula. */
const FORMULA = /^[(\s]*[-+]?\s*(?:\d+\s*\*?\s*)?[abc](?:_?\d|_?\{|\[)/i;

/** Lists in lists, with an assignment or a comment before them or none. */
function looksLikeLists(text: string): boolean {
  const start = text
    .replace(/\(\*[\s\S]*?\*\)/g, ' ')
    .replace(/^\s*#.*$/gm, '')
    .trimStart();
  return LISTS.test(start) && !FORMULA.test(start);
}

function unpack(bytes: Uint8Array): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_UNPACKED_BYTES });
  } catch (cause) {
    const isTooLarge = cause instanceof Error && 'code' in cause && cause.code === 'ERR_BUFFER_TOO_LARGE';
    throw unreadable(
      isTooLarge
        ? `it unpacks to more than ${MAX_UNPACKED_BYTES / 2 ** 20} MiB`
        : 'it is a damaged or incomplete gzip archive',
    );
  }
}

function begins(bytes: Uint8Array, start: string): boolean {
  return Buffer.from(bytes.subarray(0, start.length)).toString('latin1') === start;
}

function unreadable(why: string): AlphaTensorError {
  return new AlphaTensorError(
    'UNSUPPORTED_FORMAT',
    `This is not a factorization file that can be read: ${why}. docs/reference/formats.md lists the forms that are.`,
  );
}
