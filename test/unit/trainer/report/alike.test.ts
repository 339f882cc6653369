import { describe, expect, it } from 'vitest';
import { foldAlike } from '../../../../trainer/src/report/alike.js';
import { buildReport } from '../../../../trainer/src/report/model.js';
import { exampleRuns } from '../../../support/report-example.js';

describe('rows that are alike', () => {
  it('are folded beyond the fastest three, but for references and the choice', () => {
    const [{ rows }] = buildReport(exampleRuns({ sizes: [1024], found: 8 })).groups;
    const found = rows.filter(({ algorithm }) => algorithm.role === 'found');
    const slowest = found[found.length - 1];
    const { shown, folded } = foldAlike(rows, slowest.jobId);
    expect(folded).toEqual(found.slice(3, -1));
    expect(shown.filter(({ algorithm }) => algorithm.role === 'found')).toEqual([...found.slice(0, 3), slowest]);
    expect(shown).toHaveLength(rows.length - folded.length);
  });
});
