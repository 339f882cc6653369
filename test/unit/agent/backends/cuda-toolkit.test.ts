import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findCublas } from '../../../../agent/src/backends/cuda-toolkit.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cublas-'));
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

function install(root: string): string {
  mkdirSync(join(root, 'include'), { recursive: true });
  mkdirSync(join(root, 'lib'));
  writeFileSync(join(root, 'include', 'cublas_v2.h'), '');
  writeFileSync(join(root, 'lib', 'libcublas.so.13'), '');
  return root;
}

describe('looking for cuBLAS', () => {
  const nvcc = () => ({ command: 'nvcc', version: '13.0.88', release: '13.0', root: join(folder, 'toolkit') });

  it('finds the one that pip installs for the major version of nvcc', async () => {
    const packages = join(folder, 'site-packages');
    const root = install(join(packages, 'nvidia', 'cu13'));
    const python = join(folder, 'python3');
    writeFileSync(python, `#!/bin/sh\necho\necho ${packages}\n`);
    chmodSync(python, 0o700);
    vi.stubEnv('PATH', `${folder}:${process.env.PATH}`);
    vi.stubEnv('ALPHATENSOR_CUBLAS', '');
    expect((await findCublas(nvcc()))?.include).toBe(join(root, 'include'));
  });

  it('prefers the one of the toolkit, and the one that is named before all', async () => {
    const own = install(join(folder, 'toolkit'));
    vi.stubEnv('ALPHATENSOR_CUBLAS', '');
    expect((await findCublas(nvcc()))?.include).toBe(join(own, 'include'));
    const named = install(join(folder, 'named'));
    vi.stubEnv('ALPHATENSOR_CUBLAS', named);
    expect((await findCublas(nvcc()))?.include).toBe(join(named, 'include'));
  });
});
