import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Random } from '../../shared/src/index.js';
import { references } from '../../trainer/src/fleet/algorithms.js';
import type { AlgorithmRef, MeasurementRow } from '../../trainer/src/fleet/measurement.js';
import { asCsv, formatCsv } from '../../trainer/src/report/csv.js';
import { formatHtml } from '../../trainer/src/report/html.js';
import { formatJson } from '../../trainer/src/report/json.js';
import { formatLatex } from '../../trainer/src/report/latex.js';
import { formatMarkdown } from '../../trainer/src/report/markdown.js';
import { buildReport, type Report, type RunData } from '../../trainer/src/report/model.js';
import { escapeLatex, escapeMarkdown } from '../../trainer/src/report/plain-table.js';
import { isMeasured } from '../../trainer/src/report/row.js';
import { formatTable, TERMINAL_WIDTH } from '../../trainer/src/report/terminal.js';
import { cube, LAPTOP, measurementRow, SERVER } from '../support/report-rows.js';

const HOSTILE = '=<b onload="x">&\'|`*_\u001b[31m\n';
const REFERENCES = references().map(({ algorithm }) => algorithm);

function found(index: number): AlgorithmRef {
  return {
    ...REFERENCES[1],
    role: 'found',
    origin: 'rl',
    levels: [String(index).repeat(64)],
    label: `<2,2,2;7> ${String(index).repeat(6)}`,
  };
}

/** Two devices, three sizes, failures, references that were not measured, hostile text. */
function exampleRuns(): RunData[] {
  let seed = 0;
  const measurements: MeasurementRow[] = [];
  for (const [device, sizes] of [
    [SERVER, [512, 1024, 2048]],
    [LAPTOP, [512]],
  ] as const) {
    for (const size of sizes) {
      for (const algorithm of [...REFERENCES, found(1), found(2)]) {
        if (device === LAPTOP && algorithm.label === 'Strassen²') continue;
        const speedup = algorithm.levels.length === 0 ? 1 : 0.95 + 0.08 * Math.log2(size / 512);
        measurements.push(measurementRow({ algorithm, problem: cube(size), device, speedup, seed: ++seed }));
      }
    }
  }
  measurements.push(
    measurementRow({
      algorithm: { ...found(3), label: HOSTILE },
      problem: cube(512),
      seed: ++seed,
      kind: 'OUTCOME_KIND_COMPILE_FAILED',
      message: HOSTILE,
      diagnostics: `</pre><script>alert(1)</script>${HOSTILE}`,
    }),
  );
  const random = new Random(1);
  const metrics = Array.from({ length: 600 }, (_, i) => ({
    time: i / 2,
    policyLoss: 3 - i / 300 + random.float(),
    bestRank: i < 100 ? 8 : 7,
  }));
  const config = { command: 'finetune', size: { n: 2, m: 2, p: 2 }, seed: 7, demonstrations: [HOSTILE] };
  return [
    { name: 'example', config, metrics, factorizations: [], measurements, algorithms: new Map(), notes: [HOSTILE] },
  ];
}

const report: Report = buildReport(exampleRuns());

