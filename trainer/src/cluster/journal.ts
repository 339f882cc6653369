import {
  closeSync,
  existsSync,
  fdatasyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { sync as writeFileAtomicSync } from 'write-file-atomic';
import { decodeRecords, encodeRecord } from './records.js';

// `cluster/games.log` of a run holds the games that were acknowledged and that no checkpoint has yet. A game is in it before the server
// hears that it arrived. So no game is lost that was acknowledged, whenever the learner is killed.

const [GAME, TAKEN] = [1, 2];
const FILE = 'games.log';

/** Keeps games on disk until a checkpoint has them. */
export class GameJournal {
  readonly #path: string;
  #file: number;
  #length: number;
  /** The games that no part of the run has taken yet, oldest first. */
  #waiting: Uint8Array[];
  /** The games that were taken, with the step, until a checkpoint has them. */
  #taken: { readonly bytes: Uint8Array; readonly step: number }[];

  private constructor(path: string, file: number, length: number) {
    this.#path = path;
    this.#file = file;
    this.#length = length;
    this.#waiting = [];
    this.#taken = [];
  }

  /**
   * Opens the journal of a run. What a killed process left unfinished is cut off.
   * @param step the step of the checkpoint that the run goes on from; games that were taken later wait again
   */
  static open(runDir: string, step: number): GameJournal {
    const folder = join(runDir, 'cluster');
    mkdirSync(folder, { recursive: true });
    const path = join(folder, FILE);
    const { records, length } = decodeRecords(existsSync(path) ? readFileSync(path) : Buffer.alloc(0));
    const journal = new GameJournal(path, openSync(path, 'a+'), length);
    ftruncateSync(journal.#file, length);
    const games: Uint8Array[] = [];
    let passed = 0;
    for (const { kind, data } of records) {
      if (kind === GAME) games.push(Uint8Array.from(data));
      else if (kind === TAKEN) {
        const marked = JSON.parse(Buffer.from(data).toString()) as { count: number; step: number };
        if (marked.step > step) continue;
        passed += marked.count;
      }
    }
    journal.#waiting = games.slice(passed);
    return journal;
  }

  /** The games that wait to be taken, oldest first. */
  get waiting(): readonly Uint8Array[] {
    return this.#waiting;
  }

  /**
   * Writes games and waits until they are on disk.
   * @throws Error of the system if the disk is full; then nothing of them was written
   */
  append(games: readonly Uint8Array[]): void {
    this.#write(games.map((data) => ({ kind: GAME, data })));
    this.#waiting.push(...games);
  }

  /** Notes that the run has taken the oldest `count` games at a step. */
  take(count: number, step: number): void {
    if (count === 0) return;
    this.#write([{ kind: TAKEN, data: Buffer.from(JSON.stringify({ count, step })) }]);
    this.#taken.push(...this.#waiting.splice(0, count).map((bytes) => ({ bytes, step })));
  }

  /** Drops the games that a checkpoint of this step has. */
  forget(step: number): void {
    const kept = this.#taken.filter((game) => game.step > step);
    const games = [...kept.map(({ bytes }) => bytes), ...this.#waiting];
    const marks = kept.map((game) => ({
      kind: TAKEN,
      data: Buffer.from(JSON.stringify({ count: 1, step: game.step })),
    }));
    const bytes = Buffer.concat([...games.map((data) => ({ kind: GAME, data })), ...marks].map(encodeRecord));
    // Without a pause in which a game could be written to the file that is replaced.
    writeFileAtomicSync(this.#path, bytes);
    closeSync(this.#file);
    this.#file = openSync(this.#path, 'a+');
    this.#length = bytes.length;
    this.#taken = kept;
  }

  close(): void {
    closeSync(this.#file);
  }

  #write(records: Parameters<typeof encodeRecord>[0][]): void {
    const bytes = Buffer.concat(records.map(encodeRecord));
    try {
      let written = 0;
      while (written < bytes.length) written += writeSync(this.#file, bytes, written);
      fdatasyncSync(this.#file);
    } catch (error) {
      // A part of a record would hide those after it.
      ftruncateSync(this.#file, this.#length);
      throw error;
    }
    this.#length += bytes.length;
  }
}
