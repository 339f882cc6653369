import { describe, expect, it } from 'vitest';
import { contentHash, type DispatchTable, strassen } from '../../../../shared/src/index.js';
import { references } from '../../../../trainer/src/fleet/algorithms.js';
import type { AlgorithmRef, MeasurementRow } from '../../../../trainer/src/fleet/measurement.js';
import { ratioOf } from '../../../../trainer/src/report/answer.js';
import {
  answerSentence,
  choiceNotes,
  searchGainWords,
  unclaimedWords,
  verdictWord,
} from '../../../../trainer/src/report/answer-words.js';
import { formatHtml } from '../../../../trainer/src/report/html.js';
import { formatMarkdown } from '../../../../trainer/src/report/markdown.js';
import { buildReport } from '../../../../trainer/src/report/model.js';
import { formatTable } from '../../../../trainer/src/report/terminal.js';
import type { RunData } from '../../../../trainer/src/run/reader.js';
import { cube, measurementRow, type RowOptions } from '../../../support/report-rows.js';

const [, strassenOnce, strassenTwice] = references().map(({ algorithm }) => algorithm);
const FOUND: AlgorithmRef = { ...strassenOnce, role: 'found', origin: 'rl', levels: ['ab'.repeat(32)], label: 'found' };

function job(options: Partial<RowOptions> & { seed: number; error?: number }): MeasurementRow {
  const { error = 4e-7, measurement, ...rest } = options;
  return measurementRow({
    ...{ algorithm: FOUND, problem: cube(1024), variant: 'packed', noise: 0.005 },
    ...rest,
    measurement: { relativeError: error, ...measurement },
  });
}

function runOf(measurements: MeasurementRow[], more: Partial<RunData> = {}): RunData {
  return {
    ...{ name: 'laptop', folder: "runs/it's", config: { command: 'finetune' }, metrics: [], factorizations: [] },
    ...{ measurements, algorithms: new Map(), notes: [] },
    ...more,
  };
}

const answerOf = (...runs: RunData[]) => buildReport(runs, { out: 'out' }).groups[0].answer;

describe('what to run', () => {
  const accurate: AlgorithmRef = { ...FOUND, levels: ['cd'.repeat(32)], label: 'accurate' };

  it('is the fastest of all that was measured, references included', () => {
    const answer = answerOf(
      runOf([job({ seed: 1, speedup: 1.1 }), job({ seed: 2, algorithm: strassenTwice, speedup: 1.3 })]),
    );
    expect(answer.choice).toMatchObject({ label: 'Strassen²', verdict: 'faster' });
    expect(answer.searchAdds?.high).toBeLessThan(1);
  });

  it('is the most accurate of those that are equally fast', () => {
    const answer = answerOf(
      runOf([
        job({ seed: 1, speedup: 1.2, error: 7e-7 }),
        { ...job({ seed: 1, speedup: 1.2, error: 3e-7, algorithm: accurate }), jobId: 'another' },
        job({ seed: 3, speedup: 1.1, error: 2e-7, algorithm: strassenOnce }),
      ]),
    );
    expect(answer.choice).toMatchObject({ label: 'accurate', equals: 1 });
  });

  it('leaves out what exceeds the bound on the error, and says so', () => {
    const answer = answerOf(
      runOf([job({ seed: 1, speedup: 1.4, error: 19e-7 }), job({ seed: 2, speedup: 1.2, algorithm: strassenOnce })]),
    );
    expect(answer.choice).toMatchObject({ label: 'Strassen', overBound: ['found'] });
    // The run's own bound counts, of several the strictest.
    const rows = [job({ seed: 1, speedup: 1.4, error: 9e-7 }), job({ seed: 2, speedup: 1.2, algorithm: strassenOnce })];
    const within = (maxError: number | null | undefined): RunData =>
      runOf(rows, { config: { command: 'tune', tune: { maxError } } });
    const labels = [undefined, 3, 6, null].map((bound) => answerOf(within(bound)).choice?.label);
    expect(labels).toEqual(['Strassen', 'Strassen', 'found', 'found']);
    expect(answerOf(within(6), within(3)).choice).toMatchObject({ label: 'Strassen', overBound: ['found'] });
    const only = answerOf(runOf([job({ seed: 1, speedup: 1.4, error: 19e-7 })]));
    expect(only.choice).toMatchObject({ label: 'found', overBound: [] });
    expect(only.choice?.errorMultiple).toBeCloseTo(10, 12);
  });

  it('is the baseline where the agent claims nothing, with the reason', () => {
    const notClaimedBecause = 'the baseline is slow';
    const measurement = { fasterThanBaseline: false, notClaimedBecause };
    const answer = answerOf(runOf([job({ seed: 1, speedup: 1.4, measurement })]));
    expect(answer.choice).toMatchObject({ verdict: 'unclaimed', command: null, notClaimedBecause });
  });

  it('passes over what was timed beside an unusually slow baseline, and says so', () => {
    const usual = [2, 3, 4, 5].map((seed) => {
      const algorithm = { ...strassenOnce, levels: [String(seed).repeat(64)], label: 'usual' };
      return job({ seed, speedup: 1.1, algorithm });
    });
    const disturbed = job({ seed: 1, speedup: 1.4 });
    const measurement = disturbed.outcome.measurement!;
    const baselineSeconds = measurement.baselineSeconds.map((seconds) => 2 * seconds);
    const candidateSeconds = measurement.candidateSeconds.map((seconds) => 2 * seconds);
    const outcome = { ...disturbed.outcome, measurement: { ...measurement, baselineSeconds, candidateSeconds } };
    const answer = answerOf(runOf([...usual, { ...disturbed, outcome }]));
    expect(answer.choice).toMatchObject({ label: 'usual', unsteady: 1 });
    expect(choiceNotes(answer).join()).toContain(
      'a higher estimate does not count, because the baseline beside it was slower',
    );
  });

  it('is nothing where nothing was measured', () => {
    expect(answerOf(runOf([job({ seed: 1, kind: 'OUTCOME_KIND_TIMEOUT' })])).choice).toBeNull();
  });
});

