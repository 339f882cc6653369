import type { Arithmetic } from '../arithmetic.js';
import { AlphaTensorError } from '../errors.js';
import { LIMITS, MODES, type Mode } from '../factorization.js';
import { checkSize, modeLengths, parseSize, type Size } from '../tensor.js';
import {
  addCoefficients,
  type Coefficient,
  multiplyCoefficients,
  NO_COEFFICIENT,
  ONE_COEFFICIENT,
  parseCoefficient,
} from './coefficient.js';
import type { Entry } from './entry.js';
import { parseExpressions } from './expressions.js';
import type { Nested } from './nested.js';
import { readLists, schemesOfLists } from './product-lists.js';
import { type AnyRecord, checkLengths, type FactorizationRecord, ORIGINS, type Origin, realRecord } from './record.js';
import { type Matrix, type Modes, reconstruct, transpose } from './scheme.js';

type JsonObject = Readonly<Record<string, unknown>>;

/** Fields that are read, or that only restate u, v and w and would go stale; all others are provenance. */
const OWN_FIELDS: ReadonlySet<string> = new Set([
  'n',
  'm',
  'p',
  'z2',
  'z3',
  'complex',
  'u',
  'v',
  'w',
  'origin',
  'created',
  'notes',
]);
const RESTATED_FIELDS: ReadonlySet<string> = new Set([
  ...['complexity', 'multiplications', 'elements', 'u_fresh', 'v_fresh', 'w_fresh'],
  ...['U', 'V', 'W', 'size', 'rank'],
]);

/**
 * Reads the project's own file, which is the JSON of FastMatrixMultiplication
 * (https://github.com/dronperminov/FastMatrixMultiplication): `{"n": [n,m,p], "m": rank, "z2": bool, "u", "v", "w"}`,
 * with `"z3": true` modulo 3,
 * rank-major, w indexing the product transposed, fractions as text. Its `_reduced` form, sums over shared temporaries,
 * is expanded. A file without an `origin` is `imported`.
 * @throws AlphaTensorError UNSUPPORTED_FORMAT, INVALID_ARGUMENT or NOT_A_FACTORIZATION
 */
export function parseFactorizationJson(text: string): FactorizationRecord {
  const [entry, ...others] = jsonEntries(text);
  if (others.length > 0) throw malformed('it must hold one object with n, m, u, v and w, and holds several');
  return realRecord(entry.read());
}

/**
 * Lists the schemes that JSON holds: an object is one; a list of objects, an object of such, or an object a line (NDJSON) are several; lists of
 * numbers are products. Others write the size as text or as {"n", "m", "p"}, a column for each product, w row by row, or the products and
 * entries as formulas: what is exact is read.
 * @throws AlphaTensorError UNSUPPORTED_FORMAT
 */
export function jsonEntries(text: string): Entry[] {
  const value = parsed(text);
  if (value === undefined) return linesOf(text) ?? refuseDamaged();
  if (Array.isArray(value)) {
    if (value.some(isObject)) return value.map(entryOf);
    return schemesOfLists(nestedOf(value, 0)).map((lists) => ({ read: () => readLists(lists) }));
  }
  if (!isObject(value)) throw malformed('it must hold one object with n, m, u, v and w, or a list of such');
  if (isScheme(value)) return [entryOf(value)];
  const inside = Object.values(value);
  const list = inside.find((each) => Array.isArray(each) && each.some(isScheme));
  if (Array.isArray(list)) return list.map(entryOf);
  if (inside.some(isScheme)) return inside.filter(isScheme).map(entryOf);
  return [entryOf(value)];
}

/** One object a line, of which some may be damaged; undefined if none is a scheme. */
function linesOf(text: string): Entry[] | undefined {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const values = lines.map(parsed);
  if (!values.some(isScheme)) return undefined;
  return values.map((value) => (value === undefined ? { read: refuseDamaged } : entryOf(value)));
}

