import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { usePypi } from '../../bench/gemm/pypi.js';

const never = new AbortController().signal;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'at-pypi-'));
  vi.stubEnv('ALPHATENSOR_BLAS', '/elsewhere');
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** A virtual environment whose pip does as the script says. */
function environment(script: string): void {
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'bin', 'python'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, 'bin', 'python'), 0o755);
}

const OFFLINE = 'echo "WARNING: Retrying" >&2; echo "ERROR: No matching distribution found for mkl" >&2; exit 1';

it('says in one sentence that there is no Python', async () => {
  vi.stubEnv('PATH', '/nowhere');
  await expect(usePypi(folder, never)).rejects.toThrow(/^--baselines pypi needs a Python .*apt-get install[^.]*\.$/);
});

it("says in one sentence what pip says, and uses an earlier installation's libraries where there is one", async () => {
  environment(OFFLINE);
  await expect(usePypi(folder, never)).rejects.toThrow(
    /from PyPI, and pip says: No matching distribution found for mkl\.$/,
  );
  expect(process.env.ALPHATENSOR_BLAS).toBe('/elsewhere');
  writeFileSync(join(folder, 'libscipy_openblas.so'), '');
  await usePypi(folder, never);
  expect(process.env.ALPHATENSOR_BLAS).toBe(`${folder}:/elsewhere`);
});

it('installs the newest versions', async () => {
  environment(`echo "$@" > ${folder}/arguments; touch ${folder}/libscipy_openblas.so`);
  await usePypi(folder, never);
  expect(readFileSync(join(folder, 'arguments'), 'utf8')).toMatch(/^-m pip install .*--upgrade scipy-openblas32/);
});
