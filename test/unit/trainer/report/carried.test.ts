import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { checkedRow } from '../../../../trainer/src/fleet/outcome-check.js';
import { withoutNames } from '../../../../trainer/src/report/anonymous.js';
import { packRuns, unpackRuns } from '../../../../trainer/src/report/carried.js';
import { formatHtml } from '../../../../trainer/src/report/html.js';
import { buildReport, type RunData } from '../../../../trainer/src/report/model.js';
import { exampleRuns } from '../../../support/report-example.js';

// As a store gives them: their figures are what their samples give.
const runs = exampleRuns({ sizes: [1024], found: 2 }).map((run) => ({
  ...run,
  measurements: run.measurements.map(checkedRow),
}));
const pageOf = (carried: readonly RunData[]): string => formatHtml(buildReport(carried), { packed: packRuns(carried) });

describe('a page that carries its runs', () => {
  const page = pageOf(runs);

  it('gives the same report when it is read again', () => {
    // The made-up algorithms are in no file, so nothing says how to export them, and the runs list none.
    const { runs: _, ...report } = buildReport(runs.map(({ folder: _, ...run }) => run));
    const { runs: summaries, ...again } = buildReport(unpackRuns(page, 'report.html'));
    expect(again).toEqual(report);
    expect(summaries.map(({ config, series }) => [config?.seed, series.length])).toEqual([
      [7, 5],
      [7, 5],
      [7, 5],
    ]);
  });

  it('is not believed where its figures are not those of its samples', () => {
    const [run] = runs;
    const [row] = run.measurements.filter(({ algorithm }) => algorithm.role === 'found');
    const { speedup } = row.outcome.measurement!;
    const boast = { estimate: 9, low: 8.9, high: 9.1 };
    const measurement = { ...row.outcome.measurement!, speedup: boast, fasterThanBaseline: true };
    const lying = { ...run, measurements: [{ ...row, outcome: { ...row.outcome, measurement } }] };
    const [{ measurements }] = unpackRuns(pageOf([lying]), 'x.html');
    expect(measurements[0].outcome.measurement?.speedup?.estimate).toBeCloseTo(speedup!.estimate, 9);
    const impossible = { ...measurement, candidateSeconds: measurement.candidateSeconds.map(() => 1e12) };
    const untrue = { ...run, measurements: [{ ...row, outcome: { ...row.outcome, measurement: impossible } }] };
    const page = `<script type="application/gzip" id="runs">${packRuns([untrue])}</script>`;
    const [{ measurements: refused }] = unpackRuns(page, 'x.html');
    expect(refused[0].outcome).toMatchObject({ kind: 'OUTCOME_KIND_UNSPECIFIED' });
    expect(refused[0].outcome.message).toMatch(/not believed/);
  });

  it('merges with others, and counts a job once', () => {
    const [first, ...others] = runs;
    const merged = buildReport([...unpackRuns(pageOf([first]), 'a.html'), ...unpackRuns(pageOf(others), 'b.html')]);
    expect(merged.jobs).toBe(buildReport(runs).jobs);
    const twice = buildReport([...unpackRuns(page, 'a.html'), ...unpackRuns(page, 'a.html')]);
    expect(twice.jobs).toBe(merged.jobs);
  });

  it('is refused where it carries nothing, or what is no report', () => {
    const packed = (text: string): string =>
      `<script type="application/gzip" id="runs">${gzipSync(text).toString('base64')}</script>`;
    expect(() => unpackRuns('<html>', 'x.html')).toThrow(/x\.html is not a report that carries its data/);
    for (const text of ['', '{}', '{"format":"alphatensor-edge-runs","formatVersion":2,"runs":[]}']) {
      expect(() => unpackRuns(packed(text), 'x.html')).toThrow(/The data in x\.html are damaged/);
    }
    const document = JSON.parse(JSON.stringify({ format: 'alphatensor-edge-runs', formatVersion: 1, runs: [] }));
    const run = { name: 'a', config: null, metrics: [], files: [], notes: [] };
    const wrong = { ...runs[0].measurements[0], problem: { m: -1, k: 1, n: 1, dtype: 'f32', threads: 1 } };
    const damaged = { ...document, runs: [{ ...run, measurements: [wrong], algorithms: [] }] };
    expect(() => unpackRuns(packed(JSON.stringify(damaged)), 'x.html')).toThrow(/damaged/);
    const untrue = { n: [2, 2, 2], m: 1, z2: false, u: [[1, 0, 0, 0]], v: [[1, 0, 0, 0]], w: [[1, 0, 0, 0]] };
    const lying = { ...document, runs: [{ ...run, measurements: [], algorithms: [untrue] }] };
    expect(() => unpackRuns(packed(JSON.stringify(lying)), 'x.html')).toThrow(/damaged/);
  });
});

describe('an anonymous report', () => {
  it('names no host, agent or folder, and is the same otherwise', () => {
    const checkpoint = '/home/someone/secret/2x2x2-tiny';
    const hidden = withoutNames(
      runs.map((run) => ({ ...run, name: `acme-${run.name}`, config: { ...run.config, checkpoint } })),
    );
    const text = JSON.stringify(buildReport(hidden)) + pageOf(hidden) + JSON.stringify(unpackRuns(pageOf(hidden), 'x'));
    for (const name of [
      'build-01',
      'edge-arm',
      'camera-7',
      'runs/laptop',
      '"laptop"',
      'id-build-01',
      'acme',
      'secret',
    ]) {
      expect(text).not.toContain(name);
    }
    expect(text).toContain('2x2x2-tiny');
    expect(
      buildReport(hidden)
        .groups.map(({ answer }) => answer.choice?.speedup)
        .sort(),
    ).toEqual(
      buildReport(runs)
        .groups.map(({ answer }) => answer.choice?.speedup)
        .sort(),
    );
  });

  it('replaces a name that is too short to be looked for in texts, too', () => {
    const [run] = runs;
    const [row] = run.measurements;
    const short = { ...row, agent: 'pi', device: { ...row.device, hostname: 'vm' } };
    const [{ measurements }] = withoutNames([{ ...run, measurements: [short] }]);
    expect(measurements[0]).toMatchObject({ agent: 'device A', device: { hostname: 'device A' } });
  });

  it('replaces names alone, not parts of words, also where tools printed them', () => {
    const [run] = runs;
    const diagnostics = 'build-01: error in build-012 at /build-01/x';
    const [row] = run.measurements;
    const [hidden] = withoutNames([{ ...run, measurements: [{ ...row, outcome: { ...row.outcome, diagnostics } }] }]);
    expect(hidden.measurements[0].outcome.diagnostics).toBe('device A: error in build-012 at /device A/x');
  });
});
