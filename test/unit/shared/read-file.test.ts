import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadFactorization, readBounded, readNpz, systemFault, userFolder } from '@alphatensor-edge/shared';
import { zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'at-read-test-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('a file that is read whole', () => {
  it('is read to its end, and a pipe too, but nothing that is longer than allowed', () => {
    const path = join(folder, 'file');
    writeFileSync(path, 'x'.repeat(3_000_000));
    expect(readBounded(path).length).toBe(3_000_000);
    expect(() => readBounded(path, 2 ** 20)).toThrow('has more than 1 MiB');
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    spawn('sh', ['-c', `printf hello > ${pipe}`], { stdio: 'ignore' });
    expect(readBounded(pipe).toString()).toBe('hello');
  });

  it('may be a device without an end', async () => {
    const before = process.memoryUsage().rss;
    await expect(loadFactorization('/dev/zero')).rejects.toMatchObject({
      code: 'UNSUPPORTED_FORMAT',
      message: expect.stringContaining('has more than 256 MiB'),
    });
    expect(process.memoryUsage().rss - before).toBeLessThan(2 ** 30);
  });
});

describe('an archive', () => {
  it('whose array unpacks to more than any factorization of its size is not unpacked', () => {
    const bomb = zipSync({ '2,2,2.npy': [new Uint8Array(50_000_000), { level: 9 }] });
    expect(bomb.length).toBeLessThan(100_000);
    expect(() => readNpz(bomb, '2,2,2')).toThrow(
      /unpacks to 50000000 bytes, and no factorization takes more than \d{7}\b/,
    );
  });
});

describe('the folder of a kind', () => {
  it('is not in the current folder because a variable is empty, or relative', () => {
    const env = { HOME: '/home/me', XDG_CONFIG_HOME: '', ALPHATENSOR_CONFIG_DIR: '' };
    expect(userFolder('config', 'ALPHATENSOR_CONFIG_DIR', env)).toBe('/home/me/.config/alphatensor-edge');
    expect(userFolder('state', 'X', { ...env, XDG_STATE_HOME: 'state' })).toBe(
      '/home/me/.local/state/alphatensor-edge',
    );
    expect(userFolder('cache', 'X', { ...env, XDG_CACHE_HOME: '/c' })).toBe('/c/alphatensor-edge');
    expect(userFolder('data', 'X', { ...env, X: '/mine' })).toBe('/mine');
    expect(userFolder('data', 'X', { HOME: '' })).toMatch(/^\//);
  });
});

describe('what the system refused', () => {
  it.each([
    ['ENOSPC', 'RESOURCE_EXHAUSTED', /disk is full/],
    ['EMFILE', 'RESOURCE_EXHAUSTED', /may open \d+ files at a time.*ulimit -n/],
    ['EAGAIN', 'RESOURCE_EXHAUSTED', /ulimit -u/],
    ['EROFS', 'UNAVAILABLE', /may not be used/],
  ])('%s is a sentence', (code, ours, sentence) => {
    const error = systemFault(Object.assign(new Error(code), { code }));
    expect(error).toMatchObject({ code: ours, message: expect.stringMatching(sentence) });
  });

  it('is told from a fault of ours', () => {
    expect(systemFault(new TypeError('x is not a function'))).toBeUndefined();
  });
});
