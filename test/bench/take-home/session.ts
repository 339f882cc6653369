import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

/** How many of the last lines of the standard error are looked through for the reason of an end. */
const KEPT_LINES = 50;

/** A program that answers each line with a line (programs/answers.py). */
export class Session {
  readonly #child: ChildProcess & { readonly stdin: Writable; readonly stdout: Readable; readonly stderr: Readable };
  readonly #waiting: { resolve: (answer: string) => void; reject: (error: Error) => void }[] = [];
  readonly #complaints: string[] = [];
  readonly #ended: Promise<void>;

  constructor(command: readonly string[], env: NodeJS.ProcessEnv, signal: AbortSignal) {
    this.#child = spawn(command[0], command.slice(1), { env, signal, stdio: ['pipe', 'pipe', 'pipe'] });
    createInterface(this.#child.stdout).on('line', (line) => this.#waiting.shift()?.resolve(line));
    createInterface(this.#child.stderr).on('line', (line) => {
      this.#complaints.push(line);
      if (this.#complaints.length > KEPT_LINES) this.#complaints.shift();
    });
    // What is asked of a program that has ended is answered by its end.
    this.#child.stdin.on('error', () => undefined);
    this.#ended = new Promise((resolve) => {
      this.#child.once('error', (error) => this.#complaints.push(error.message));
      this.#child.once('close', () => {
        for (const { reject } of this.#waiting.splice(0)) reject(new Error(this.#why()));
        resolve();
      });
    });
  }

  /** Asks a question. @throws Error with what the program says of its end */
  ask(question: string): Promise<string> {
    return new Promise((resolve, reject) => {
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
        reject(new Error(this.#why()));
        return;
      }
      this.#waiting.push({ resolve, reject });
      this.#child.stdin.write(`${question}\n`);
    });
  }

  /** Asks for a number. @throws Error also if the answer is none */
  async number(question: string): Promise<number> {
    const answer = await this.ask(question);
    const value = Number(answer);
    if (answer.trim() === '' || !Number.isFinite(value)) throw new Error(`it answers "${answer}" to "${question}"`);
    return value;
  }

  /** Lets the program end by itself. */
  async end(): Promise<void> {
    this.#child.stdin.end();
    await this.#ended;
  }

  #why(): string {
    const said = this.#complaints.map((line) => line.trim()).filter((line) => line !== '');
    return said.at(-1)?.replace(/\.$/, '') ?? 'it ended without a word';
  }
}
