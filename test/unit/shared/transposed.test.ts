import { describe, expect, it } from 'vitest';
import {
  parseNamedProblem,
  transposedOf,
  transposedSuffix,
  transposedWords,
  transposeFlags,
} from '../../../shared/src/index.js';

const FORMATS = ['f32', 'f64'] as const;

describe('a problem that people write', () => {
  it.each([
    ['2048', { m: 2048, k: 2048, n: 2048 }],
    ['512x4096x64:nt', { m: 512, k: 4096, n: 64, transposed: 'nt' }],
    ['512x4096x64:f64:2:tt', { m: 512, k: 4096, n: 64, dtype: 'f64', threads: 2, transposed: 'tt' }],
    ['96:2:tn', { m: 96, k: 96, n: 96, threads: 2, transposed: 'tn' }],
    // Nothing lies transposed, which is written nowhere.
    ['96:f32:nn', { m: 96, k: 96, n: 96, dtype: 'f32' }],
  ])('%s names what differs', (text, expected) => {
    expect(parseNamedProblem(text, FORMATS)).toEqual(expected);
  });

  it.each(['96:xt', '96:nt:2', '96:f16', '96:0', '96:nt:', '96:', '96:nt:nt'])(
    '%s is refused with what to write',
    (text) => {
      expect(() => parseNamedProblem(text, FORMATS)).toThrow(
        `"${text}" is not a problem; write MxKxN, and after it :f32 or :f64, :THREADS and :nt (B lies transposed), :tn or :tt where they differ, such as 2048x1024x512:f64:2:nt.`,
      );
    },
  );
});

it('what lies transposed has one name, its flags, words, and none where nothing does', () => {
  const all = [
    [false, false],
    [false, true],
    [true, false],
    [true, true],
  ].map(([a, b]) => transposedOf(a, b));
  expect(all).toEqual([undefined, 'nt', 'tn', 'tt']);
  expect(all.map((transposed) => transposeFlags({ transposed }))).toEqual([
    {},
    { transposeB: true },
    { transposeA: true },
    { transposeA: true, transposeB: true },
  ]);
  expect(all.map((transposed) => transposedSuffix({ transposed }))).toEqual(['', ' nt', ' tn', ' tt']);
  expect(all.map((transposed) => transposedWords({ transposed }))).toEqual([
    ...[undefined, 'B transposed', 'A transposed', 'A and B transposed'],
  ]);
});
