import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { howItEnded } from '../../../../agent/src/process/how-it-ended.js';
import { examineCache, examineTemporary, requireFolders } from '../../../../agent/src/process/preflight.js';
import { Conversation } from '../../../../agent/src/process/process.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'at-preflight-test-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

describe('the folders that measuring needs', () => {
  it('are well where programs can be written and run', async () => {
    vi.stubEnv('ALPHATENSOR_CACHE_DIR', folder);
    expect([(await examineTemporary()).problem, (await examineCache()).problem]).toEqual(['', '']);
  });

  it('are named with their variable where they are missing, or cannot be made', async () => {
    vi.stubEnv('TMPDIR', join(folder, 'missing'));
    expect((await examineTemporary()).problem).toMatch(/missing \(ENOENT.*; set TMPDIR to a folder/);
    vi.unstubAllEnvs();
    writeFileSync(join(folder, 'file'), '');
    vi.stubEnv('ALPHATENSOR_CACHE_DIR', join(folder, 'file'));
    await expect(requireFolders()).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(/file.*\((ENOTDIR|EEXIST|EACCES).*ALPHATENSOR_CACHE_DIR/),
    });
  });

  it.each([
    ['noexec', /No program can be run in .*noexec; set (TMPDIR|ALPHATENSOR_CACHE_DIR) to a folder/],
    ['ro', /EROFS.*(TMPDIR|ALPHATENSOR_CACHE_DIR)/],
  ])('are named with their variable where they are mounted %s', async (option, sentence) => {
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `${option},mode=700`, 'test', folder], { stdio: 'ignore' });
    } catch {
      console.info('skipped: no file system can be mounted here (mount needs root)');
      return;
    }
    try {
      // A folder that is yet to be made there, too, such as the cache of a home that cannot be written to.
      for (const [variable, place] of [
        ['TMPDIR', folder],
        ['ALPHATENSOR_CACHE_DIR', folder],
        ['ALPHATENSOR_CACHE_DIR', join(folder, 'yet', 'to-be-made')],
      ]) {
        vi.stubEnv(variable, place);
        const { problem } = await (variable === 'TMPDIR' ? examineTemporary() : examineCache());
        expect(problem).toMatch(sentence);
        expect(problem).toContain(variable);
        vi.unstubAllEnvs();
      }
    } finally {
      execFileSync('umount', [folder]);
    }
  });
});

describe('a program that ended without an answer', () => {
  const talkTo = async (script: string): Promise<string> => {
    const talk = new Conversation({
      ...{ command: '/bin/sh', args: ['-c', script], cwd: '/', env: {} },
      signal: new AbortController().signal,
    });
    const failure = await talk.listen(10).catch((error: Error) => error.message);
    await talk.close();
    return failure;
  };

  it('is told of with its signal or status, its last words, and what to look at', async () => {
    expect(await talkTo('kill -9 $$')).toMatch(/was ended by SIGKILL, which .* memory runs out; see dmesg/);
    expect(await talkTo('kill -XCPU $$')).toMatch(/SIGXCPU, because it used up its processor time/);
    expect(await talkTo('echo one >&2; echo libblas.so is missing >&2; exit 3')).toMatch(
      /ended with exit code 3\. Its last words: libblas.so is missing$/,
    );
  });

  it('and was never started says so', () => {
    const end = { exitCode: null, signal: null, stderr: 'spawn /x/harness EACCES\n' };
    expect(howItEnded(end)).toBe(
      'could not be started (spawn /x/harness EACCES; see that its folder is not mounted noexec)',
    );
  });
});
