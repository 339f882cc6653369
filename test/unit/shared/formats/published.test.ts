import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strToU8, zipSync } from 'fflate';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { parseNpy } from '../../../../shared/src/formats/npy.js';
import {
  contentHash,
  type ErrorCode,
  formatFactorizationJson,
  isExact,
  listNpzKeys,
  loadFactorization,
  loadFactorizations,
  parseFactorizationJson,
  parseFastMatmul,
  readNpz,
  realRecord,
  standard,
  strassen,
} from '../../../../shared/src/index.js';
import { dataPath, needsData } from '../../../support/data.js';
import { npy } from '../../../support/npy.js';

const folder = mkdtempSync(join(tmpdir(), 'shared-formats-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Writes a file for one test. */
function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const refusal = (code: ErrorCode, message: RegExp): unknown =>
  expect.objectContaining({ name: 'AlphaTensorError', code, message: expect.stringMatching(message) });

describe('published files', () => {
  beforeEach(needsData);

  test('all 93 sizes of factorizations_r.npz', { timeout: 60_000 }, async () => {
    const records = await loadFactorizations(dataPath('deepmind-alphatensor', 'factorizations_r.npz'));
    expect(records).toHaveLength(93);
    for (const { factorization } of records) expect(factorization.arithmetic).toBe('standard');
    const rankOf = (n: number, m: number, p: number): number | undefined =>
      records.find(({ factorization: { size } }) => size.n === n && size.m === m && size.p === p)?.factorization.rank;
    // Table of the article: 4,5,5 in 76; 3,4,5 in 47; 4,4,4 stays at 49 in standard arithmetic.
    expect([rankOf(2, 2, 2), rankOf(3, 4, 5), rankOf(4, 4, 4), rankOf(4, 5, 5)]).toEqual([7, 47, 49, 76]);
    // Some of the large ones have fractions.
    expect(records.some(({ factorization: { u, v, w } }) => u.denominator * v.denominator * w.denominator > 1)).toBe(
      true,
    );
  });

  test('all 20 sizes of factorizations_f2.npz, modulo 2', async () => {
    const records = await loadFactorizations(dataPath('deepmind-alphatensor', 'factorizations_f2.npz'));
    expect(records).toHaveLength(20);
    for (const { factorization } of records) expect(factorization.arithmetic).toBe('modulo-2');
    expect(records.find(({ factorization: { size } }) => size.n === 4 && size.p === 4)?.factorization.rank).toBe(47);
  });

  test('one size of an archive', async () => {
    const path = dataPath('deepmind-alphatensor', 'factorizations_r.npz');
    expect((await loadFactorization(`${path}#4,4,4`)).factorization.rank).toBe(49);
    expect((await loadFactorization(`${path}#2x2x3`)).factorization.rank).toBe(11);
    await expect(loadFactorization(`${path}#9,9,8`)).rejects.toEqual(
      refusal('NOT_FOUND', /^factorizations_r\.npz has no 9,9,8; there are 2,2,2 .* and 85 more\.$/),
    );
    await expect(loadFactorization(path)).rejects.toEqual(refusal('INVALID_ARGUMENT', /holds 93 .*choose one.*#2,2,2/));
  });

  test('every scheme of FastMatrixMultiplication, plain and reduced', async () => {
    const names = readdirSync(dataPath('fast-matrix-multiplication'));
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) {
      const { factorization } = await loadFactorization(dataPath('fast-matrix-multiplication', name));
      const [, n, m, p, rank] = (name.match(/^(\d+)x(\d+)x(\d+)_m(\d+)_/) ?? []).map(Number);
      expect([factorization.size, factorization.rank]).toEqual([{ n, m, p }, rank]);
    }
  });

  test('every exact file of fast-matmul; the approximate one is refused', async () => {
    const names = readdirSync(dataPath('fast-matmul'));
    for (const name of names.filter((each) => !each.startsWith('bini'))) {
      const { factorization } = await loadFactorization(dataPath('fast-matmul', name));
      const [, size, rank] = name.match(/(\d{3})-(\d+)-/) ?? [undefined, '222', '7'];
      expect([Object.values(factorization.size).join(''), factorization.rank]).toEqual([size, Number(rank)]);
    }
    await expect(loadFactorization(dataPath('fast-matmul', 'bini322-10-52-approx'))).rejects.toEqual(
      refusal('UNSUPPORTED_FORMAT', /^bini322-10-52-approx: .*approximate algorithm.*"x".*only exact/),
    );
  });

  test('numpy files damaged anywhere are refused, never half read', async () => {
    const archive = readFileSync(dataPath('deepmind-alphatensor', 'factorizations_r.npz'));
    for (const length of [3, 1000, archive.length - 5]) {
      const path = file(`cut-${length}.npz`, archive.subarray(0, length));
      await expect(loadFactorizations(path)).rejects.toEqual(refusal('UNSUPPORTED_FORMAT', /damaged|not a fact/));
    }
  });
});

describe('what cannot be read', () => {
  const cases: [what: string, name: string, content: string | Uint8Array, code: ErrorCode, message: RegExp][] = [
    ['an empty file', 'empty.json', '', 'UNSUPPORTED_FORMAT', /^empty\.json: .*empty/],
    ['prose', 'prose.json', 'These are not # the coefficients # you want', 'UNSUPPORTED_FORMAT', /neither JSON nor/],
    ['truncated JSON', 'cut.json', '{"n": [2,2,2], "m": 7, "u": [[1,', 'UNSUPPORTED_FORMAT', /incomplete JSON/],
    ['a JSON array', 'array.json', '[1, 2]', 'UNSUPPORTED_FORMAT', /they are 1 deep/],
    ['other JSON', 'other.json', '{"name": "x"}', 'UNSUPPORTED_FORMAT', /"n" must be \[n, m, p\]/],
    ['a huge size', 'huge.json', '{"n": [1e9,1e9,1e9], "m": 1, "u_fresh": []}', 'INVALID_ARGUMENT', /from 1 to 64/],
    ['binary garbage', 'noise.bin', Uint8Array.of(0, 255, 254, 7, 200), 'UNSUPPORTED_FORMAT', /neither text nor/],
    ['a zip of something else', 'docs.zip', zipSync({ 'a.txt': strToU8('a') }), 'UNSUPPORTED_FORMAT', /no \.npy/],
    [
      'an archive with an array of text',
      'text.npz',
      zipSync({ '1,1,1.npy': npy("'descr': '<U4', 'fortran_order': False, 'shape': (3, 1, 1)", new Uint8Array(48)) }),
      'UNSUPPORTED_FORMAT',
      /^text\.npz: .*type <U4/,
    ],
  ];
  test.each(cases)('%s', async (_, name, content, code, message) => {
    await expect(loadFactorizations(file(name, content))).rejects.toEqual(refusal(code, message));
  });

  test('a missing file, naming the known algorithms', async () => {
    await expect(loadFactorization('no-such-file')).rejects.toEqual(refusal('NOT_FOUND', /"no-such-file".*strassen/));
    await expect(loadFactorization(folder)).rejects.toEqual(refusal('NOT_FOUND', /folder without the sparse matrices/));
    await expect(loadFactorization('x.npz#4,4')).rejects.toEqual(refusal('NOT_FOUND', /no file "x\.npz"/));
    const text = formatFactorizationJson({ factorization: strassen(), origin: 'imported' });
    await expect(loadFactorization(`${file('one.json', text)}#4,4`)).rejects.toEqual(
      refusal('INVALID_ARGUMENT', /one\.json#4,4: "4,4" is not/),
    );
  });

  test('a wrong factorization', async () => {
    const text = formatFactorizationJson({ factorization: strassen(), origin: 'imported' });
    const wrong = text.replace('[1, 0, 0, 1]', '[1, 0, 0, -1]');
    await expect(loadFactorization(file('wrong.json', wrong))).rejects.toEqual(
      refusal('NOT_A_FACTORIZATION', /^wrong\.json: The 7 terms do not reconstruct <2,2,2>: entry/),
    );
    const short = text.replace('[1, 0, 0, 1]', '[1, 0, 0]');
    expect(() => parseFactorizationJson(short)).toThrow(/Row 0 of u has 3 entries; 4 are needed/);
    expect(() => parseFactorizationJson(text.replace('"m": 7', '"m": 8'))).toThrow(
      /gives the rank 8, but u has 7 rows/,
    );
    expect(() => parseFactorizationJson(text.replace('imported', 'guessed'))).toThrow(/"origin" must be one of rl,/);
    expect(() => parseFactorizationJson(text.replace('[1, 0, 0, 1]', '["1/0", 0, 0, 1]'))).toThrow(/"1\/0" is not a/);
    expect(() => parseFactorizationJson(text.replace('[1, 0, 0, 1]', '[1e9, 0, 0, 1]'))).toThrow(/at most 32768/);
    expect(() => parseFactorizationJson(text.replace('[1, 0, 0, 1]', '[0.70710678, 0, 0, 1]'))).toThrow(/small denom/);
  });
});

describe('JSON', () => {
  test('is readable, one row a line, in a fixed order of keys', () => {
    const text = formatFactorizationJson({
      notes: 'schoolbook',
      provenance: { z: 1, bootstrappedFrom: ['strassen'] },
      created: '2026-01-02T03:04:05Z',
      origin: 'imported',
      factorization: standard({ n: 1, m: 1, p: 2 }),
    });
    expect(text).toBe(`{
  "n": [1,1,2],
  "m": 2,
  "z2": false,
  "origin": "imported",
  "created": "2026-01-02T03:04:05Z",
  "notes": "schoolbook",
  "bootstrappedFrom": ["strassen"],
  "z": 1,
  "u": [
    [1],
    [1]
  ],
  "v": [
    [1, 0],
    [0, 1]
  ],
  "w": [
    [1, 0],
    [0, 1]
  ]
}
`);
  });

  test('expands temporaries that are built on temporaries', () => {
    const sum = (...terms: [number, number | string][]): object[] => terms.map(([index, value]) => ({ index, value }));
    const reduced = {
      n: [1, 2, 1],
      m: 2,
      // t2 = a0 + a1, t3 = 2 t2 - 2 a1 = 2 a0: the products are (t3/2) b0 and (t2 - t3/2) b1.
      u_fresh: [sum([0, 1], [1, 1]), sum([2, 2], [1, -2])],
      u: [sum([3, '1/2']), sum([2, 1], [3, '-1/2'])],
      v_fresh: [],
      v: [sum([0, 1]), sum([1, 1])],
      w_fresh: [sum([0, 1], [1, 1])],
      w: [sum([2, 1])],
    };
    const { factorization } = parseFactorizationJson(JSON.stringify(reduced));
    expect(contentHash(factorization)).toBe(contentHash(standard({ n: 1, m: 2, p: 1 })));
    const forward = { ...reduced, u_fresh: [sum([3, 1]), sum([0, 1])] };
    expect(() => parseFactorizationJson(JSON.stringify(forward))).toThrow(/no entry and no earlier temporary/);
  });
});

describe('fast-matmul', () => {
  test('transposes the product and finds the size from the rows', () => {
    // <1,1,2>: u has 1 row, v and w have 2.
    const { factorization } = realRecord(parseFastMatmul('# comment\n# another\n1 1\n#\n1 0\n0 1\n#\n1 0\n0 1\n'));
    expect(factorization).toEqual(standard({ n: 1, m: 1, p: 2 }));
  });

  test('refuses tables that fit no product', () => {
    expect(() => parseFastMatmul('1\n1\n#\n1\n#\n1\n')).toThrow(/2, 1 and 1 entries/);
    expect(() => parseFastMatmul('1 1\n#\n1\n#\n1 1\n')).toThrow(/1 columns; the first row has 2/);
    expect(() => parseFastMatmul('1\n#\n1\n')).toThrow(/2 matrices/);
  });
});

describe('numpy', () => {
  test('reads every type, both byte orders and both element orders', () => {
    const shape = "'shape': (2, 3)";
    const numbers = [1, -2, 3, -4, 5, -6];
    const wide = (bytes: number, write: (view: DataView, offset: number, x: number) => void): Uint8Array => {
      const view = new DataView(new ArrayBuffer(numbers.length * bytes));
      for (const [i, x] of numbers.entries()) write(view, i * bytes, x);
      return new Uint8Array(view.buffer);
    };
    const cases: [string, Uint8Array][] = [
      ['|i1', wide(1, (view, offset, x) => view.setInt8(offset, x))],
      ['<i2', wide(2, (view, offset, x) => view.setInt16(offset, x, true))],
      ['<i4', wide(4, (view, offset, x) => view.setInt32(offset, x, true))],
      ['>i4', wide(4, (view, offset, x) => view.setInt32(offset, x, false))],
      ['<i8', wide(8, (view, offset, x) => view.setBigInt64(offset, BigInt(x), true))],
      ['<f4', wide(4, (view, offset, x) => view.setFloat32(offset, x, true))],
      ['<f8', wide(8, (view, offset, x) => view.setFloat64(offset, x, true))],
    ];
    for (const [descr, data] of cases) {
      const c = parseNpy(npy(`'descr': '${descr}', 'fortran_order': False, ${shape}`, data));
      expect(c).toEqual({ shape: [2, 3], data: Float64Array.from(numbers) });
      const fortran = parseNpy(npy(`'descr': '${descr}', 'fortran_order': True, ${shape}`, data, 2));
      expect(fortran).toEqual({ shape: [2, 3], data: Float64Array.of(1, 3, 5, -2, -4, -6) });
    }
    const short = npy(`'descr': '<i4', 'fortran_order': False, ${shape}`, new Uint8Array(20));
    expect(() => parseNpy(short)).toThrow(/20 bytes of data where its shape needs 24/);
  });

  test('floats become exact fractions', () => {
    // u = 1/8, v = 1/3, w = 24 for <1,1,1>.
    const data = new Uint8Array(Float64Array.of(1 / 8, 1 / 3, 24).buffer);
    const archive = zipSync({ '1,1,1.npy': npy("'descr': '<f8', 'fortran_order': False, 'shape': (3, 1, 1)", data) });
    expect(listNpzKeys(archive)).toEqual(['1,1,1']);
    const { factorization } = readNpz(archive, '1,1,1');
    expect([factorization.u.denominator, factorization.v.denominator]).toEqual([8, 3]);
    expect(isExact(factorization)).toBe(true);
  });

  test('a pickle can name nothing but arrays, and nothing in it runs', () => {
    const pickle = (program: string): Uint8Array =>
      npy("'descr': '|O', 'fortran_order': False, 'shape': (3,)", strToU8(program, true));
    expect(() => parseNpy(pickle("cos\nsystem\n(S'exit 1'\ntR."))).toThrow(/os\.system, which is not allowed/);
    expect(() => parseNpy(pickle('cbuiltins\neval\n.'))).toThrow(/builtins\.eval/);
    expect(() => parseNpy(pickle('I1\n.'))).toThrow(/holds no numpy array/);
    expect(() => parseNpy(pickle('cnumpy\nndarray\n(tR'))).toThrow(/refused or damaged/);
    expect(() => parseNpy(pickle('cnumpy\nndarray\n(tR.'))).toThrow(/not that of a numpy array/);
  });
});
