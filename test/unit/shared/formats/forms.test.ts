import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { strToU8, zipSync } from 'fflate';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { parseRational } from '../../../../shared/src/formats/rational.js';
import {
  contentHash,
  type Factorization,
  formatFactorizationJson,
  loadEach,
  loadFactorization,
  MODES,
  type Mode,
  modeLengths,
  parseFactorizationJson,
  standard,
  strassen,
  winograd,
} from '../../../../shared/src/index.js';
import { dataPath, needsData } from '../../../support/data.js';
import { npy } from '../../../support/npy.js';

// What people of this field write their schemes as. Each is read by its content, whatever its name, and reconstructed exactly.

const folder = mkdtempSync(join(tmpdir(), 'shared-forms-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;

/** Writes a file whose name says nothing. */
function file(content: string | Uint8Array, name = `file-${files++}`): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const rectangular = standard({ n: 2, m: 1, p: 3 });

/** Rows of a mode, one a product, with the product transposed as everywhere here. */
function rows(f: Factorization, mode: Mode): number[][] {
  const length = modeLengths(f.size)[MODES.indexOf(mode)];
  return Array.from({ length: f.rank }, (_, r) =>
    Array.from(f[mode].coefficients.subarray(r * length, (r + 1) * length), (x) => x / f[mode].denominator),
  );
}

const columns = <T>(matrix: readonly (readonly T[])[]): T[][] => matrix[0].map((_, c) => matrix.map((row) => row[c]));

/** The row of a product, row by row instead of transposed. */
function rowMajor({ size: { n, p } }: Factorization, row: readonly number[]): number[] {
  return Array.from({ length: n * p }, (_, x) => row[(x % p) * n + Math.floor(x / p)]);
}

/** A row as a matrix. */
function grid(row: readonly number[], width: number): number[][] {
  return Array.from({ length: row.length / width }, (_, i) => row.slice(i * width, (i + 1) * width));
}

function productsOf(f: Factorization): number[][][][] {
  const { n, m, p } = f.size;
  return rows(f, 'u').map((u, r) => [grid(u, m), grid(rows(f, 'v')[r], p), grid(rows(f, 'w')[r], n)]);
}

const mathematica = (value: unknown): string =>
  JSON.stringify(value).replaceAll('[', '{').replaceAll(']', '}').replaceAll('0.5', '1/2');
const maple = (f: Factorization): string =>
  `Tensor:=TriadSet([${productsOf(f)
    .map((product) => `Triad([${product.map((x) => `Matrix(${x.length},${x[0].length},${JSON.stringify(x)})`)}])`)
    .join(', ')}]):`;

function sum(row: readonly number[], letter: string, width: number): string {
  const terms = row.flatMap((x, i) =>
    x === 0
      ? []
      : [
          `${x < 0 ? '-' : '+'}${Math.abs(x) === 1 ? '' : `${Math.abs(x)}*`}${letter}${Math.floor(i / width) + 1}${(i % width) + 1}`,
        ],
  );
  return terms.join('').replace(/^\+/, '');
}

const trilinear = (f: Factorization): string =>
  rows(f, 'u')
    .map((u, r) => {
      const { n, m, p } = f.size;
      return `(${sum(u, 'a', m)})*(${sum(rows(f, 'v')[r], 'b', p)})*(${sum(rows(f, 'w')[r], 'c', n)})`;
    })
    .join('\n');

function assignments(f: Factorization): string {
  const { m, p } = f.size;
  const products = rows(f, 'u').map((u, r) => `m${r + 1} = (${sum(u, 'a', m)}) (${sum(rows(f, 'v')[r], 'b', p)})`);
  const entries = columns(rows(f, 'w').map((row) => rowMajor(f, row))).map(
    (row, x) =>
      `C${Math.floor(x / p) + 1}${(x % p) + 1} := ${row.map((c, r) => `${c < 0 ? '-' : '+'} ${Math.abs(c)}*m${r + 1}`).join(' ')};`,
  );
  return ['% a comment', ...products, ...entries].join('\n');
}

const lines = (matrix: readonly (readonly number[])[]): string => matrix.map((row) => row.join(' ')).join('\n');
const table = (f: Factorization): string =>
  [`${f.size.n} ${f.size.m} ${f.size.p} ${f.rank}`, ...MODES.map((mode) => lines(rows(f, mode)))].join('\n');

function sms(matrix: readonly (readonly number[])[]): string {
  const entries = matrix.flatMap((row, i) => row.flatMap((x, j) => (x === 0 ? [] : [`${i + 1} ${j + 1} ${x}`])));
  return [`${matrix.length} ${matrix[0].length} R`, ...entries, '0 0 0', ''].join('\n');
}

const smsOf = (f: Factorization): [string, string, string] => [
  sms(rows(f, 'u')),
  sms(rows(f, 'v')),
  sms(columns(rows(f, 'w').map((row) => rowMajor(f, row)))),
];

const json = (f: Factorization): string => formatFactorizationJson({ factorization: f as never, origin: 'imported' });
const array = (
  matrices: readonly number[][][],
  descr = '<f8',
  encode = (x: number[]): Uint8Array => new Uint8Array(Float64Array.from(x).buffer),
) =>
  npy(
    `'descr': '${descr}', 'fortran_order': False, 'shape': (${[...(matrices.length === 1 ? [] : [matrices.length]), matrices[0].length, matrices[0][0].length].join(', ')})`,
    encode(matrices.flat(2)),
  );
const modesOf = (f: Factorization): number[][][] => MODES.map((mode) => columns(rows(f, mode)));
const utf16 = (text: string): Uint8Array => Uint8Array.from(Buffer.from(`\ufeff${text}`, 'utf16le'));

describe.each([
  ['square', winograd()],
  ['rectangular', rectangular],
])('a %s scheme', (_, f) => {
  const isSquare = f.size.n === f.size.p;
  const forms: readonly (readonly [string, () => string | Uint8Array])[] = [
    ['lists of Mathematica', () => mathematica(productsOf(f))],
    ['an assignment of Mathematica with a comment', () => `(* <2,2,2> *)\nscheme = ${mathematica(productsOf(f))};\n`],
    ['triads of Maple', () => maple(f)],
    [
      'arrays of Python',
      () =>
        `(np.array(${JSON.stringify(rows(f, 'u'))}, dtype=np.int32), np.array(${JSON.stringify(rows(f, 'v'))}), np.array(${JSON.stringify(rows(f, 'w'))}))`,
    ],
    ['three factors in JSON', () => JSON.stringify(modesOf(f))],
    ['products of three sums', () => trilinear(f)],
    ['assignments', () => assignments(f)],
    ['formulas in JSON', () => JSON.stringify({ n: Object.values(f.size), m: f.rank, ...formulasOf(f) })],
    ['a table n m p R', () => table(f)],
    ['a table of two schemes, counted', () => `2\n${table(f)}\n${table(f)}\n`],
    ['columns in JSON', () => JSON.stringify({ n: Object.values(f.size), m: f.rank, ...named(modesOf(f)) })],
    [
      'JSON with the size as text',
      () => json(f).replace(/"n": \[.*?\]/, `"size": "${Object.values(f.size).join('x')}"`),
    ],
    ['JSON with the size as an object', () => json(f).replace(/"n": \[.*?\]/, `"n": ${JSON.stringify(f.size)}`)],
    [
      'JSON with w row by row',
      () => JSON.stringify({ ...JSON.parse(json(f)), w: rows(f, 'w').map((row) => rowMajor(f, row)) }),
    ],
    [
      'fast-matmul with w as here, and ends of lines of Windows',
      () => `# by hand\n${modesOf(f).map(lines).join('\n#\n')}`.replaceAll('\n', '\r\n'),
    ],
    ['compressed JSON', () => gzipSync(json(f))],
    ['JSON in UTF-16', () => utf16(json(f))],
    ['JSON in UTF-16 without its mark', () => utf16(json(f)).subarray(2)],
    ['a table in UTF-16', () => utf16(table(f))],
    ['formulas with a comment in Latin 1', () => Buffer.from(`# sch\u00e9ma\n${trilinear(f)}`, 'latin1')],
    ['JSON in Latin 1', () => Buffer.from(json(f).replace('{', '{"notes": "M\u00fcller", '), 'latin1')],
    [
      'a dictionary of Python',
      () =>
        `scheme = {'u': (${rows(f, 'u').map((row) => `(${row.join(', ')},)`)},), 'v': ${JSON.stringify(rows(f, 'v'))}, 'w': ${JSON.stringify(rows(f, 'w'))}, 'z2': False, }\n`,
    ],
    [
      'pairs of real and imaginary parts in JSON',
      () =>
        JSON.stringify({
          n: Object.values(f.size),
          m: f.rank,
          ...named(MODES.map((mode) => rows(f, mode).map((row) => row.map((x) => [x, 0])))),
        }),
    ],
    ['NDJSON', () => `${JSON.stringify(JSON.parse(json(f)))}\r\n${JSON.stringify(JSON.parse(json(f)))}\r\n`],
    ['a list in JSON', () => JSON.stringify([JSON.parse(json(f)), JSON.parse(json(f))])],
    ['an object of schemes', () => JSON.stringify({ count: 1, schemes: [JSON.parse(json(f))] })],
    [
      'np.savez(u=, v=, w=)',
      () =>
        zipSync(
          named(
            modesOf(f).map((x) => array([x])),
            '.npy',
          ),
        ),
    ],
    [
      'np.savez(A=, B=, C=) of factors as matrices',
      () =>
        zipSync(Object.fromEntries(columns(productsOf(f)).map((factors, i) => [`${'ABC'[i]}.npy`, array(factors)]))),
    ],
    [
      'np.savez without names',
      () =>
        zipSync({
          'arr_0.npy': array([modesOf(f)[0]]),
          'arr_1.npy': array([modesOf(f)[1]]),
          'arr_2.npy': array([modesOf(f)[2]]),
        }),
    ],
    [
      'one that NumPy compressed, with a key 2x2x2',
      () =>
        isSquare
          ? zipSync({ '2x2x2.npy': array(modesOf(f)) })
          : zipSync(
              named(
                modesOf(f).map((x) => array([x])),
                '.npy',
              ),
            ),
    ],
    ['one .npy', () => (isSquare ? array(modesOf(f)) : json(f))],
    [
      'float16',
      () =>
        zipSync(
          named(
            modesOf(f).map((x) => array([x], '<f2', halves)),
            '.npy',
          ),
        ),
    ],
  ];
  test.each(forms)('%s', async (_name, content) => {
    const entries = await loadEach(file(content()));
    expect(entries.length).toBeGreaterThan(0);
    for (const entry of entries) {
      if (!('record' in entry) || !('factorization' in entry.record)) throw new Error(JSON.stringify(entry));
      expect(contentHash(entry.record.factorization)).toBe(contentHash(f));
    }
  });

  test('the sparse matrices of plinopt, by name and as a folder', async () => {
    const [l, r, p] = smsOf(f);
    const place = join(folder, `sms-${files++}`);
    mkdirSync(place);
    const paths = [l, r, p].map((text, i) => {
      const path = join(place, `own_${'LRP'[i]}.sms`);
      writeFileSync(path, text);
      return path;
    });
    for (const spec of [place, paths.join(',')]) {
      expect(contentHash((await loadFactorization(spec)).factorization)).toBe(contentHash(f));
    }
    await expect(loadFactorization(paths[0])).rejects.toThrow(
      /own_L\.sms: .*one sparse matrix in SMS.*L\.sms,R\.sms,P\.sms/,
    );
    await expect(loadFactorization(folder)).rejects.toThrow(/folder without the sparse matrices/);
  });
});

function named<T>(values: readonly T[], extension = ''): Record<string, T> {
  return Object.fromEntries(values.map((value, i) => [`${MODES[i]}${extension}`, value]));
}

function formulasOf(f: Factorization): object {
  const all = assignments(f).split('\n').slice(1);
  return {
    multiplications: all.slice(0, f.rank),
    elements: all.slice(f.rank).map((line) => line.replace(':=', '=').replace(';', '')),
  };
}

/** IEEE 754 binary16 of whole numbers of at most 1 and of halves. */
function halves(values: number[]): Uint8Array {
  const bits = new Map([
    [0, 0],
    [1, 0x3c00],
    [-1, 0xbc00],
    [0.5, 0x3800],
    [-0.5, 0xb800],
  ]);
  return new Uint8Array(Uint16Array.from(values, (x) => bits.get(x === 0 ? 0 : x) ?? 0x7e00).buffer);
}

test('shared sums of formulas, entries counted from 0, and a number beyond nine', async () => {
  const text = 's = a_0_0 + a_0_1\nm1 = s*b[0,0]; m2 = a_0_1 * (b_{1,0} - b_{0,0})\nc[0][0] = m1 + m2';
  const { factorization } = await loadFactorization(file(text));
  expect([factorization.size, factorization.rank]).toEqual([{ n: 1, m: 2, p: 1 }, 2]);
  const long = Array.from({ length: 11 }, (_, k) => `(a_1_${k + 1})*(b_${k + 1}_1)*(c_1_1)`).join('\n');
  expect((await loadFactorization(file(long))).factorization.size).toEqual({ n: 1, m: 11, p: 1 });
});

test('the reduced form of fast-matmul, with sums of sums', async () => {
  // <1,2,1>: s1 = a1 + a2, s2 = s1 - a1 = a2; the products a1 b1 and s2 b2; the sum t = p1 + p2 is c.
  const text =
    '# Eliminated\n1 0\n0 0\n0 0\n0 1\n#\n1 0\n0 1\n#\n0 0 1\n# Substitution information\n1 1 0\n-1 0 1\n#\n#\n1 1\n';
  const { factorization } = await loadFactorization(file(text));
  expect(contentHash(factorization)).toBe(contentHash(standard({ n: 1, m: 2, p: 1 })));
  await expect(loadFactorization(file(text.replace('-1 0 1', '-1 0 0')))).rejects.toThrow(/do not reconstruct/);
});

test('decimals are taken for fractions as far as six digits allow', () => {
  const scaled = (x: number | string): string =>
    JSON.stringify({ n: [1, 1, 1], m: 1, z2: false, u: [[x]], v: [[3]], w: [[1]] });
  for (const third of [0.333333, 0.3333333, 1 / 3, '0.333333', '1/3', 1e-9 + 1 / 3]) {
    expect(parseFactorizationJson(scaled(third)).factorization.u.denominator).toBe(3);
  }
  expect(() => parseFactorizationJson(scaled(0.3333))).toThrow(/0\.3333 is not a fraction with a small denominator/);
  expect(() => parseFactorizationJson(scaled('1/3x'))).toThrow(/"1\/3x" is not a coefficient/);
  // A fraction over a power of two is itself, although one over 63 is as near as six digits.
  expect(Math.abs(28607 / 32768 - 55 / 63)).toBeLessThan(1e-6);
  expect(parseRational(28607 / 32768)).toEqual({ numerator: 28607, denominator: 32768 });
});

describe('what is called what it is', () => {
  const forms: readonly (readonly [string, string | Uint8Array, RegExp])[] = [
    [
      'two fields at once',
      '{"n": [1,1,1], "m": 1, "z2": true, "z3": true, "u": [[1]], "v": [[1]], "w": [[1]]}',
      /"z2" and "z3" cannot both be true/,
    ],
    ['NaN', '{"n": [1,1,1], "m": 1, "u": [[NaN]], "v": [[1]], "w": [[1]]}', /"NaN" is not a coefficient/],
    ['a Mathematica list that is cut', '{{{{1, -1}, {1, 0}}, {{1', /nested lists cannot be read: "}" is missing/],
    [
      'a list of other shapes',
      '{{{{1}}, {{1, 1}}, {{1}}}}',
      /product 1 are 1 x 1, 1 x 2 and 1 x 1; n x m, m x p and p x n/,
    ],
    ['Mathematica with a name in it', '{{{{x}}, {{1}}, {{1}}}}', /"x" is not a coefficient/],
    ['formulas of another kind', 'm1 = (a11 + b11) * (b11)', /adds entries of A and entries of B/],
    ['formulas without the product', 'm1 = (a11) * (b11)', /nor are the entries given as c11/],
    [
      'a commutative algorithm',
      'm1 = (a11) * (a12) * (b11)',
      /multiplies sums of entries of A by sums of entries of A/,
    ],
    ['a table that is cut', '2 2 2 7\n1 0 0 1\n', /1 lines follow 2 2 2 7 where 21 are needed/],
    [
      'a table with prose after it',
      `${table(standard({ n: 1, m: 1, p: 1 }))}\nand more`,
      /"and more" stands where a line n m p R should/,
    ],
    ['HDF5', '\x89HDF\r\n\x1a\n', /it is an HDF5 file/],
    ['a pickle', Uint8Array.of(0x80, 4, 0x95), /it is a Python pickle/],
    ['C++', '#include <vector>\nint main() {}', /it is C or C\+\+ source/],
    ['a page of the web', '<!doctype html><p>404', /it is HTML or XML/],
    ['Python', 'import numpy as np\nprint(1)', /it is Python source/],
    ['a damaged archive', gzipSync('x').subarray(0, 12), /damaged or incomplete gzip archive/],
    ['a bomb', bomb(), /unpacks to more than 64 MiB/],
    ['an archive in another', Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0), /it is an xz archive; unpack it first/],
    ['a zip archive of texts', zipSync({ 'a.txt': strToU8('1') }), /holds no \.npy arrays; unpack it/],
    ['text in UTF-32', Uint8Array.of(0xff, 0xfe, 0, 0, 0x7b, 0, 0, 0), /it is text in UTF-32; save it in UTF-8/],
    ['what is no text', Uint8Array.of(0x80, 1, 0, 7), /: This is not .*: it is neither text nor an archive/],
    ['JSON with comments', '// by hand\n{"n": [1,1,1]}', /it is JSON with comments/],
    ['YAML', 'n: [1, 1, 1]\nu:\n  - [1]\n', /it is YAML/],
    ['MATLAB', 'u = [1 0; 0 1];', /source code of Julia or MATLAB/],
    ['Sage', 'u = matrix(QQ, [[1]])', /source code of Sage/],
    [
      'Infinity',
      '{"n": [1,1,1], "m": 1, "u": [[Infinity]], "v": [[1]], "w": [[1]]}',
      /write a whole number or a fraction/,
    ],
    ['a program of plinopt', 't1:=i1;\nt2:=i2;\no1:=t1+t2;', /straight-line program of plinopt/],
  ];
  test.each(forms)('%s', async (_, content, message) => {
    const path = file(typeof content === 'string' ? strToU8(content, /\x89/.test(content)) : content);
    const failed = await loadEach(path).then(
      (entries) => entries.map((entry) => ('error' in entry ? entry.error.message : 'read')).join(),
      (error: Error) => error.message,
    );
    expect(failed).toMatch(message);
  });
});

/** An archive of 5 members, each of 16 MiB. */
function bomb(): Uint8Array {
  const member = gzipSync(new Uint8Array(2 ** 24));
  return Buffer.concat(Array.from({ length: 5 }, () => member));
}

test('one bad entry of several is named by itself', async () => {
  const good = JSON.parse(json(strassen()));
  const wrong = { ...good, u: good.u.map((row: number[], r: number) => (r === 0 ? [2, 0, 0, 1] : row)) };
  const path = file(
    [good, wrong, 'no JSON', good].map((x) => (x === 'no JSON' ? x : JSON.stringify(x))).join('\n'),
    'many.ndjson',
  );
  const entries = await loadEach(path);
  expect(entries.map((entry) => ('error' in entry ? entry.error.message : 'exact'))).toEqual([
    'exact',
    expect.stringMatching(/^many\.ndjson#2: The 7 terms do not reconstruct/),
    expect.stringMatching(/^many\.ndjson#3: The file is damaged or incomplete JSON/),
    'exact',
  ]);
  expect((await loadFactorization(`${path}#4`)).factorization.rank).toBe(7);
  await expect(loadFactorization(path)).rejects.toThrow(
    /many\.ndjson holds 4 factorizations; choose one, for example .*many\.ndjson#1/,
  );
  await expect(loadFactorization(`${path}#5`)).rejects.toThrow(
    /many\.ndjson has no scheme 5; there are 1 {2}2 {2}3 {2}4/,
  );
});

test('a name with # in it is a file where there is one', async () => {
  expect((await loadFactorization(file(json(strassen()), 'run #3.json'))).factorization.rank).toBe(7);
});

describe('what people reported', () => {
  beforeEach(needsData);

  test('every file is read or refused for what it is', async () => {
    const names = readdirSync(dataPath('reports')).filter((name) => name !== 'c');
    expect(names.length).toBeGreaterThan(20);
    for (const name of names) {
      const outcomes = await loadEach(dataPath('reports', name)).catch((error: Error) => [{ name, error }]);
      const failures = outcomes.flatMap((outcome) => ('error' in outcome ? [outcome.error.message] : []));
      expect(failures, name).toEqual(
        name === 'nan.json' ? [expect.stringContaining('"NaN" is not a coefficient')] : [],
      );
    }
  });
});
