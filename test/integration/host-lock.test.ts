import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

// Two agents of one host that no socket joins: each in a network namespace of its own.

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const MODULES = `${REPOSITORY}agent/dist/process`;
/** Holds the lock a few times, and prints when, milliseconds of the host's clock. */
const VISIT = `
import { withHostLock } from '${MODULES}/host-lock.js';
import { examineLockReach } from '${MODULES}/lock-reach.js';
const times = [];
const clock = () => Number(process.hrtime.bigint()) / 1e6;
for (let turn = 0; turn < 5; turn++) {
  await withHostLock({ signal: new AbortController().signal }, async () => {
    const from = clock();
    await new Promise((resolve) => setTimeout(resolve, 30));
    times.push([from, clock()]);
  });
}
console.log(JSON.stringify({ times, doubt: (await examineLockReach()).doubt }));
`;

function why(): string | undefined {
  try {
    execFileSync('unshare', ['--net', '--mount', 'true'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'namespaces cannot be made here (unshare needs root)';
  }
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'at-host-lock-test-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Visits {
  readonly times: readonly (readonly [number, number])[];
  readonly doubt: string;
}

async function visit(command: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Visits> {
  const [program, ...args] = [...command, process.execPath, '--input-type=module', '-e', VISIT];
  const child: ChildProcess = spawn(program, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said, ended] = await Promise.all([text(child.stdout!), once(child, 'exit')]);
  expect(ended).toEqual([0, null]);
  return JSON.parse(said);
}

function overlaps(visits: readonly Visits[]): number {
  const [a, b] = visits.map(({ times }) => times);
  return a.flatMap((x) => b.filter((y) => x[0] < y[1] && y[0] < x[1])).length;
}

const reason = why();
if (reason !== undefined) console.info(`skipped: ${reason}`);
describe.skipIf(reason !== undefined)('two agents in two network namespaces', { timeout: 60_000 }, () => {
  const inNamespace = ['unshare', '--net'];

  it('never time at once with the folders that a host has', async () => {
    const visits = await Promise.all([visit(inNamespace), visit(inNamespace)]);
    expect(visits.map(({ times }) => times.length)).toEqual([5, 5]);
    expect(overlaps(visits)).toBe(0);
  });

  it('never time at once with a folder that both are told', async () => {
    const env = { ALPHATENSOR_LOCK_DIR: folder };
    const own = ['unshare', '--net', '--mount', '--pid', '--fork', '--mount-proc'];
    const visits = await Promise.all([visit(own, env), visit(own, env)]);
    expect(overlaps(visits)).toBe(0);
    expect(visits.map(({ doubt }) => doubt)).toEqual(['', '']);
  });

  it('each say that they cannot know without one', async () => {
    // The repository may itself lie below /tmp, so it is put back.
    const script = `set -e
      mount -t tmpfs own /dev/shm
      mount -t tmpfs own /mnt
      mkdir /mnt/repository
      mount --bind "$1" /mnt/repository
      mount -t tmpfs own /tmp
      mkdir -p "$1"
      mount --bind /mnt/repository "$1"
      shift
      exec "$@"`;
    const alone = ['unshare', '--net', '--mount', 'sh', '-c', script, 'sh', REPOSITORY];
    const visits = await Promise.all([visit(alone), visit(alone)]);
    for (const { doubt } of visits) expect(doubt).toMatch(/not those of the host|runs in a container/);
  });
});
