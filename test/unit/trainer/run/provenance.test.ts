import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { buildReport } from '../../../../trainer/src/report/model.js';
import { provenanceSentence } from '../../../../trainer/src/report/words.js';
import { loadCheckpoint, saveCheckpoint } from '../../../../trainer/src/run/checkpoint.js';
import { readRun } from '../../../../trainer/src/run/reader.js';
import { smallConfig } from '../../../support/small-network.js';

const folder = mkdtempSync(join(tmpdir(), 'provenance-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** As versions before the field `insideSchoolbook` wrote it. */
const OLD = ['a.json (<2,2,2> of rank 7, origin rl)', 'games that began inside the schoolbook algorithm'];

describe('what went into a network', () => {
  it('is read again as it was written with a checkpoint', async () => {
    const provenance = { demonstrations: ['strassen.json'], grownFrom: OLD.slice(0, 1), insideSchoolbook: true };
    const checkpoint = { config: smallConfig(), step: 3, ...provenance, weights: [], resume: undefined };
    const directory = join(folder, 'new');
    await saveCheckpoint(directory, checkpoint);
    expect(await loadCheckpoint(directory)).toEqual(checkpoint);
  });

  it('is read from a checkpoint that has the sentence instead of the field, or neither', async () => {
    const directory = join(folder, 'old');
    const none = { demonstrations: [], grownFrom: [], insideSchoolbook: false };
    await saveCheckpoint(directory, { config: smallConfig(), step: 0, ...none, weights: [], resume: undefined });
    const file = join(directory, 'checkpoint.json');
    const { insideSchoolbook: _, grownFrom: __, ...older } = JSON.parse(readFileSync(file, 'utf8'));
    writeFileSync(file, JSON.stringify(older));
    expect(await loadCheckpoint(directory)).toMatchObject(none);
    writeFileSync(file, JSON.stringify({ ...older, grownFrom: OLD }));
    expect(await loadCheckpoint(directory)).toMatchObject({ grownFrom: OLD.slice(0, 1), insideSchoolbook: true });
  });

  it('is read from a run that has the sentence instead of the field', () => {
    writeFileSync(
      join(folder, 'config.json'),
      JSON.stringify({ command: 'train', demonstrations: [], grownFrom: OLD }),
    );
    const run = readRun(folder);
    expect(run.config).toMatchObject({ grownFrom: OLD.slice(0, 1), insideSchoolbook: true });
    expect(provenanceSentence(buildReport([run]).provenance)).toMatch(
      /Grown from smaller results: a\.json .*; with games that began inside the schoolbook algorithm; no better algorithm/,
    );
  });
});
