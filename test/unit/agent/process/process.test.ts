import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { compileProgram } from '../../../../agent/src/backends/c-compiler.js';
import { orDiskFull } from '../../../../agent/src/process/disk-space.js';
import { removeStaleFolders, withPrivateFolder } from '../../../../agent/src/process/private-folder.js';
import { Conversation, runProgram } from '../../../../agent/src/process/process.js';

const shell = (script: string, signal = new AbortController().signal) => ({
  command: '/bin/sh',
  args: ['-c', script],
  cwd: tmpdir(),
  env: { PATH: '/usr/bin:/bin' },
  signal,
});

/** Whether a process runs; one that has ended and is not yet waited for by its parent does not. */
const isAlive = (pid: number): boolean => {
  try {
    return !/\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};

/** A signal takes effect a moment after it is sent. */
const expectGone = (pid: number): Promise<void> => expect.poll(() => isAlive(pid), { timeout: 2000 }).toBe(false);

/** A shell that starts a grandchild, tells its pid and waits. */
const WITH_GRANDCHILD = 'sleep 60 & echo $!; wait';

describe('a program', () => {
  it('is started again while another process still has its file open for writing', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'at-busy-'));
    const script = join(folder, 'script');
    writeFileSync(script, '#!/bin/sh\necho ran\n', { mode: 0o700 });
    const writer = new Conversation(shell(`exec 3>>${script}; echo open; sleep 0.05`));
    await writer.listen(10);
    const end = await runProgram({ ...shell(''), command: script, args: [], deadlineSeconds: 10 });
    expect(end).toMatchObject({ reason: 'exited', stdout: 'ran\n' });
    await writer.close();
    rmSync(folder, { recursive: true });
  });

  it('reports its exit code, its output and nothing of our environment', async () => {
    const end = await runProgram({ ...shell('echo out; echo err >&2; env; exit 3'), deadlineSeconds: 10 });
    expect(end).toMatchObject({ reason: 'exited', exitCode: 3, signal: null, stderr: 'err\n' });
    expect(end.stdout).toContain('out\n');
    expect(end.stdout).not.toContain('HOME=');
  });

  it('is named by the signal that ended it', async () => {
    const end = await runProgram({ ...shell('kill -SEGV $$'), deadlineSeconds: 10 });
    expect(end).toMatchObject({ reason: 'exited', exitCode: null, signal: 'SIGSEGV' });
  });

  it('that does not exist is an end like any other', async () => {
    const end = await runProgram({ ...shell(''), command: 'no-such-program', deadlineSeconds: 10 });
    expect(end).toMatchObject({ reason: 'exited', exitCode: null });
    expect(end.stderr).toContain('ENOENT');
  });

  it('is killed with all it started when the deadline passes', async () => {
    const end = await runProgram({ ...shell(WITH_GRANDCHILD), deadlineSeconds: 0.3 });
    expect(end.reason).toBe('deadline');
    expect(end.seconds).toBeLessThan(5);
    await expectGone(Number(end.stdout));
  });

  it('is killed with all it started when it is cancelled', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 200);
    const end = await runProgram({ ...shell(WITH_GRANDCHILD, stop.signal), deadlineSeconds: 60 });
    expect(end.reason).toBe('cancelled');
    await expectGone(Number(end.stdout));
  });

  it('leaves no grandchild behind when it ends by itself', async () => {
    const end = await runProgram({ ...shell('sleep 60 & echo $!'), deadlineSeconds: 30 });
    expect(end).toMatchObject({ reason: 'exited', exitCode: 0 });
    expect(end.seconds).toBeLessThan(10);
    await expectGone(Number(end.stdout));
  });

  it('is not started for a caller who has left', async () => {
    const end = await runProgram({ ...shell('sleep 60', AbortSignal.abort()), deadlineSeconds: 60 });
    expect(end.reason).toBe('cancelled');
    expect(end.seconds).toBeLessThan(5);
  });
});

describe('a conversation', () => {
  it('answers line by line and ends with its input', async () => {
    const talk = new Conversation(shell('while read line; do echo "got $line"; done'));
    expect(await talk.ask('one', 10)).toBe('got one');
    expect(await talk.ask('two', 10)).toBe('got two');
    expect(await talk.close()).toMatchObject({ reason: 'exited', exitCode: 0 });
  });

  it('is over, with the reason, when an answer does not come in time', async () => {
    const talk = new Conversation(shell('read line; sleep 60'));
    await expect(talk.ask('anyone?', 0.3)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(talk.end?.reason).toBe('deadline');
  });

  it('is not ended for want of an answer that came while we were stopped ourselves', async () => {
    const talk = new Conversation(shell('read line; sleep 0.1; echo here; read line'));
    const answer = talk.ask('anyone?', 0.5);
    // As SIGSTOP does, for longer than the deadline.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2000);
    expect(await answer).toBe('here');
    expect(await talk.close()).toMatchObject({ reason: 'exited' });
  });
});

describe('a compiler that fails', () => {
  const folder = mkdtempSync(join(tmpdir(), 'at-compiler-test-'));
  beforeAll(() => vi.stubEnv('ALPHATENSOR_CACHE_DIR', folder));
  afterAll(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });

  /** What becomes of a program where the compiler complains and ends with 1. */
  function compileWith(complaint: string) {
    const command = join(folder, 'compiler');
    writeFileSync(command, `#!/bin/sh\necho "${complaint}" >&2\nexit 1\n`, { mode: 0o755 });
    const options = { signal: new AbortController().signal, deadlineSeconds: 10 };
    return compileProgram({ command, version: '1', flags: [] }, 'int x;', options);
  }

  it('says something about the program', async () => {
    expect(await compileWith('error: expected a declaration')).toMatchObject({ ok: false, end: { exitCode: 1 } });
  });

  it('says nothing about the program where the disk is full', async () => {
    await expect(compileWith('ld: final link failed: No space left on device')).rejects.toMatchObject({
      code: 'RESOURCE_EXHAUSTED',
      message: expect.stringMatching(/disk is full.*free space/),
    });
    const cause = Object.assign(new Error('ENOSPC: no space left on device, mkdtemp'), { code: 'ENOSPC' });
    expect(orDiskFull(cause)).toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
    expect(orDiskFull('anything else')).toBe('anything else');
  });
});

describe('a private folder', () => {
  it('is gone afterwards, also after a failure', async () => {
    let folder = '';
    const failing = withPrivateFolder(async (path) => {
      folder = path;
      throw new Error('on purpose');
    });
    await expect(failing).rejects.toThrow('on purpose');
    expect(existsSync(folder)).toBe(false);
  });

  it('that a killed agent left is removed once it is old, no other one', async () => {
    const { pid: dead } = spawnSync('true');
    const [old, fresh] = [
      mkdtempSync(join(tmpdir(), `at-agent-${dead}-`)),
      mkdtempSync(join(tmpdir(), `at-agent-${dead}-`)),
    ];
    await withPrivateFolder(async (mine) => {
      for (const folder of [old, mine]) utimesSync(folder, 0, 0);
      await removeStaleFolders();
      expect([old, fresh, mine].map((folder) => existsSync(folder))).toEqual([false, true, true]);
    });
    rmSync(fresh, { recursive: true });
  });
});
