import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { AlphaTensorError } from '@alphatensor-edge/shared';
import type { End } from './end.js';
import { howItEnded } from './how-it-ended.js';

/**
 * Bounds the output of a program that is kept; the rest is dropped. (A large system lists a few 100 KiB of libraries.)
 */
const MAX_OUTPUT_BYTES = 1024 * 1024;

/** Tells how late a timer must be to show that this process did not run, for example under SIGSTOP. */
const STOPPED_MS = 1000;

interface ProgramOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** Holds the leaders of the live process groups, which are killed if this process ends first. */
const live = new Set<number>();
process.on('exit', () => {
  for (const pid of live) killGroup(pid);
});

/**
 * Runs a program until it ends, the deadline passes or the signal aborts. Nothing of its process group is left then.
 * Never rejects.
 */
export function runProgram(options: ProgramOptions & { readonly deadlineSeconds: number }): Promise<End> {
  const group = new ProcessGroup(options);
  group.child.stdin?.end();
  const stdout = capture(group.child.stdout);
  group.killAfter(options.deadlineSeconds);
  return group.ended.then((end) => ({ ...end, stdout: stdout() }));
}

/** Talks to a program that answers each line with one line. */
export class Conversation {
  readonly #group: ProcessGroup;
  readonly #lines: AsyncIterableIterator<string>;
  /** Set when the program has ended. */
  end: End | undefined;

  constructor(options: ProgramOptions) {
    this.#group = new ProcessGroup(options);
    const { stdin, stdout } = this.#group.child;
    // A program that dies closes its input while we write to it; `end` tells what happened.
    stdin?.on('error', () => undefined);
    this.#lines = createInterface({ input: stdout! })[Symbol.asyncIterator]();
    void this.#group.ended.then((end) => {
      this.end = end;
    });
  }

  get pid(): number | undefined {
    return this.#group.child.pid;
  }

  /** Sends a line and waits for the answer. If none comes in time, the program's process group is killed. */
  ask(line: string, deadlineSeconds: number): Promise<string> {
    this.#group.child.stdin?.write(`${line}\n`);
    return this.listen(deadlineSeconds);
  }

  /**
   * Waits for the next line that the program says by itself.
   * @throws AlphaTensorError UNAVAILABLE if the program has ended instead; `end` says how
   */
  async listen(deadlineSeconds: number): Promise<string> {
    const disarm = this.#group.killAfter(deadlineSeconds);
    try {
      const { value, done } = await this.#lines.next();
      if (done !== true) return value;
      this.end = await this.#group.ended;
      const { reason } = this.end;
      const how = reason === 'exited' ? howItEnded(this.end) : `was ended by us (${reason})`;
      throw new AlphaTensorError(
        'UNAVAILABLE',
        `The program ended without an answer: it ${how}.${lastWords(this.end)}`,
      );
    } finally {
      disarm();
    }
  }

  /** Ends the program, gently if it is idle, and waits until its group is gone. */
  async close(): Promise<End> {
    this.#group.child.stdin?.end();
    this.#group.killAfter(1);
    return this.#group.ended;
  }
}

/** How often a program that is busy is started again, and what is waited before, milliseconds. */
const [STARTS, BUSY_MS] = [5, 20];

/**
 * Starts a program. A file that was just written cannot be run while any process still has it open for writing (ETXTBSY), which may be
 * one that was forked at that moment and has not yet run its own program. That is over in milliseconds.
 */
function start(command: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  for (let count = 1; ; count++) {
    try {
      return spawn(command, args, options);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ETXTBSY' || count === STARTS) throw error;
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BUSY_MS);
  }
}

/** Gives the last line that a program wrote to standard error, which often says why it ended. */
function lastWords({ exitCode, stderr }: End): string {
  const last = exitCode === null ? undefined : stderr.trim().split('\n').at(-1)?.slice(0, 300);
  return last ? ` Its last words: ${last}` : '';
}

/** Holds a child that leads its own process group, so that everything it starts can be killed with it. */
class ProcessGroup {
  readonly child: ChildProcess;
  readonly ended: Promise<End>;
  #killedBecause: 'deadline' | 'cancelled' | undefined;

  constructor({ command, args, cwd, env, signal }: ProgramOptions) {
    const started = performance.now();
    this.child = start(command, args, { cwd, env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
    const { pid } = this.child;
    if (pid !== undefined) live.add(pid);
    const stderr = capture(this.child.stderr);
    const cancel = (): void => this.#kill('cancelled');
    signal.addEventListener('abort', cancel, { once: true });
    if (signal.aborted) cancel();

    this.ended = new Promise((resolve) => {
      const finish = (exitCode: number | null, exitSignal: NodeJS.Signals | null, failure = ''): void => {
        signal.removeEventListener('abort', cancel);
        const seconds = (performance.now() - started) / 1000;
        const reason = this.#killedBecause ?? 'exited';
        resolve({ reason, exitCode, signal: exitSignal, seconds, stdout: '', stderr: failure + stderr() });
      };
      this.child.on('error', (error) => finish(null, null, `${error.message}\n`));
      // What the leader leaves behind must not outlive it or keep the pipes open.
      this.child.on('exit', () => {
        if (pid === undefined) return;
        killGroup(pid);
        live.delete(pid);
      });
      this.child.on('close', (code, exitSignal) => finish(code, exitSignal));
    });
  }

  /** Kills the group when the time is over. Gives a function that cancels this. */
  killAfter(seconds: number): () => void {
    const milliseconds = Math.min(seconds * 1000, 2 ** 31 - 1);
    let timer: NodeJS.Timeout;
    const arm = (): void => {
      const due = performance.now() + milliseconds;
      timer = setTimeout(() => {
        // We were stopped ourselves. The answer may be waiting unread, or the program may have been stopped with us.
        if (performance.now() - due > STOPPED_MS) arm();
        else this.#kill('deadline');
      }, milliseconds);
    };
    arm();
    const disarm = (): void => clearTimeout(timer);
    void this.ended.then(disarm);
    return disarm;
  }

  #kill(because: 'deadline' | 'cancelled'): void {
    const { pid, exitCode, signalCode } = this.child;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    this.#killedBecause ??= because;
    killGroup(pid);
  }
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The group has no process left.
  }
}

/** Collects the first bytes of a stream. The result is read when the stream has ended. */
function capture(stream: NodeJS.ReadableStream | null): () => string {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream?.on('data', (chunk: Buffer) => {
    if (bytes < MAX_OUTPUT_BYTES) chunks.push(chunk.subarray(0, MAX_OUTPUT_BYTES - bytes));
    bytes += chunk.length;
  });
  return () => Buffer.concat(chunks).toString('utf8');
}
