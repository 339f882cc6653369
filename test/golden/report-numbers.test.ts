import { describe, expect, it } from 'vitest';
import { median, pairedRatio } from '../../shared/src/index.js';
import { formatAnswersCsv } from '../../trainer/src/report/answer-csv.js';
import { formatBest } from '../../trainer/src/report/best-file.js';
import { packRuns, unpackRuns } from '../../trainer/src/report/carried.js';
import { formatCsv } from '../../trainer/src/report/csv.js';
import { formatError, formatSeconds } from '../../trainer/src/report/format.js';
import { formatHtml } from '../../trainer/src/report/html.js';
import { formatJson } from '../../trainer/src/report/json.js';
import { formatLatex } from '../../trainer/src/report/latex.js';
import { formatMarkdown } from '../../trainer/src/report/markdown.js';
import { algorithmsOf, buildReport } from '../../trainer/src/report/model.js';
import { formatTable } from '../../trainer/src/report/terminal.js';
import { exampleRuns } from '../support/report-example.js';

// Every output is read, and compared with what the stored samples alone give.

const runs = exampleRuns({ found: 2 });
const report = buildReport(runs, { out: 'out' });
const page = formatHtml(report, { packed: packRuns(runs) });
const stored = runs
  .flatMap(({ measurements }) => measurements)
  .filter(({ algorithm }) => algorithm.levels.length > 0)
  .map(({ jobId, problem, algorithm, device, outcome: { measurement } }) => {
    const { baselineSeconds, candidateSeconds, protocol, relativeError } = measurement!;
    return {
      ...{ jobId, problem, algorithm, device, relativeError },
      speedup: pairedRatio(baselineSeconds, candidateSeconds, { seed: protocol!.seed }),
      seconds: median(candidateSeconds),
      baselineSeconds: median(baselineSeconds),
    };
  });
const byJob = new Map(stored.map((one) => [one.jobId, one]));
const claimed = report.groups.flatMap(({ answer: { choice } }) => (choice?.verdict === 'faster' ? [choice] : []));

/** The figures as people read them: 1.234 and 1.222–1.245. */
function figuresOf({ speedup }: (typeof stored)[number]): [ratio: string, interval: string] {
  return [speedup.estimate.toFixed(3), `${speedup.low.toFixed(3)}–${speedup.high.toFixed(3)}`];
}

/** Reads a CSV without quoted commas into records. */
function records(csv: string): Record<string, string>[] {
  const [header, ...lines] = csv.trim().split('\r\n').map(cells);
  return lines.map((line) => Object.fromEntries(header.map((name, index) => [name, line[index]])));
}

function cells(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,"]*))/g)].map(([, quoted, bare]) => quoted ?? bare);
}