/** The value; undefined if it is no JSON. Python also writes NaN and Infinity, which then are the text of what is no coefficient. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const quoted = text.replace(/([[,:]\s*)(-?(?:NaN|Infinity))\b/g, '$1"$2"');
    return quoted === text ? undefined : parsed(quoted);
  }
}

function refuseDamaged(): never {
  throw new AlphaTensorError('UNSUPPORTED_FORMAT', 'The file is damaged or incomplete JSON.');
}

function isScheme(value: unknown): boolean {
  return isObject(value) && ('u' in value || 'U' in value || 'multiplications' in value);
}

function entryOf(value: unknown): Entry {
  const read = (): AnyRecord => {
    if (!isObject(value)) throw malformed('it must be an object with n, m, u, v and w');
    return readObject(value);
  };
  try {
    return { size: isObject(value) ? readSize(value) : undefined, read };
  } catch {
    // Reading it says what is wrong with its size.
    return { read };
  }
}

function nestedOf(value: unknown, depth: number): Nested {
  if (!Array.isArray(value)) return parseCoefficient(value);
  if (depth > 8) throw malformed('its lists are more than 8 deep');
  return value.map((item) => nestedOf(item, depth + 1));
}

function readObject(file: JsonObject): AnyRecord {
  const size = readSize(file);
  const arithmetic = readArithmetic(file);
  const created = readText(file, 'created');
  const notes = readText(file, 'notes');
  const provenance = Object.entries(file).filter(([key]) => !OWN_FIELDS.has(key) && !RESTATED_FIELDS.has(key));
  return {
    ...readFactors(file, size, arithmetic),
    origin: readOrigin(file.origin),
    created,
    notes,
    provenance: provenance.length === 0 ? undefined : Object.fromEntries(provenance),
  };
}

function readArithmetic({ z2, z3 }: JsonObject): Arithmetic | undefined {
  if (z2 !== undefined && typeof z2 !== 'boolean') throw malformed('"z2" must be true or false');
  if (z3 !== undefined && typeof z3 !== 'boolean') throw malformed('"z3" must be true or false');
  if (z2 && z3) throw malformed('"z2" and "z3" cannot both be true');
  if (z3) return 'modulo-3';
  return z2 === undefined ? undefined : z2 ? 'modulo-2' : 'standard';
}

function readFactors(file: JsonObject, size: Size | undefined, arithmetic: Arithmetic | undefined): AnyRecord {
  if (!('u' in file || 'U' in file) && 'multiplications' in file) {
    const formulas = [...readArray(file, 'multiplications'), ...readArray(file, 'elements')];
    return parseExpressions(formulas.join('\n'), size);
  }
  const orders = ['transposed', 'row-major'] as const;
  if ('u_fresh' in file) {
    if (size === undefined) throw malformed('"n" must be [n, m, p]');
    return reconstruct({ size, modes: expandReduced(file, size), orders: ['transposed'], arithmetic });
  }
  if (size === undefined && !('u' in file || 'U' in file)) throw malformed('"n" must be [n, m, p]');
  const lengths = size === undefined ? [] : modeLengths(size);
  const modes: Modes = [
    readRows(file, 'u', lengths[0]),
    readRows(file, 'v', lengths[1]),
    readRows(file, 'w', lengths[2]),
  ];
  const rank = rankOf(file);
  const hasColumns = modes.some(({ length }) => length !== rank) && modes.every((matrix) => matrix[0]?.length === rank);
  if (rank !== undefined && !hasColumns) {
    modes.forEach((matrix, index) => {
      if (matrix.length !== rank) {
        throw malformed(`"m" gives the rank ${JSON.stringify(rank)}, but ${MODES[index]} has ${matrix.length} rows`);
      }
      if (size !== undefined) checkLengths(matrix, index, modeLengths(size)[index]);
    });
  }
  return reconstruct({ size, modes, orders, arithmetic });
}

/** The size as [n, m, p], as an object or text, under n or size, or as three numbers; undefined if it is not there. */
function readSize(file: JsonObject): Size | undefined {
  const { n, m, p } = file;
  const value = typeof n === 'number' && typeof m === 'number' && typeof p === 'number' ? [n, m, p] : (n ?? file.size);
  if (value === undefined) return undefined;
  if (typeof value === 'string') return parseSize(value);
  const numbers = isObject(value) ? [value.n, value.m, value.p] : value;
  if (!Array.isArray(numbers) || numbers.length !== 3 || !numbers.every((x) => typeof x === 'number')) {
    throw malformed('"n" must be [n, m, p]');
  }
  const size: Size = { n: numbers[0], m: numbers[1], p: numbers[2] };
  checkSize(size);
  return size;
}

