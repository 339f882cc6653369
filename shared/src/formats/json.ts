import writeFileAtomic from 'write-file-atomic';
import { AlphaTensorError } from '../errors.js';
import { type Factorization, LIMITS, MODES, type Mode } from '../factorization.js';
import { checkSize, modeLengths, type Size } from '../tensor.js';
import { add, formatRational, multiply, parseRational, type Rational, ZERO } from './rational.js';
import {
  type FactorizationRecord,
  ORIGINS,
  type Origin,
  type RationalRows,
  transpose,
  verifiedFromRows,
} from './record.js';

type JsonObject = Readonly<Record<string, unknown>>;

/** Fields that are read, or that only restate u, v and w and would go stale; all others are provenance. */
const OWN_FIELDS: ReadonlySet<string> = new Set(['n', 'm', 'z2', 'u', 'v', 'w', 'origin', 'created', 'notes']);
const RESTATED_FIELDS: ReadonlySet<string> = new Set([
  'complexity',
  'multiplications',
  'elements',
  'u_fresh',
  'v_fresh',
  'w_fresh',
]);

/**
 * Reads the project's own file, which is the JSON of FastMatrixMultiplication
 * (https://github.com/dronperminov/FastMatrixMultiplication): `{"n": [n,m,p], "m": rank, "z2": bool, "u", "v", "w"}`,
 * rank-major, w indexing the product transposed, fractions as text. Its `_reduced` form, sums over shared temporaries,
 * is expanded. A file without an `origin` is `imported`.
 * @throws AlphaTensorError UNSUPPORTED_FORMAT, INVALID_ARGUMENT or NOT_A_FACTORIZATION
 */
export function parseFactorizationJson(text: string): FactorizationRecord {
  const file = parseObject(text);
  const size = readSize(file.n);
  const z2 = file.z2 ?? false;
  if (typeof z2 !== 'boolean') throw malformed('"z2" must be true or false');
  const rows: readonly [RationalRows, RationalRows, RationalRows] =
    'u_fresh' in file ? expandReduced(file, size) : [readRows(file, 'u'), readRows(file, 'v'), readRows(file, 'w')];
  rows.forEach((matrix, index) => {
    if (matrix.length !== file.m) {
      throw malformed(`"m" gives the rank ${JSON.stringify(file.m)}, but ${MODES[index]} has ${matrix.length} rows`);
    }
  });
  const created = readText(file, 'created');
  const notes = readText(file, 'notes');
  const provenance = Object.entries(file).filter(([key]) => !OWN_FIELDS.has(key) && !RESTATED_FIELDS.has(key));
  return {
    factorization: verifiedFromRows(size, z2 ? 'modulo-2' : 'standard', rows),
    origin: readOrigin(file.origin),
    created,
    notes,
    provenance: provenance.length === 0 ? undefined : Object.fromEntries(provenance),
  };
}

/**
 * Writes the file's text: keys always in the same order, one line a row, a newline at the end.
 * @param spaces false: none in the rows, for many files in a package
 */
export function formatFactorizationJson(record: FactorizationRecord, { spaces = true } = {}): string {
  const { factorization, origin, created, notes, provenance } = record;
  const { n, m, p } = factorization.size;
  const head: [string, unknown][] = [
    ['n', [n, m, p]],
    ['m', factorization.rank],
    ['z2', factorization.arithmetic === 'modulo-2'],
    ['origin', origin],
    ['created', created],
    ['notes', notes],
    ...Object.entries(provenance ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)),
  ];
  const fields = [
    ...head
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)}`),
    ...MODES.map(
      (mode) => `  "${mode}": [\n${formatRows(factorization, mode, spaces ? ['    ', ', '] : ['', ','])}\n  ]`,
    ),
  ];
  return `{\n${fields.join(',\n')}\n}\n`;
}

/** Writes the file aside and renames it, so that no reader ever sees half of it. The folder must exist. */
export async function saveFactorization(path: string, record: FactorizationRecord): Promise<void> {
  await writeFileAtomic(path, formatFactorizationJson(record));
}

function formatRows(factorization: Factorization, mode: Mode, [indent, comma]: readonly [string, string]): string {
  const { coefficients, denominator } = factorization[mode];
  const length = coefficients.length / factorization.rank;
  return Array.from({ length: factorization.rank }, (_, r) => {
    const row = Array.from(coefficients.subarray(r * length, (r + 1) * length), (x) => formatRational(x, denominator));
    return `${indent}[${row.map((entry) => JSON.stringify(entry)).join(comma)}]`;
  }).join(',\n');
}

function parseObject(text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new AlphaTensorError('UNSUPPORTED_FORMAT', 'The file is damaged or incomplete JSON.', { cause });
  }
  if (!isObject(value)) throw malformed('it must hold one object with n, m, u, v and w');
  return value;
}

function readSize(value: unknown): Size {
  if (!Array.isArray(value) || value.length !== 3 || !value.every((x) => typeof x === 'number')) {
    throw malformed('"n" must be [n, m, p]');
  }
  const size: Size = { n: value[0], m: value[1], p: value[2] };
  checkSize(size);
  return size;
}

function readRows(file: JsonObject, mode: Mode): RationalRows {
  return readArray(file, mode).map((row, r) => {
    if (!Array.isArray(row)) throw malformed(`row ${r} of ${mode} must be an array of coefficients`);
    return row.map(parseRational);
  });
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
function expandReduced(file: JsonObject, size: Size): [RationalRows, RationalRows, RationalRows] {
  const [lengthU, lengthV] = modeLengths(size);
  const rank = file.m;
  if (typeof rank !== 'number' || !Number.isInteger(rank) || rank < 1 || rank > LIMITS.maxRank) {
    throw malformed(`"m" must be the rank, from 1 to ${LIMITS.maxRank}`);
  }
  return [expandSums(file, 'u', lengthU), expandSums(file, 'v', lengthV), transpose(expandSums(file, 'w', rank))];
}

/** Each sum of file[mode] as coefficients of the first `count` symbols, with the temporaries substituted. */
function expandSums(file: JsonObject, mode: Mode, count: number): Rational[][] {
  const symbols: Rational[][] = Array.from({ length: count }, (_, i) => {
    const unit = new Array<Rational>(count).fill(ZERO);
    unit[i] = { numerator: 1, denominator: 1 };
    return unit;
  });
  const expand = (sum: unknown): Rational[] => {
    if (!Array.isArray(sum)) throw malformed(`${mode} must hold sums of {"index", "value"}`);
    const result = new Array<Rational>(count).fill(ZERO);
    for (const term of sum) {
      const symbol = isObject(term) && typeof term.index === 'number' ? symbols[term.index] : undefined;
      if (!isObject(term) || symbol === undefined) {
        throw malformed(`${mode} has a term ${JSON.stringify(term)} that is no entry and no earlier temporary`);
      }
      const value = parseRational(term.value);
      symbol.forEach((coefficient, i) => {
        if (coefficient.numerator !== 0) result[i] = add(result[i], multiply(value, coefficient));
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
