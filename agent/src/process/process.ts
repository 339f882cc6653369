import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { AlphaTensorError } from '@alphatensor-edge/shared';

/** What is kept of a program's output; more is dropped. (The list of libraries of a large system has a few 100 KiB.) */
const MAX_OUTPUT_BYTES = 1024 * 1024;

/** A timer that is so late says that this process did not run, for example under SIGSTOP. */
const STOPPED_MS = 1000;

/** How a program ended. */
export interface End {
  /** `deadline` and `cancelled`: we killed it; `exited`: it ended by itself, by its code or by a signal. */
  readonly reason: 'exited' | 'deadline' | 'cancelled';
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly seconds: number;
  /** Cut to 1 MiB each. */
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProgramOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** Leaders of the process groups that are alive, to be killed if this process ends first. */
const live = new Set<number>();
process.on('exit', () => {
  for (const pid of live) killGroup(pid);
});

/** Runs a program to its end, the deadline or the abort; then nothing of its process group is left. Never rejects. */
export function runProgram(options: ProgramOptions & { readonly deadlineSeconds: number }): Promise<End> {
  const group = new ProcessGroup(options);
  group.child.stdin?.end();
  const stdout = capture(group.child.stdout);
  group.killAfter(options.deadlineSeconds);
  return group.ended.then((end) => ({ ...end, stdout: stdout() }));
}

/** A program that answers every line it is given by one line. */
export class Conversation {
  readonly #group: ProcessGroup;
  readonly #lines: AsyncIterableIterator<string>;
  /** Set when the program has ended. */
  end: End | undefined;

  constructor(options: ProgramOptions) {
    this.#group = new ProcessGroup(options);
    const { stdin, stdout } = this.#group.child;
    // A program that dies closes its input under our feet; `end` tells what happened.
    stdin?.on('error', () => undefined);
    this.#lines = createInterface({ input: stdout! })[Symbol.asyncIterator]();
    void this.#group.ended.then((end) => {
      this.end = end;
    });
  }

  get pid(): number | undefined {
    return this.#group.child.pid;
  }

  /** Sends a line, waits for the answer, and kills the program's process group if none comes in time. */
  ask(line: string, deadlineSeconds: number): Promise<string> {
    this.#group.child.stdin?.write(`${line}\n`);
    return this.listen(deadlineSeconds);
  }

  /**
   * The next line the program says by itself.
   * @throws AlphaTensorError UNAVAILABLE if the program has ended instead; `end` says how
   */
  async listen(deadlineSeconds: number): Promise<string> {
    const disarm = this.#group.killAfter(deadlineSeconds);
    try {
      const { value, done } = await this.#lines.next();
      if (done !== true) return value;
      this.end = await this.#group.ended;
      throw new AlphaTensorError('UNAVAILABLE', 'The program ended without an answer.');
    } finally {
      disarm();
    }
  }

  /** Ends the program, kindly if it is idle, and waits until its group is gone. */
  async close(): Promise<End> {
    this.#group.child.stdin?.end();
    this.#group.killAfter(1);
    return this.#group.ended;
  }
}

/** A child that leads a process group of its own, so that all it starts can be killed with it. */
class ProcessGroup {
  readonly child: ChildProcess;
  readonly ended: Promise<End>;
  #killedBecause: 'deadline' | 'cancelled' | undefined;

  constructor({ command, args, cwd, env, signal }: ProgramOptions) {
    const started = performance.now();
    this.child = spawn(command, args, { cwd, env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
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
      // What the leader leaves behind must not outlive it, nor keep the pipes open.
      this.child.on('exit', () => {
        if (pid === undefined) return;
        killGroup(pid);
        live.delete(pid);
      });
      this.child.on('close', (code, exitSignal) => finish(code, exitSignal));
    });
  }

  /** Kills the group when the time is over; returns what calls it off. */
  killAfter(seconds: number): () => void {
    const milliseconds = Math.min(seconds * 1000, 2 ** 31 - 1);
    let timer: NodeJS.Timeout;
    const arm = (): void => {
      const due = performance.now() + milliseconds;
      timer = setTimeout(() => {
        // We were stopped ourselves: the answer may lie unread, and the program may have been stopped with us.
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
    // No process of the group is left.
  }
}

/** Collects a stream's first bytes; the result is read when the stream is over. */
function capture(stream: NodeJS.ReadableStream | null): () => string {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream?.on('data', (chunk: Buffer) => {
    if (bytes < MAX_OUTPUT_BYTES) chunks.push(chunk.subarray(0, MAX_OUTPUT_BYTES - bytes));
    bytes += chunk.length;
  });
  return () => Buffer.concat(chunks).toString('utf8');
}