describe('the page', () => {
  const page = formatHtml(report);

  it('needs nothing but itself', () => {
    expect(page).not.toMatch(/<link|<img|<iframe|@import|url\(|\son[a-z]+="|javascript:/i);
    expect(page).not.toMatch(/(src|href)="(?!#)/);
    expect(page).toContain("default-src 'none'");
  });

  it('escapes everything that came from elsewhere', () => {
    expect(page).not.toContain('<b onload');
    expect(page).not.toContain('<script>alert');
    expect(page).not.toContain('\u001b');
    expect(page).toContain('&lt;/pre&gt;&lt;script&gt;');
  });

  it('is well formed: every element is closed, every id unique, every link leads somewhere', () => {
    expect(unbalanced(page)).toEqual([]);
    const ids = [...page.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, target] of page.matchAll(/href="#([^"]*)"/g)) expect(ids).toContain(target);
  });

  it('draws no mark at a place that is no number', () => {
    expect(page.replace(/<script>[\s\S]*<\/script>/, '')).not.toMatch(/NaN|Infinity|undefined|\[object/);
  });

  it('names every drawing, table and column', () => {
    for (const [tag] of page.matchAll(/<svg[^>]*>(<title>)?/g)) {
      if (!tag.includes('aria-hidden')) expect(tag).toMatch(/role="img" aria-label="[^"]+"><title>$/);
    }
    for (const [tag] of page.matchAll(/<th[\s>][^>]*>/g)) expect(tag).toMatch(/scope="(col|row|rowgroup)"/);
    expect(page.match(/<table[\s>]/g)?.length).toBe(page.match(/<caption[\s>]/g)?.length);
  });

  it('compares the devices and says what nobody measured', () => {
    expect(report.comparisons.map(({ shape }) => shape.n)).toEqual([512]);
    const section = page.slice(page.indexOf('id="comparison"'), page.indexOf('id="measurements"'));
    expect(section).toContain('tuned for build-01');
    expect(section.match(/>not measured</g)).toHaveLength(2 * 1);
  });

  it('allows its own script alone, which reaches nothing', () => {
    const script = /<script>([\s\S]*?)<\/script>/.exec(page)?.[1] ?? '';
    const hash = createHash('sha256').update(script).digest('base64');
    expect(page.match(/<script[^>]*>/g)).toEqual(['<script>']);
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${hash}'"`);
  });

  it('answers first: before any plot, what to run, how much faster, how sure, at which price, what to type', () => {
    const top = page.slice(page.indexOf('id="answer"'), page.indexOf('id="speed-up"'));
    for (const { answer } of report.groups) {
      if (answer.choice?.verdict !== 'faster') continue;
      expect(top).toContain(`${answer.choice.speedup.estimate.toFixed(3)}×`);
      expect(top).toContain(`${answer.choice.speedup.low.toFixed(3)}–${answer.choice.speedup.high.toFixed(3)}`);
    }
    expect(top).toContain('npx at-trainer export strassen --levels 2 --dtype f32 --out fastmm');
  });

  it('folds what lies behind the answer', () => {
    for (const id of ['measurements', 'latency', 'noise', 'devices', 'runs']) {
      expect(page).toContain(`<details class="fold"><summary><h2 id="${id}">`);
    }
  });

  it('shows the figures of every measured row', () => {
    for (const { algorithm, figures } of report.groups.flatMap(({ rows }) => rows).filter(isMeasured)) {
      if (algorithm.levels.length > 0)
        expect(page).toContain(`${figures.speedup.low.toFixed(3)}–${figures.speedup.high.toFixed(3)}`);
    }
    expect(page).toContain('Not measured here: Strassen²');
  });

  it('keeps its colours readable: 4.5 to 1 for text, in light and dark', () => {
    const themes = [...page.matchAll(/:root \{([^}]*)\}/g)]
      .slice(0, 2)
      .map(([, body]) =>
        Object.fromEntries([...body.matchAll(/--(\w+): (#[0-9a-f]{6})/g)].map(([, name, value]) => [name, value])),
      );
    expect(themes).toHaveLength(2);
    for (const theme of themes) {
      for (const ink of ['ink', 'muted', 'found', 'reference', 'imported', 'baseline']) {
        for (const ground of ['page', 'panel', 'note']) {
          expect(contrast(theme[ink], theme[ground]), `${ink} on ${ground}`).toBeGreaterThanOrEqual(4.5);
        }
      }
    }
  });
});

describe('Markdown', () => {
  it('escapes what would become markup, also in tables', () => {
    const text = formatMarkdown(report);
    expect(text.replaceAll('\n', '')).not.toMatch(/<b|<script|\p{Cc}/u);
    for (const line of text.split('\n').filter((each) => each.startsWith('| '))) {
      expect(line).toMatch(/ \|$/);
    }
    expect(escapeMarkdown('<2,2,2;7> a|b *c*\nd')).toBe('&lt;2,2,2;7&gt; a\\|b \\*c\\* d');
  });

  it('has as many cells in every row as in the header', () => {
    const cells = (line: string): number => line.replace(/\\\|/g, '').split('|').length;
    const lines = formatMarkdown(report).split('\n');
    lines.forEach((line, index) => {
      if (line.startsWith('| ') && lines[index - 1]?.startsWith('|')) expect(cells(line)).toBe(cells(lines[index - 1]));
    });
  });
});

describe('LaTeX', () => {
  it('escapes what would become a command', () => {
    expect(escapeLatex('a_b & 50 % of $x #1 {y} \\z ~ ^')).toBe(
      'a\\_b \\& 50 \\% of \\$x \\#1 \\{y\\} \\textbackslash{}z \\textasciitilde{} \\textasciicircum{}',
    );
    const text = formatLatex(report);
    expect(text.match(/\\\\$/gm)).toHaveLength(report.groups.length + 1);
    expect(text).not.toMatch(/[^\x20-\x7e\n]/);
  });
});

describe('CSV', () => {
  it('reads back as RFC 4180, one line a row, with the exact figures', () => {
    const [header, ...lines] = parseCsv(formatCsv(report));
    const rows = report.groups.flatMap((group) => group.rows);
    expect(lines).toHaveLength(rows.length);
    lines.forEach((line, index) => {
      expect(line).toHaveLength(header.length);
      const record = Object.fromEntries(header.map((name, column) => [name, line[column]]));
      const figures = rows[index].figures;
      expect(record.speedup).toBe(figures ? String(figures.speedup.estimate) : '');
      expect(record.baseline_median_seconds).toBe(figures ? String(figures.baselineMedianSeconds) : '');
      expect(record.status).toBe(rows[index].status);
    });
  });

  it('lets no text run as a formula and leaves numbers alone', () => {
    const text = ['=1+1', '+1', '-1', '@x', '\t=1', '\r=1'];
    expect(asCsv(text, [[-0.5, 0, true, false, null, undefined, '', 'a,"b"']])).toBe(
      `'=1+1,'+1,'-1,'@x,'=1,'=1\r\n-0.5,0,true,false,,,,"a,""b"""\r\n`,
    );
  });
});

describe('JSON', () => {
  it('holds the whole report with the samples', () => {
    expect(JSON.parse(formatJson(report))).toEqual(JSON.parse(JSON.stringify(report)));
    expect(JSON.parse(formatJson(report)).groups[0].rows[0].figures.samples.baselineSeconds).toHaveLength(24);
  });
});

describe('the terminal table', () => {
  it('fits its width and holds no control characters', () => {
    const lines = formatTable(report).split('\n');
    expect(Math.max(...lines.map((line) => [...line].length))).toBeLessThanOrEqual(TERMINAL_WIDTH);
    expect(lines.join('')).not.toMatch(/\p{Cc}/u);
  });

  it('looks like this', () => {
    const { measurements, ...rest } = exampleRuns()[0];
    const few = measurements.filter(({ problem, device }) => problem.n === 1024 && device === SERVER);
    const table = formatTable(
      buildReport([{ ...rest, config: { demonstrations: [] }, measurements: few.slice(0, 4) }]),
    );
    expect(table).toMatchInlineSnapshot(`
      "From scratch: no known algorithm went into the network or the runs.

      build-01
        1024×1024×1024, f32, 1 thread
          ▲ 1.028x (1.021–1.035) with Strassen²
          error 2.0x (relative 3.8e-7); memory 4 MiB; 19.4 ms
          $ npx at-trainer export strassen --levels 2 --dtype f32 --out fastmm

      build-01 · 1024×1024×1024, f32, 1 thread
        algorithm (> run it)   rank speed-up 95 % interval  median of peak   error  growth verdict
        Strassen                  7    1.032   1.025–1.043 19.3 ms    93 %    2.1x unknown ▲ faster
        Winograd                  7    1.029   1.026–1.035 19.3 ms    93 %    2.5x unknown ▲ faster
      > Strassen²                49    1.028   1.021–1.035 19.4 ms    92 %    2.0x unknown ▲ faster
        baseline                       1.000 by definition 19.9 ms    90 %  6.1e-7         baseline
        Strassen² (rank 49, a known reference) is 1.028 times as fast as the baseline (OpenBLAS 0.3.21),
        95 % interval 1.021–1.035. The measurement shows no difference from Strassen and Winograd
        (overlapping intervals). As the pick of 3 measured candidates, its estimate is biased upwards.
      "
    `);
  });

  it('says when nothing was measured', () => {
    expect(formatTable(buildReport([]))).toMatch(/Nothing was measured\.\n$/);
  });
});

/** Elements that are not closed in order; void ones aside. */
function unbalanced(page: string): string[] {
  const open: string[] = [];
  const wrong: string[] = [];
  for (const [, close, name, rest] of page
    .replace(/<style>[\s\S]*?<\/style>/, '')
    .matchAll(/<(\/?)([a-z][a-z0-9]*)([^>]*)>/gi)) {
    if (/^(meta|br|!doctype)$/i.test(name) || rest.endsWith('/')) continue;
    if (close === '') open.push(name);
    else if (open.pop() !== name) wrong.push(name);
  }
  return [...wrong, ...open];
}

/** WCAG 2 contrast ratio of two #rrggbb colours. */
function contrast(a: string, b: string): number {
  const luminance = (colour: string): number =>
    [1, 3, 5]
      .map((start) => Number.parseInt(colour.slice(start, start + 2), 16) / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
      .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

function parseCsv(text: string): string[][] {
  expect(text.endsWith('\r\n')).toBe(true);
  return text
    .slice(0, -2)
    .split('\r\n')
    .map((line) =>
      [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,"]*))/g)].map(([, quoted, bare]) =>
        quoted === undefined ? bare : quoted.replace(/""/g, '"'),
      ),
    );
}
