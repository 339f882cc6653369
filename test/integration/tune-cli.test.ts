import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { DispatchTable } from '@alphatensor-edge/shared';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MEASUREMENTS_FILE, MeasurementStore } from '../../trainer/src/fleet/measurement-store.js';
import type { ModelGain } from '../../trainer/src/report/model-gain.js';
import { type AgentProcess, endAllAgents, startAgent } from '../support/agent-process.js';
import { type Ended, startTrainer, temporaryFolder } from '../support/trainer-process.js';

const folder = temporaryFolder();
const runDir = join(folder.path, 'run');
let agent: AgentProcess;

beforeAll(async () => {
  agent = await startAgent();
}, 120_000);

afterAll(() => {
  endAllAgents();
  folder.remove();
});

const tune = (...options: string[]): Promise<Ended> => startTrainer(['tune', ...options], folder.path).ended;

function storedJobs(): string[] {
  const store = MeasurementStore.openReadOnly(join(runDir, MEASUREMENTS_FILE));
  try {
    return store.all().map(({ jobId }) => jobId);
  } finally {
    store.close();
  }
}

describe('at-trainer tune', () => {
  it('measures, is cut off by its budget, goes on without repeating anything, and writes the table', async () => {
    const first = await tune(
      ...['strassen', 'winograd', 'laderman', '--levels', '1', '--agent', agent.address, '--run-dir', runDir],
      ...['--problem', '96', '--problem', '33x96x70:f64', '--tune-plans', '2', '--budget', '6s', '--json'],
    );
    // How far it comes depends on the machine; what it says of that must be true.
    const { unfinished } = JSON.parse(first.stdout) as { unfinished: number };
    expect(first.code).toBe(unfinished > 0 ? 10 : 0);
    if (unfinished > 0) expect(first.stderr).toMatch(/not measured to the end; continue with at-trainer tune --resume/);
    const before = existsSync(join(runDir, MEASUREMENTS_FILE)) ? storedJobs() : [];

    const second = await tune('--resume', '--run-dir', runDir, '--json');
    expect(second.code).toBe(0);
    const after = storedJobs();
    expect(after.slice(0, before.length)).toEqual(before);
    const result = JSON.parse(second.stdout) as { dispatch: string; report: { json: string } };

    const third = await tune('--resume', '--run-dir', runDir);
    expect(third.code).toBe(0);
    expect(storedJobs()).toEqual(after);
    expect(third.stdout).toMatch(/^96x96x96 f32, 1 thread: /m);

    const table = JSON.parse(readFileSync(result.dispatch, 'utf8')) as DispatchTable;
    expect(table).toMatchObject({ format: 'alphatensor-dispatch', version: 2, backend: 'c-gcc', variant: 'packed' });
    expect(table.device).toMatchObject({ agent: agent.address, architecture: expect.any(String) });
    expect(table.entries.map(({ problem }) => problem)).toEqual([
      { m: 96, k: 96, n: 96, dtype: 'f32', threads: 1 },
      { m: 33, k: 96, n: 70, dtype: 'f64', threads: 1 },
    ]);
    // Blocks of the second problem would be too small for any algorithm.
    expect(table.entries.map(({ finalists }) => finalists.length)).toEqual([expect.toBeOneOf([3, 4]), 1]);
    expect(table.objective).toEqual({ maxError: 4, prefer: 'fast' });
    expect(table.timeModels).toEqual([
      expect.objectContaining({ dtype: 'f32', threads: 1, samples: expect.any(Number) }),
      expect.objectContaining({ dtype: 'f64', threads: 1 }),
    ]);
    for (const { winner, finalists, reason } of table.entries) {
      expect(finalists.map(({ label }) => label)).toContain('own GEMM');
      const faster = finalists.filter(({ speedup, errorRatio = 0 }) => speedup.low > 1 && errorRatio <= 4);
      if (winner === null) expect([faster.length, reason]).toEqual([0, expect.stringMatching(/baseline/)]);
      else {
        expect(Math.max(...faster.map(({ speedup }) => speedup.low))).toBe(winner.speedup.low);
        for (const level of winner.levels) expect(existsSync(join(runDir, level))).toBe(true);
      }
    }
    expect(existsSync(result.report.json)).toBe(true);
  }, 240_000);

  it('tunes the products of a model, and reports each of its layers', async () => {
    const model = join(folder.path, 'encoder.onnx');
    writeFileSync(model, gunzipSync(readFileSync(new URL('../golden/onnx/encoder.onnx.gz', import.meta.url))));
    const run = join(folder.path, 'model-run');
    const options = ['strassen', '--levels', '1', '--agent', agent.address, '--tune-plans', '0', '--run-dir', run];
    const sizes = ['--model', model, '--dim', 'batch=2', '--dim', 'sequence=48'];
    const { stdout, stderr } = await tune(...options, ...sizes, '--budget', '20s', '--json');
    // There is time for one.
    expect(stderr).toContain('1 of 7 shapes are tuned, 42.7 % of the arithmetic');
    const { entries, models } = JSON.parse(stdout) as { entries: DispatchTable['entries']; models: ModelGain[] };
    expect(entries.map(({ problem: { m, k, n } }) => [m, k, n])).toEqual([[96, 64, 512]]);
    const [{ layers, measuredShare }] = models;
    expect(measuredShare).toBeCloseTo(0.4266);
    expect(layers.map(({ layer }) => layer)).toContain('q_projection');
    expect(layers[0]).toMatchObject({ layer: 'up', speedup: entries[0].winner?.speedup.estimate ?? 1 });
    expect(layers.find(({ layer }) => layer === 'scores')?.reason).toMatch(/^32 is too short/);
    expect(readFileSync(join(run, 'report', 'report.md'), 'utf8')).toContain('## Layers of the model');
  }, 120_000);

  it.each([
    [['strassen', '--resume', '--run-dir', runDir], 2, /keeps the algorithms it began with/],
    [['--model', 'none.onnx', '--problem', '96'], 2, /'--model <file>' cannot be used with option '--problem/],
    [['--dim', 'batch=8'], 2, /--dim is for --model; add it\./],
    [[folder.path], 5, /is a folder without factorizations/],
    [['strassen', '--run-dir', runDir], 2, /is not empty; continue its run with --resume/],
  ])('refuses %j', async (options, status, sentence) => {
    const { code, stdout, stderr } = await tune(
      ...options,
      ...(options.includes('--resume') ? [] : ['--agent', agent.address]),
    );
    expect(stderr).toMatch(sentence);
    expect(stdout).toBe('');
    expect(code).toBe(status);
  });
});
