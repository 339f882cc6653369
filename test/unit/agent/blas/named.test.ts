import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { namedLibraries, namedProblems } from '../../../../agent/src/blas/named.js';

let root: string;
const path = (...names: string[]): string => join(root, ...names);
function write(...names: string[]): string {
  mkdirSync(dirname(path(...names)), { recursive: true });
  writeFileSync(path(...names), '');
  return path(...names);
}
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'at-named-'));
});
afterAll(() => rmSync(root, { recursive: true }));

describe('ALPHATENSOR_BLAS', () => {
  it('takes the libraries of a virtual environment, and none of those with 64-bit integers', async () => {
    const site = ['venv', 'lib', 'python3.11', 'site-packages'];
    const openblas = write(...site, 'scipy_openblas32', 'lib', 'libscipy_openblas.so');
    const hashed = write(...site, 'scipy.libs', 'libscipy_openblas-6864abcd.so');
    const mkl = write('venv', 'lib', 'libmkl_rt.so.3');
    for (const other of ['libmkl_core.so.3', 'libmkl_avx512.so.3', 'libopenblas.a']) write('venv', 'lib', other);
    write(...site, 'scipy_openblas64', 'lib', 'libscipy_openblas64_.so');
    write(...site, 'numpy.libs', 'libscipy_openblas64_-56d6093b.so');
    // As venv makes it; followed, every library of lib/ would be found twice.
    symlinkSync('lib', path('venv', 'lib64'));
    symlinkSync('nowhere', path('venv', 'lib', 'libblis.so'));
    expect(await namedLibraries(path('venv'))).toEqual({ paths: [mkl, hashed, openblas], problems: [] });
    expect((await namedLibraries(path(...site))).paths).toEqual([hashed, openblas]);
  });

  it('takes a file whatever it is called, in the order of the list', async () => {
    const file = write('files', 'my.so');
    const blis = write('blis', 'libblis.so.4');
    expect(await namedLibraries(`${file}:${path('blis')}:`)).toEqual({ paths: [file, blis], problems: [] });
    expect(await namedLibraries(undefined)).toEqual({ paths: [], problems: [] });
  });

  it('has a sentence for each name that names nothing', async () => {
    write('sixty-four', 'libscipy_openblas64_.so');
    expect(await namedProblems(`${path('missing')}:${path('sixty-four')}`)).toEqual([
      `ALPHATENSOR_BLAS names ${path('missing')}, which does not exist; correct the path.`,
      expect.stringMatching(
        /sixty-four, in which there is no BLAS library with 32-bit integers; name another folder.*\.$/,
      ),
    ]);
  });
});
