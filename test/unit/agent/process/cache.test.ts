import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { cachedFile } from '../../../../agent/src/process/cache.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'at-cache-test-'));
  vi.stubEnv('ALPHATENSOR_CACHE_DIR', folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const build = vi.fn(async (path: string) => writeFileSync(path, 'ours', { mode: 0o700 }));
const kept = async (): Promise<string> => {
  const { path } = await cachedFile('tool', build);
  return readFileSync(path, 'utf8');
};

describe('a file of the cache', () => {
  it('is built once', async () => {
    build.mockClear();
    expect([await kept(), await kept()]).toEqual(['ours', 'ours']);
    expect(build).toHaveBeenCalledTimes(1);
    expect((await cachedFile('tool', build)).cached).toBe(true);
  });

  it('is made anew where its content is not the one that was kept, or others could write to it', async () => {
    const { path } = await cachedFile('tool', build);
    writeFileSync(path, 'planted');
    expect(await kept()).toBe('ours');
    chmodSync((await cachedFile('tool', build)).path, 0o777);
    expect((await cachedFile('tool', build)).cached).toBe(false);
  });

  it('of another user is never run', async (context) => {
    context.skip(process.getuid?.() !== 0, 'only root can give files to another user');
    const { path } = await cachedFile('tool', build);
    chownSync(path, 65_534, 65_534);
    expect((await cachedFile('tool', build)).cached).toBe(false);
    chownSync(join(folder, 'programs'), 65_534, 65_534);
    await expect(cachedFile('tool', build)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(/it belongs to user 65534, and this is user 0.*ALPHATENSOR_CACHE_DIR/),
    });
  });

  it.each([
    ['programs', 0o777],
    ['', 0o775],
  ])('is not looked for where others can write to %o', async (name, mode) => {
    mkdirSync(join(folder, 'programs'));
    chmodSync(join(folder, name), mode);
    await expect(cachedFile('tool', build)).rejects.toThrow('other users can write to it');
  });

  it('is not looked for behind a link in place of its folder', async () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'at-cache-test-'));
    symlinkSync(elsewhere, join(folder, 'programs'));
    await expect(cachedFile('tool', build)).rejects.toThrow('it is a link');
    rmSync(elsewhere, { recursive: true });
  });
});