describe('where nothing is claimed', () => {
  const slow = [
    job({ seed: 1, speedup: 0.982, error: 5e-7, algorithm: strassenOnce }),
    { ...job({ seed: 1, speedup: 0.979, error: 3e-7 }), jobId: 'another' },
  ];

  it('the best measured is the fastest, not the most accurate, and called slower with its interval', () => {
    const report = buildReport([runOf(slow)]);
    const [{ answer, rows, best }] = report.groups;
    const [fastest] = rows.filter(({ algorithm }) => algorithm.levels.length > 0);
    expect(answer.choice).toMatchObject({ label: fastest.algorithm.label, verdict: 'slower', equals: 0 });
    expect(verdictWord(answer)).toBe('slower');
    expect(unclaimedWords(answer)).toMatch(/^best measured: Strassen 0\.9\d\d \(0\.9\d\d–0\.9\d\d\)$/);
    expect(best.label).toBe('Strassen');
    expect(formatHtml(report)).toContain('<span class="verdict slower">slower</span>');
  });
});

describe('the verdict', () => {
  const aaControl = { estimate: 1.02, low: 1.01, high: 1.03 };

  it('calls nothing faster that the baseline differs from itself by, whatever is stored', () => {
    const measurement = { aaControl, fasterThanBaseline: true };
    const choice = (speedup: number) => answerOf(runOf([job({ seed: 1, speedup, measurement })])).choice;
    expect(choice(1.018)).toMatchObject({ verdict: 'unclaimed', command: null });
    expect(choice(1.018)?.notClaimedBecause).toContain('the baseline differs from itself by up to 2.0 %');
    expect(choice(1.2)).toMatchObject({ verdict: 'faster', aaControl });
  });

  it('tells a small gain from a large one', () => {
    const word = (speedup: number): string => verdictWord(answerOf(runOf([job({ seed: 1, speedup })])));
    expect([word(1.012), word(1.2)]).toEqual(['slightly faster', 'faster']);
  });
});

describe('the words of an answer', () => {
  it('say how much faster or slower the best found is than the best known', () => {
    const words = (estimate: number, low: number, high: number): string => searchGainWords({ estimate, low, high });
    expect(words(0.931, 0.911, 0.942)).toBe('6.9 % slower');
    expect(words(1.037, 1.02, 1.05)).toBe('3.7 % faster');
    expect(words(0.994, 0.98, 1.01)).toBe('no clear difference');
  });

  it('count whose algorithms win; a known one that was found again is a known one', () => {
    const again = { ...strassenOnce, found: true };
    const at = (n: number, algorithm: AlgorithmRef) => job({ seed: n, problem: cube(n), algorithm, speedup: 1.3 });
    const report = buildReport([runOf([at(512, FOUND), at(1024, again), at(2048, strassenTwice)])]);
    expect(answerSentence(report)).toBe(
      'Something faster than the baseline was measured for all 3 problems: 1 with an algorithm that was found here, 2 with a known one.',
    );
  });
});

