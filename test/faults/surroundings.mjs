// What a fault is injected into: agents with folders of their own, disks that can be full, processes that can be found.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { startAtAgent } from '../dist/support/processes.js';

const folders = [];
const mounts = [];
/** What the first agent has compiled. */
let warmCache;

export function newFolder(name) {
  const path = mkdtempSync(join(tmpdir(), `at-faults-${name}-`));
  folders.push(path);
  return path;
}

/** Whatever happened, no folder and no mount is left. */
export function cleanUp() {
  for (const path of mounts.splice(0)) execFileSync('umount', ['--lazy', path], { stdio: 'ignore' });
  for (const path of folders.splice(0)) rmSync(path, { recursive: true, force: true });
}

/** A disk of so many MiB, or why there can be none. */
export function smallDisk(name, mebibytes) {
  const path = newFolder(name);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', path], { stdio: 'pipe' });
  } catch (error) {
    return { reason: `a small disk cannot be mounted (${String(error.stderr ?? error).trim()}); it takes root` };
  }
  mounts.push(path);
  const ballast = join(path, 'ballast');
  return {
    path,
    /** Leaves not a byte. */
    fill: () => {
      const file = openSync(ballast, 'a');
      try {
        for (let size = 2 ** 20; size >= 1; size /= 2) writeUntilFull(file, Buffer.alloc(size));
      } finally {
        closeSync(file);
      }
    },
    free: () => rmSync(ballast, { force: true }),
  };
}

function writeUntilFull(file, bytes) {
  try {
    for (;;) writeSync(file, bytes);
  } catch (error) {
    if (error.code !== 'ENOSPC') throw error;
  }
}

/**
 * An agent from the build that offers c-gcc, through a compiler that hangs when it is told to.
 * @param place folder for everything that it writes
 * @param isBrief its programs are optimized less, which takes most of the time of a few injections; at least by -O1, or the peak would be
 *   measured too low to believe its samples
 */
export async function startAgent(place, isBrief) {
  const [bin, cache, state, temporary] = ['bin', 'cache', 'state', 'tmp'].map((name) => {
    const path = join(place, name);
    mkdirSync(path, { recursive: true });
    return path;
  });
  // The measuring child and the ranking of BLAS libraries need be made only once.
  if (warmCache !== undefined) cpSync(warmCache, cache, { recursive: true });
  warmCache ??= cache;
  const hang = join(place, 'hang');
  writeHangingCompiler(join(bin, 'gcc'), hang, isBrief ? '-O1' : '');
  const env = {
    ...process.env,
    PATH: [bin, process.env.PATH].join(delimiter),
    TMPDIR: temporary,
    ALPHATENSOR_CACHE_DIR: cache,
    ALPHATENSOR_STATE_DIR: state,
  };
  const start = (port) =>
    startAtAgent(['--port', String(port), '--backend', 'c-gcc', '--log-level', 'silent'], { env });
  const agent = {
    process: await start(0),
    temporary,
    /** The next compiler run goes nowhere after so many seconds. */
    hangCompiler: (seconds) => writeFileSync(hang, String(seconds)),
    /** kill -9, and the same device again after a while. */
    restart: async (wait) => {
      const { port } = agent.process;
      await agent.process.end('SIGKILL');
      await wait();
      agent.process = await start(port);
    },
  };
  return agent;
}

function writeHangingCompiler(path, hang, flags) {
  const real = execFileSync('sh', ['-c', 'command -v gcc'], { encoding: 'utf8' }).trim();
  const script = `#!/bin/sh
if mv ${hang} ${hang}.taken 2>/dev/null; then
  sleep "$(cat ${hang}.taken)"
  sleep 600
fi
exec ${real} "$@" ${flags}
`;
  writeFileSync(path, script);
  chmodSync(path, 0o755);
}

/** Processes below `pid` that still run, from /proc: { pid, command }. */
export function descendants(pid) {
  const all = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? processOf(name) : []));
  const found = [];
  for (let parents = [pid]; parents.length > 0; ) {
    const children = all.filter(({ parent, state }) => parents.includes(parent) && state !== 'Z');
    found.push(...children);
    parents = children.map((child) => child.pid);
  }
  return found;
}

export function isRunning({ pid, startTime }) {
  return processOf(pid).some((found) => found.startTime === startTime && found.state !== 'Z');
}

function processOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // proc(5): the command is in parentheses and may hold any character.
    const end = stat.lastIndexOf(')');
    const fields = stat.slice(end + 2).split(' ');
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    return [{ pid: Number(pid), command, state: fields[0], parent: Number(fields[1]), startTime: fields[19] }];
  } catch {
    return [];
  }
}
