import { describe, expect, it } from 'vitest';
import { contentHash, strassen } from '../../../../shared/src/index.js';
import {
  readOlderReplay,
  readReplayLines,
  replayLines,
  type StoredReplay,
} from '../../../../trainer/src/run/replay-file.js';
import { SMALL_RUN } from '../../../support/small-network.js';

const CONFIG = { ...SMALL_RUN, size: { n: 2, m: 2, p: 2 } };
const FOUND = strassen();
const MOVE = Int8Array.from([1, -2, 0, 1, 0, 0, 1, 0, 1, -1, 0, 2]);
const REPLAY: StoredReplay = {
  played: ['a', 'b'].map((id, index) => ({
    id,
    ...(index === 0 ? { hash: contentHash(FOUND) } : {}),
    opening: Int8Array.from({ length: 64 }, (_, i) => (i % 5) - 2),
    moveLimit: 7,
    moves: [MOVE, MOVE.map((x) => -x)],
    searched: [{ actions: [MOVE], policy: Float64Array.of(1) }],
    terminal: index - 1,
    bonus: -0.25,
  })),
  best: [{ hash: contentHash(FOUND), factorization: FOUND, bonus: -1, origin: 'rl' }],
};

async function* given(lines: Iterable<string>): AsyncGenerator<string> {
  yield* lines;
}

describe('the file of the replay', () => {
  it('gives back what was written, a line for each game and factorization', async () => {
    const lines = [...replayLines(REPLAY)];
    expect(lines).toHaveLength(4);
    expect(await readReplayLines(given(lines), CONFIG)).toEqual(REPLAY);
  });

  it('is refused when lines are missing or changed', async () => {
    const lines = [...replayLines(REPLAY)];
    await expect(readReplayLines(given(lines.slice(0, 3)), CONFIG)).rejects.toThrow('missing');
    await expect(readReplayLines(given(lines.slice(1)), CONFIG)).rejects.toThrow('missing');
    await expect(readReplayLines(given([lines[0].slice(0, 40), ...lines.slice(1)]), CONFIG)).rejects.toThrow();
    const wrong = lines[2].replace('"coefficients":[1,', '"coefficients":[-1,');
    expect(wrong).not.toBe(lines[2]);
    await expect(readReplayLines(given([...lines.slice(0, 2), wrong, lines[3]]), CONFIG)).rejects.toThrow();
  });

  it('of older checkpoints is one JSON', () => {
    const lines = [...replayLines(REPLAY)].map((line) => JSON.parse(line));
    const json = { played: lines.slice(0, 2).map(({ played }) => played), best: [lines[2].best] };
    delete json.played[0].moveLimit;
    delete json.best[0].size;
    const read = readOlderReplay(json, CONFIG);
    expect(read.best).toEqual(REPLAY.best);
    expect(read.played[0].moveLimit).toBe(CONFIG.moveLimit);
    expect(read.played[1]).toEqual(REPLAY.played[1]);
  });
});