describe('the page of an answer', () => {
  const at = (n: number, agent: string, seed: number) =>
    job({ seed, problem: cube(n), agent, algorithm: strassenOnce, speedup: 1.3 });
  const report = buildReport([runOf([at(512, 'laptop', 1), at(1024, 'laptop', 2)])]);

  it('has each command once, and names the device by agent and host', () => {
    const page = formatHtml(report);
    expect(page.match(/<code class="command">/g)).toHaveLength(1);
    expect(formatTable(report).match(/\$ npx at-trainer export/g)).toHaveLength(1);
    expect(page).toContain('scope="rowgroup">laptop (build-01)<small>');
  });

  it('marks what is recommended in every table of measurements and in the plots', () => {
    const page = formatHtml(report);
    expect(page.match(/>recommended<\/span>/g)).toHaveLength(2);
    expect(page.match(/class="ring"/g)?.length).toBeGreaterThan(4);
    expect(formatTable(report).match(/^> Strassen/gm)).toHaveLength(2);
    expect(formatMarkdown(report).match(/ \(recommended\) \|/g)).toHaveLength(2);
  });
});

describe('the command that takes it home', () => {
  const fast = job({ seed: 1, speedup: 1.3 });
  const command = (run: RunData): string | null | undefined => answerOf(run).choice?.command;

  it('names known algorithms, quotes paths, and takes the crossover from the run', () => {
    const known = job({ seed: 1, algorithm: strassenTwice, speedup: 1.3 });
    expect(command(runOf([known]))).toBe(
      "npx at-trainer export strassen --levels 2 --dtype f32 --measurements 'runs/it'\\''s' --agent 127.0.0.1:50061 --out fastmm",
    );
  });

  it('names the file of what the run found', () => {
    const { size, rank, nonzeros, arithmetic } = FOUND;
    const stored = { file: 'f.json', hash: FOUND.levels[0], size, rank, nonzeros, arithmetic, origin: 'rl' as const };
    const run = runOf([{ ...fast, variant: 'temporaries' }], { folder: 'runs/a', factorizations: [stored] });
    expect(command(run)).toBe('npx at-trainer export runs/a/factorizations/f.json --dtype f32 --out fastmm');
  });

  it('names a file of the report for what has none, and is not there where the factorization is lost', () => {
    expect(command(runOf([fast]))).toBeNull();
    const record = { factorization: strassen(), origin: 'imported' as const };
    const kept = runOf([{ ...fast, variant: '' }], {
      folder: undefined,
      algorithms: new Map([[FOUND.levels[0], record]]),
    });
    expect(command(kept)).toBe('npx at-trainer export out/algorithms/abababababababab.json --dtype f32 --out fastmm');
  });

  it('exports the table of a tuning run that chose it, which wins among equals', () => {
    const hash = contentHash(strassen());
    const winner = { levels: [`algorithms/${hash.slice(0, 16)}.json`] };
    const dispatch = { entries: [{ problem: cube(1024), winner }] } as unknown as DispatchTable;
    const rows = [
      job({ seed: 1, speedup: 1.3, error: 3e-7 }),
      { ...job({ seed: 1, speedup: 1.3, algorithm: strassenOnce }), jobId: 'another' },
    ];
    const answer = answerOf(runOf(rows, { folder: 'runs/tune', dispatch }));
    expect(answer.choice).toMatchObject({
      label: 'Strassen',
      command: 'npx at-trainer export --dispatch runs/tune/dispatch.json --out fastmm',
    });
  });
});

describe('the ratio of two estimates', () => {
  it('is wider than either, and turns round', () => {
    const [a, b] = [
      { estimate: 1.2, low: 1.18, high: 1.23 },
      { estimate: 1.1, low: 1.09, high: 1.12 },
    ];
    const ratio = ratioOf(a, b);
    expect(ratio.estimate).toBeCloseTo(1.2 / 1.1, 12);
    expect(Math.log(ratio.high / ratio.estimate)).toBeCloseTo(
      Math.hypot(Math.log(1.23 / 1.2), Math.log(1.1 / 1.09)),
      12,
    );
    expect(ratioOf(b, a).low).toBeCloseTo(1 / ratio.high, 12);
  });
});
