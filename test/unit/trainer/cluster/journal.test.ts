import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CountedGames } from '../../../../trainer/src/cluster/counted.js';
import { GameJournal } from '../../../../trainer/src/cluster/journal.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'journal-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const games = (...names: string[]): Uint8Array[] => names.map((name) => Buffer.from(name));
const waiting = (journal: GameJournal): string[] => journal.waiting.map((bytes) => Buffer.from(bytes).toString());

describe('the journal of games', () => {
  it('has the games again that no checkpoint has', () => {
    const journal = GameJournal.open(folder, 0);
    journal.append(games('a', 'b', 'c', 'd'));
    journal.take(2, 100);
    journal.take(1, 200);
    journal.close();
    const at = (step: number): string[] => {
      const opened = GameJournal.open(folder, step);
      opened.close();
      return waiting(opened);
    };
    expect(at(0)).toEqual(['a', 'b', 'c', 'd']);
    expect(at(150)).toEqual(['c', 'd']);
    expect(at(200)).toEqual(['d']);
  });

  it('forgets what a checkpoint has, and goes on', () => {
    const journal = GameJournal.open(folder, 0);
    journal.append(games('a', 'b', 'c', 'd'));
    journal.take(2, 100);
    journal.take(1, 200);
    journal.forget(150);
    journal.append(games('e'));
    journal.close();
    const opened = GameJournal.open(folder, 150);
    expect(waiting(opened)).toEqual(['c', 'd', 'e']);
    opened.close();
    const later = GameJournal.open(folder, 200);
    expect(waiting(later)).toEqual(['d', 'e']);
    later.close();
  });

  it('cuts off what a killed process left unfinished', () => {
    const journal = GameJournal.open(folder, 0);
    journal.append(games('a', 'b'));
    journal.close();
    const file = join(folder, 'cluster', 'games.log');
    truncateSync(file, readFileSync(file).length - 1);
    const opened = GameJournal.open(folder, 0);
    expect(waiting(opened)).toEqual(['a']);
    opened.append(games('c'));
    opened.close();
    const again = GameJournal.open(folder, 0);
    expect(waiting(again)).toEqual(['a', 'c']);
    again.close();
  });

  it('stops at a record that was changed', () => {
    const journal = GameJournal.open(folder, 0);
    journal.append(games('aaaa', 'b'));
    journal.close();
    const file = join(folder, 'cluster', 'games.log');
    const bytes = readFileSync(file);
    bytes[10] ^= 1;
    writeFileSync(file, bytes);
    const opened = GameJournal.open(folder, 0);
    expect(waiting(opened)).toEqual([]);
    opened.close();
  });
});

describe('the counted games', () => {
  it('are known again, also after an unfinished line', () => {
    const counted = new CountedGames(folder);
    counted.add([{ id: 'one.a.1', fingerprint: 'f1' }]);
    appendFileSync(join(folder, 'cluster', 'counted.log'), 'one.a');
    const again = new CountedGames(folder);
    expect([again.has('one.a.1', undefined), again.has('other', 'f1'), again.has('one.a.2', 'f2')]).toEqual([
      true,
      true,
      false,
    ]);
    again.add([{ id: 'one.a.2', fingerprint: undefined }]);
    expect(new CountedGames(folder).has('one.a.2', undefined)).toBe(true);
  });
});
