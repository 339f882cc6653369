import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const AT_AGENT = fileURLToPath(new URL('../../agent/bin/at-agent.js', import.meta.url));

/** A running `at-agent serve` from the build, with a state folder of its own. */
export interface AgentProcess {
  readonly address: string;
  readonly port: number;
  readonly pid: number;
  /** With `--metrics-port`. */
  readonly metricsPort: number | undefined;
  /** Sends a signal and waits for the end: the exit status, or the signal that ended it. */
  end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null>;
}

const running = new Set<ChildProcess>();
let folder: string | undefined;

/** The state of all agents of one test file, so that a restarted one is the same device. */
function environment(): NodeJS.ProcessEnv {
  folder ??= mkdtempSync(join(tmpdir(), 'at-agent-test-'));
  return { ...process.env, ALPHATENSOR_STATE_DIR: folder };
}

/** @param options further options, for example `--port 50051` to restart one */
export function startAgent(...options: string[]): Promise<AgentProcess> {
  return startAgentIn({ env: environment() }, ...options);
}

/** The same in an environment, and from a working folder, of the test's own. */
export async function startAgentIn(
  {
    command = AT_AGENT,
    ...place
  }: { readonly env: NodeJS.ProcessEnv; readonly cwd?: string; readonly command?: string },
  ...options: string[]
): Promise<AgentProcess> {
  const port = options.includes('--port') ? [] : ['--port', '0'];
  const child = spawn(process.execPath, [command, 'serve', '--json', ...port, ...options], {
    ...place,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.add(child);
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const line = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line').then(([text]) => String(text)),
    exited.then(([code]) => {
      throw new Error(`at-agent serve ended with ${code} before it listened`);
    }),
  ]);
  const said = JSON.parse(line) as { address: string; port: number; metricsPort?: number };
  return {
    address: said.address,
    port: said.port,
    pid: child.pid!,
    metricsPort: said.metricsPort,
    end: async (signal) => {
      child.kill(signal);
      const [code, endedBy] = await exited;
      running.delete(child);
      return endedBy ?? code;
    },
  };
}

/** For afterAll: nothing that was started outlives the tests. */
export function endAllAgents(): void {
  for (const child of running) child.kill('SIGKILL');
  running.clear();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
}

/** One command of at-agent to its end. */
export function runAgent(...options: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [AT_AGENT, ...options], { env: environment() }, (_, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

/** The TCP sockets that a process listens on, as their lines of /proc/net/tcp (proc_net_tcp(5): 0A is LISTEN). */
export function listeningSockets(pid: number): string[] {
  const inodes = readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
    } catch {
      return [];
    }
  });
  const lines = ['tcp', 'tcp6'].flatMap((kind) => readFileSync(`/proc/${pid}/net/${kind}`, 'utf8').split('\n'));
  return lines.filter((line) => {
    const fields = line.trim().split(/\s+/);
    return fields[3] === '0A' && inodes.includes(fields[9]);
  });
}

/** A process that can be told from a later one of the same number. */
export interface ProcessId {
  readonly pid: number;
  /** Clock ticks since boot. */
  readonly startTime: string;
  readonly command: string;
}

interface ProcessStat extends ProcessId {
  readonly parent: number;
  readonly state: string;
}

/** All processes below `pid`, from /proc. */
export function descendants(pid: number): ProcessId[] {
  const all = processes();
  const found: ProcessStat[] = [];
  for (let parents = [pid]; parents.length > 0; ) {
    const children = all.filter(({ parent }) => parents.includes(parent));
    found.push(...children);
    parents = children.map((child) => child.pid);
  }
  return found;
}

/** Those of the processes that still run; a zombie does not. */
export function stillRunning(these: readonly ProcessId[]): ProcessId[] {
  const all = processes();
  return these.filter(({ pid, startTime }) =>
    all.some((other) => other.pid === pid && other.startTime === startTime && other.state !== 'Z'),
  );
}

function processes(): ProcessStat[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      // proc(5): the command is in parentheses and may hold any character; then state, ppid, …, starttime (22nd).
      const end = stat.lastIndexOf(')');
      const fields = stat.slice(end + 2).split(' ');
      const command = stat.slice(stat.indexOf('(') + 1, end);
      return [{ pid: Number(name), command, state: fields[0], parent: Number(fields[1]), startTime: fields[19] }];
    } catch {
      return [];
    }
  });
}
