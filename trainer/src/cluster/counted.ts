import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sync as writeFileAtomicSync } from 'write-file-atomic';

/** The most games that are remembered. Older ones are too old to count in any case. */
const MOST = 400_000;
const FILE = 'counted.log';

/** Remembers the games that were counted, by id and by what was played, also after the learner was started again. */
export class CountedGames {
  readonly #path: string;
  /** Ids, and fingerprints. A Set keeps the order in which they came. */
  readonly #known = new Set<string>();

  constructor(runDir: string) {
    const folder = join(runDir, 'cluster');
    mkdirSync(folder, { recursive: true });
    this.#path = join(folder, FILE);
    const text = existsSync(this.#path) ? readFileSync(this.#path, 'utf8') : '';
    // A killed process may have left a part of the last word. What it stands for is in the journal.
    if (text !== '' && !text.endsWith('\n')) appendFileSync(this.#path, '\n');
    for (const word of text.split('\n')) if (word !== '') this.#known.add(word);
    if (this.#known.size > MOST) this.#shorten();
  }

  /** Tells whether a game was counted, under this id or another one. */
  has(id: string, fingerprint: string | undefined): boolean {
    return this.#known.has(id) || (fingerprint !== undefined && this.#known.has(fingerprint));
  }

  /** Remembers games. They must be in the journal, which has them if this process ends before they are written here. */
  add(games: readonly { readonly id: string; readonly fingerprint: string | undefined }[]): void {
    const words = games.flatMap(({ id, fingerprint }) => (fingerprint === undefined ? [id] : [id, fingerprint]));
    for (const word of words) this.#known.add(word);
    if (words.length > 0) appendFileSync(this.#path, `${words.join('\n')}\n`);
    if (this.#known.size > MOST) this.#shorten();
  }

  #shorten(): void {
    const kept = [...this.#known].slice(-MOST / 2);
    this.#known.clear();
    for (const word of kept) this.#known.add(word);
    writeFileAtomicSync(this.#path, `${kept.join('\n')}\n`);
  }
}
