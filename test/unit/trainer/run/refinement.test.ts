import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { newRefinement, reopenRefinement, runRefinement } from '../../../../trainer/src/run/refinement.js';
import { temporaryFolder } from '../../../support/trainer-process.js';

const folder = temporaryFolder();
afterAll(() => folder.remove());

const WISHES = { seed: 1, maxNonzeros: 1.5, flips: true };

/** Runs a refinement of so many chains, and aborts after the first algorithm if there is something to abort. */
async function run(refinement: Awaited<ReturnType<typeof newRefinement>>, chains: number, afterOne?: AbortController) {
  const said: string[] = [];
  const results = await runRefinement(refinement, {
    ...{ budgetSeconds: undefined, chains, workers: 1, signal: (afterOne ?? new AbortController()).signal },
    hooks: {
      onStart: (name, index, count) => said.push(`${name} ${index + 1}/${count}`),
      onMessage: (text) => said.push(text),
      onProgress: ({ fraction }) => said.push(fraction.toFixed(2)),
      onRefined: ({ from }) => {
        said.push(`${from} done`);
        afterOne?.abort();
      },
    },
  });
  return { said, results };
}

describe('a refinement as a run', () => {
  it('goes on from its folder with the chains that are left, and keeps the files of the last front only', async () => {
    const runDir = join(folder.path, 'continued');
    const first = await run(await newRefinement(runDir, ['winograd'], WISHES), 16);
    expect(first.said).toEqual(['winograd 1/1', '0.50', '1.00', 'winograd done']);
    const reopened = await reopenRefinement(runDir);
    expect(reopened.saved).toMatchObject({ ...WISHES, from: ['winograd'], demonstrations: ['winograd'], sessions: 2 });
    const { said, results } = await run(reopened, 32);
    expect(said).toEqual(['winograd 1/1', '0.75', '1.00', 'winograd done']);
    expect(results[0].chains).toBe(32);
    const files = results[0].front.map(({ file }) => file);
    expect(readdirSync(join(runDir, 'factorizations')).sort()).toEqual(files.map((file) => basename(file)).sort());
  });

  it('ends at a signal, with what is done by then', async () => {
    const stopping = new AbortController();
    const refinement = await newRefinement(join(folder.path, 'stopped'), ['strassen', 'winograd'], WISHES);
    const { said, results } = await run(refinement, 1, stopping);
    expect(said).toEqual(['strassen 1/2', '1.00', 'strassen done']);
    expect(results.map(({ from }) => from)).toEqual(['strassen']);
  });

  it('makes no folder for what it cannot load', async () => {
    await expect(newRefinement(join(folder.path, 'none'), ['missing.json'], WISHES)).rejects.toThrow(/missing\.json/);
    expect(readdirSync(folder.path)).not.toContain('none');
  });
});