describe('the figures of every output follow from the stored samples', () => {
  it('in JSON and CSV to the last digit', () => {
    const rows = JSON.parse(formatJson(report)).groups.flatMap((group: { rows: { jobId: string }[] }) => group.rows);
    const lines = records(formatCsv(report));
    for (const one of stored) {
      const row = rows.find(({ jobId }: { jobId: string }) => jobId === one.jobId);
      expect(row.figures.speedup).toEqual(one.speedup);
      expect(row.figures).toMatchObject({
        candidateMedianSeconds: one.seconds,
        baselineMedianSeconds: one.baselineSeconds,
        relativeError: one.relativeError,
      });
      const line = lines.find(({ job_id }) => job_id === one.jobId);
      expect([line?.speedup, line?.speedup_low, line?.speedup_high].map(Number)).toEqual([
        one.speedup.estimate,
        one.speedup.low,
        one.speedup.high,
      ]);
      expect(Number(line?.relative_error)).toBe(one.relativeError);
    }
  });

  it('in the answers as CSV and in best.json', () => {
    const lines = records(formatAnswersCsv(report));
    const best = JSON.parse(formatBest(report, algorithmsOf(runs)));
    expect(lines).toHaveLength(report.groups.length);
    lines.forEach((line, index) => {
      const one = byJob.get(line.job_id)!;
      expect(Number(line.speedup)).toBe(one.speedup.estimate);
      expect(Number(line.median_seconds)).toBe(one.seconds);
      expect(best.choices[index].choice).toMatchObject({
        jobId: one.jobId,
        speedup: one.speedup,
        seconds: one.seconds,
      });
    });
  });

  it('on the page, in Markdown and in the terminal, for every row', () => {
    const [markdown, terminal] = [formatMarkdown(report), formatTable(report)];
    for (const one of stored) {
      const [ratio, interval] = figuresOf(one);
      expect(page).toContain(`data-sort="${one.speedup.estimate}">${ratio}<small>${interval}</small>`);
      expect(markdown).toContain(`| ${ratio} | ${interval} |`);
      expect(terminal).toMatch(new RegExp(`${ratio} +${interval}`.replaceAll('.', '\\.')));
    }
  });

  it('in the table at the top of the page, in Markdown, LaTeX and the terminal', () => {
    expect(claimed.length).toBeGreaterThan(4);
    const [markdown, latex, terminal] = [formatMarkdown(report), formatLatex(report), formatTable(report)];
    for (const choice of claimed) {
      const one = byJob.get(choice.jobId)!;
      const [ratio, interval] = figuresOf(one);
      const times = `${formatSeconds(one.seconds)} instead of ${formatSeconds(one.baselineSeconds)}`;
      expect(page).toContain(`<span class="figure">${ratio}×</span>`);
      expect(page).toContain(`<small>${interval} · ${times}</small>`);
      const error = formatError(one.relativeError);
      expect(page).toContain(`<small>relative error ${error}</small>`);
      for (const output of [markdown, latex, terminal]) {
        expect(output).toContain(`(relative ${error})`);
        expect(output).toContain(formatSeconds(one.seconds));
      }
      const group = JSON.parse(formatJson(report)).groups.find(
        (each: (typeof report.groups)[number]) => each.answer.choice?.jobId === one.jobId,
      );
      expect(group.answer.choice).toMatchObject({
        speedup: one.speedup,
        seconds: one.seconds,
        relativeError: one.relativeError,
      });
      const verdict = choice.speedup.estimate < 1.02 ? 'slightly faster' : 'faster';
      expect(markdown).toContain(`| ${ratio} | ${interval} | ${verdict} |`);
      expect(latex).toContain(`${ratio} & ${interval.replace('–', '--')} & ${verdict}`);
      expect(terminal).toContain(`▲ ${verdict === 'faster' ? '' : `${verdict}: `}${ratio}x (${interval})`);
    }
  });

  it('in a comparison that promises and explains only what is there', () => {
    const section = page.slice(page.indexOf('<h2 id="comparison"'), page.indexOf('<h2 id="measurements"'));
    expect(section).toContain('tuned for this device');
    for (const words of ['measured on others too', 'tuned for another', 'read from a file']) {
      expect(section).not.toContain(words);
    }
    for (const { problem, answer } of report.groups) {
      if (!answer.choice?.isFound || answer.choice.verdict !== 'faster') continue;
      const comparison = report.comparisons.find(({ shape }) => shape.n === problem.n);
      const cells = comparison?.rows.flatMap((row) => row.cells) ?? [];
      expect(cells.some((cell) => cell?.jobId === answer.choice?.jobId)).toBe(true);
    }
  });

  it('in the drawings that compare devices', () => {
    const section = page.slice(page.indexOf('<h2 id="comparison"'), page.indexOf('<h2 id="measurements"'));
    const jobs = report.comparisons
      .flatMap(({ rows }) => rows.flatMap(({ cells }) => cells))
      .flatMap((cell) => cell?.jobId ?? []);
    expect(jobs.length).toBeGreaterThan(20);
    for (const jobId of jobs) {
      const [ratio, interval] = figuresOf(byJob.get(jobId)!);
      expect(section).toContain(`>${ratio} (${interval})</text>`);
    }
  });

  it('after the page was read again', () => {
    const again = buildReport(unpackRuns(page, 'report.html'));
    expect(again.groups.map(({ answer }) => answer.choice?.speedup)).toEqual(
      report.groups.map(({ answer }) => answer.choice?.speedup),
    );
  });
});
