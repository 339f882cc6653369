import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { waitLimit, waitsFor, withHostLock } from '../../../../agent/src/process/host-lock.js';
import { examineLocks } from '../../../../agent/src/process/lock-files.js';
import { holderWords, parseHolder } from '../../../../agent/src/process/lock-holder.js';
import { examineLockReach } from '../../../../agent/src/process/lock-reach.js';

const never = new AbortController().signal;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'at-lock-test-'));
  vi.stubEnv('ALPHATENSOR_LOCK_DIR', folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

// An agent of this host may be measuring meanwhile, as the test of another file is.
describe('the host lock', { timeout: 120_000 }, () => {
  it('lets one at a time in, and everyone in the end', async () => {
    const signal = new AbortController().signal;
    let inside = 0;
    let most = 0;
    const visit = () =>
      withHostLock({ signal }, async () => {
        most = Math.max(most, ++inside);
        await sleep(20);
        inside--;
      });
    await Promise.all([visit(), visit(), visit(), visit()]);
    expect(most).toBe(1);
  });

  it('is freed when its holder fails, and not waited for by one who has left', async () => {
    const signal = new AbortController().signal;
    await expect(withHostLock({ signal }, () => Promise.reject(new Error('on purpose')))).rejects.toThrow('on purpose');
    await withHostLock({ signal }, async () => {
      const stop = new AbortController();
      setTimeout(() => stop.abort(), 100);
      await expect(withHostLock({ signal: stop.signal }, async () => 'inside')).rejects.toMatchObject({
        code: 'CANCELLED',
      });
    });
  });

  it('is not waited for by one who leaves at any moment of asking', async () => {
    await withHostLock({ signal: new AbortController().signal }, async () => {
      const leaving = Array.from({ length: 20 }, async (_, turns) => {
        const stop = new AbortController();
        const entry = withHostLock({ signal: stop.signal }, async () => 'inside');
        for (let turn = 0; turn < turns; turn++) await (turn % 2 ? sleep(0) : Promise.resolve());
        stop.abort();
        await expect(entry).rejects.toMatchObject({ code: 'CANCELLED' });
      });
      await Promise.all(leaving);
    });
  });

  it('says whom it waits for, and while it waits only', async () => {
    const heard: string[] = [];
    let entered: Promise<string | undefined> | undefined;
    await withHostLock({ signal: never }, async () => {
      entered = withHostLock({ signal: never, onWait: (holder) => heard.push(holder) }, async () => waitsFor());
      await vi.waitFor(() => expect(heard).toHaveLength(1));
      expect(waitsFor()).toBe(heard[0]);
    });
    expect(heard[0]).toBe(`process ${process.pid} (at-agent)`);
    expect(await entered).toBeUndefined();
  });

  it('is not waited for without end', async () => {
    await withHostLock({ signal: never }, async () => {
      await expect(withHostLock({ signal: never, waitSeconds: 0.2 }, async () => 'inside')).rejects.toMatchObject({
        code: 'UNAVAILABLE',
        message: expect.stringMatching(
          /^Nothing could be measured for 0.2 s, because process \d+ .*ALPHATENSOR_LOCK_WAIT/,
        ),
      });
    });
  });

  it('has an address that Node 20 and later versions write alike', async () => {
    await withHostLock({ signal: never }, async () => {
      const names = readFileSync('/proc/net/unix', 'latin1')
        .split('\n')
        .map((line) => line.split(' ').at(-1) ?? '');
      const ours = names.filter((name) => name.startsWith('@alphatensor-edge/measuring'));
      expect(ours.map((name) => name.length)).toEqual(ours.map(() => 108));
      expect(ours).not.toEqual([]);
    });
  });

  it('does not keep a process busy while a holder of the socket hangs up at once', async () => {
    const name = '\0alphatensor-edge/measuring'.padEnd(108, '\0');
    let calls = 0;
    const stranger = createServer((socket) => {
      calls++;
      socket.destroy();
    });
    // Another test file may hold it for a while.
    await vi.waitFor(
      () =>
        new Promise((resolve, reject) => void stranger.once('error', reject).listen(name, () => resolve(undefined))),
      { timeout: 60_000, interval: 100 },
    );
    try {
      await expect(withHostLock({ signal: never, waitSeconds: 0.5 }, async () => 'inside')).rejects.toMatchObject({
        code: 'UNAVAILABLE',
      });
      expect(calls).toBeLessThan(10);
    } finally {
      stranger.close();
    }
  });
});

describe('a lock file', () => {
  it('is locked by every user, whatever the umask, and tells who holds it', async () => {
    await withHostLock({ signal: never }, async () => {
      const [{ path, held, holder }] = await examineLocks();
      expect(held).toBe(true);
      expect(holder).toMatchObject({ pid: process.pid, agent: 'at-agent' });
      expect(readFileSync(path, 'utf8')).toBe(`${JSON.stringify(holder)}\n`);
    });
    expect(await examineLocks()).toMatchObject([{ held: false, problem: '' }]);
  });

  it('is not followed where it is a link, and what it leads to stays', async () => {
    const other = join(folder, 'precious');
    writeFileSync(other, 'precious');
    symlinkSync(other, join(folder, 'alphatensor-edge-measuring.lock'));
    expect(await withHostLock({ signal: never }, async () => 'inside')).toBe('inside');
    expect(readFileSync(other, 'utf8')).toBe('precious');
    expect((await examineLockReach()).doubt).toMatch(/^no lock file can be used \(ELOOP/);
  });

  it('may be removed while it is waited for', async () => {
    let inside = 0;
    let most = 0;
    const visit = () =>
      withHostLock({ signal: never }, async () => {
        most = Math.max(most, ++inside);
        rmSync(join(folder, 'alphatensor-edge-measuring.lock'), { force: true });
        await sleep(20);
        inside--;
      });
    await Promise.all([visit(), visit(), visit()]);
    expect(most).toBe(1);
  });

  it('is missed where the folder is, and the doubt is told', async () => {
    vi.stubEnv('ALPHATENSOR_LOCK_DIR', join(folder, 'missing'));
    expect(await withHostLock({ signal: never }, async () => 'inside')).toBe('inside');
    expect(await examineLockReach()).toMatchObject({
      files: [],
      doubt: expect.stringMatching(/^no lock file can be used \(ENOENT/),
    });
  });
});

describe('what a holder says', () => {
  it('is bounded, checked and safe to show', () => {
    expect(parseHolder('{"pid":4711,"host":"box","agent":"at-agent serve"}')).toMatchObject({ pid: 4711 });
    for (const text of [
      '',
      'null',
      '[]',
      '{"pid":-1,"host":"x","agent":""}',
      `{"pid":1,"host":"${'x'.repeat(65)}","agent":""}`,
    ]) {
      expect(parseHolder(text)).toBeUndefined();
      expect(holderWords(parseHolder(text))).toBe('a process that does not say who it is');
    }
    expect(holderWords({ pid: 1, host: 'box', agent: '\u001b[2J' })).toBe('process 1 of box (\ufffd[2J)');
  });

  it('is waited for as long as ALPHATENSOR_LOCK_WAIT says', () => {
    expect([waitLimit({}), waitLimit({ ALPHATENSOR_LOCK_WAIT: '5' })]).toEqual([600, 5]);
    expect(() => waitLimit({ ALPHATENSOR_LOCK_WAIT: 'soon' })).toThrow('must be a whole number of seconds');
  });
});