/** The rank that the file gives: m, unless that is a dimension. */
function rankOf({ m, p, rank }: JsonObject): unknown {
  return typeof p === 'number' ? rank : (m ?? rank);
}

/** @param length the entries of a factor; undefined if the file has no size */
function readRows(file: JsonObject, mode: Mode, length: number | undefined): Matrix {
  return readArray(file, mode in file ? mode : mode.toUpperCase()).map((row, r) => {
    if (!Array.isArray(row)) throw malformed(`row ${r} of ${mode} must be an array of coefficients`);
    // JSON has no complex numbers: each entry is a pair of its parts.
    if (row.length === length && row.every(isPair)) return row.map(([re, im]) => parseCoefficient({ re, im }));
    // A factor as a matrix is one row after another.
    return row.flat().map((value) => parseCoefficient(value));
  });
}

function isPair(value: unknown): boolean {
  return Array.isArray(value) && value.length === 2;
}

function readArray(file: JsonObject, key: string): readonly unknown[] {
  const value = file[key];
  if (!Array.isArray(value)) throw malformed(`"${key}" must be an array`);
  return value;
}

function readText(file: JsonObject, key: string): string | undefined {
  const value = file[key];
  if (value !== undefined && typeof value !== 'string') throw malformed(`"${key}" must be text`);
  return value;
}

function readOrigin(value: unknown): Origin {
  const origin = ORIGINS.find((candidate) => candidate === (value ?? 'imported'));
  if (origin === undefined) throw malformed(`"origin" must be one of ${ORIGINS.join(', ')}`);
  return origin;
}

/**
 * The reduced-addition form. u and v are R sums over the entries of A or B followed by the temporaries of `u_fresh`,
 * `v_fresh`; w is one sum for each entry of the product (transposed) over the R products followed by `w_fresh`.
 */
function expandReduced(file: JsonObject, size: Size): Modes {
  const [lengthU, lengthV] = modeLengths(size);
  const rank = file.m;
  if (typeof rank !== 'number' || !Number.isInteger(rank) || rank < 1 || rank > LIMITS.maxRank) {
    throw malformed(`"m" must be the rank, from 1 to ${LIMITS.maxRank}`);
  }
  return [expandSums(file, 'u', lengthU), expandSums(file, 'v', lengthV), transpose(expandSums(file, 'w', rank))];
}

/** Each sum of file[mode] as coefficients of the first `count` symbols, with the temporaries substituted. */
function expandSums(file: JsonObject, mode: Mode, count: number): Coefficient[][] {
  const symbols: Coefficient[][] = Array.from({ length: count }, (_, i) => {
    const unit = new Array<Coefficient>(count).fill(NO_COEFFICIENT);
    unit[i] = ONE_COEFFICIENT;
    return unit;
  });
  const expand = (sum: unknown): Coefficient[] => {
    if (!Array.isArray(sum)) throw malformed(`${mode} must hold sums of {"index", "value"}`);
    const result = new Array<Coefficient>(count).fill(NO_COEFFICIENT);
    for (const term of sum) {
      const symbol = isObject(term) && typeof term.index === 'number' ? symbols[term.index] : undefined;
      if (!isObject(term) || symbol === undefined) {
        throw malformed(`${mode} has a term ${JSON.stringify(term)} that is no entry and no earlier temporary`);
      }
      const value = parseCoefficient(term.value);
      symbol.forEach((coefficient, i) => {
        if (coefficient !== NO_COEFFICIENT)
          result[i] = addCoefficients(result[i], multiplyCoefficients(value, coefficient));
      });
    }
    return result;
  };
  for (const fresh of readArray(file, `${mode}_fresh`)) symbols.push(expand(fresh));
  return readArray(file, mode).map(expand);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function malformed(what: string): AlphaTensorError {
  return new AlphaTensorError('UNSUPPORTED_FORMAT', `The file is not a factorization in JSON: ${what}.`);
}
