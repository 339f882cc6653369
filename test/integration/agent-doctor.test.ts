import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { BACKENDS } from '../../agent/src/backends/backends.js';
import type { Diagnosis } from '../../agent/src/doctor/diagnosis.js';
import { AT_AGENT, descendants, runAgent, stillRunning } from '../support/agent-process.js';

// The command as people run it, from the build.

const cache = mkdtempSync(join(tmpdir(), 'at-doctor-cache-'));
const running = new Set<ChildProcess>();
afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(cache, { recursive: true });
});

function start(environment: NodeJS.ProcessEnv, ...options: string[]): ChildProcess {
  const child = spawn(process.execPath, [AT_AGENT, 'doctor', ...options], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  return child;
}

/** Runs the command to its end. */
async function doctor(environment: NodeJS.ProcessEnv): Promise<{ code: number; stderr: string; diagnosis: Diagnosis }> {
  const child = start(environment, '--json');
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (text) => {
    stdout += text;
  });
  child.stderr?.on('data', (text) => {
    stderr += text;
  });
  const [code] = await once(child, 'close');
  return { code, stderr, diagnosis: JSON.parse(stdout) as Diagnosis };
}

/** What the JSON of any device has, whatever its figures. */
function expectShape(diagnosis: Diagnosis): void {
  expect(diagnosis).toMatchObject({
    formatVersion: 2,
    canMeasure: expect.any(Boolean),
    processor: { model: expect.any(String), vectorIsa: expect.any(String), allowedCpus: expect.any(Array) },
    memory: { totalBytes: expect.any(Number), availableBytes: expect.any(Number) },
    state: { loadAverage: expect.any(Number) },
    energy: { counters: expect.stringMatching(/^(readable|unreadable|absent)$/), packages: expect.any(Number) },
    cache: { folder: expect.any(String), problem: '' },
    backends: BACKENDS.map(({ name }) => ({ name })),
  });
  for (const { fix, status } of diagnosis.checks) expect(fix === '').toBe(status === 'ok');
  // Unknown is null; a field is never left out.
  for (const name of ['l1dCacheBytes', 'l2CacheBytes', 'l3CacheBytes', 'vectorBits'] as const) {
    expect(diagnosis.processor).toHaveProperty(name);
  }
  for (const name of ['governor', 'temperatureCelsius', 'throttleCount', 'throttledMeanwhile'] as const) {
    expect(diagnosis.state).toHaveProperty(name);
  }
}

describe('at-agent doctor', () => {
  it('tries everything and prints the figures', async (context) => {
    const { code, diagnosis } = await doctor({ ALPHATENSOR_CACHE_DIR: cache });
    expectShape(diagnosis);
    expect(code).toBe(diagnosis.canMeasure ? 0 : 6);
    context.skip(!diagnosis.canMeasure, 'no C compiler works here');
    const working = diagnosis.backends.filter(({ problem }) => problem === '');
    for (const { programs } of working) expect(programs.filter(({ problem }) => problem !== '')).toEqual([]);
    expect(diagnosis.blas[0].problem).toBe('');
    expect(diagnosis.blas[0].timings[0]).toMatchObject({ dtype: 'f32', threadsAllowed: 1, baseline: true });
    for (const { timings } of diagnosis.blas.filter(({ problem }) => problem === '')) {
      expect(timings.map(({ dtype }) => dtype).slice(0, 2)).toEqual(['f32', 'f64']);
      for (const { gflops, peakGflops, shareOfPeak } of timings) expect(shareOfPeak).toBe(gflops / peakGflops);
    }
  });

  it('without a compiler fails what needs one, and still tries and prints everything else', async () => {
    const { code, stderr, diagnosis } = await doctor({
      ALPHATENSOR_CACHE_DIR: cache,
      ALPHATENSOR_PYTHON: 'python3',
      PATH: '/nonexistent',
    });
    expectShape(diagnosis);
    // gpu.js needs none.
    const works = diagnosis.backends.filter(({ problem }) => problem === '').map(({ name }) => name);
    expect(works.filter((name) => !name.startsWith('gpujs-'))).toEqual([]);
    expect(diagnosis.canMeasure).toBe(works.length > 0);
    expect(code).toBe(works.length > 0 ? 0 : 6);
    expect(withoutWaiting(stderr)).toMatch(
      works.length > 0 ? /^$/ : /^error: Nothing can be measured on this device.*\n$/,
    );
    for (const name of ['c-gcc', 'c-clang']) {
      expect(diagnosis.checks.find((check) => check.name === `backend ${name}`)).toMatchObject({
        status: 'failed',
        fix: expect.stringContaining('apt-get install'),
      });
    }
    for (const { timings, problem } of diagnosis.blas) {
      expect(timings).toEqual([]);
      expect(problem).toContain('not tried');
    }
  });

  it('ends cleanly at Ctrl-C in the midst of its work, and leaves no process behind', async (context) => {
    const usable = await runAgent('describe', '--json');
    const { backends } = JSON.parse(usable.stdout) as { backends: { available: boolean }[] };
    context.skip(!backends.some(({ available }) => available), 'no C compiler works here');
    const child = start({ ALPHATENSOR_CACHE_DIR: cache });
    const ended = once(child, 'close');
    let stderr = '';
    child.stderr?.on('data', (text) => {
      stderr += text;
    });
    await expect.poll(() => descendants(child.pid!).length, { timeout: 60_000, interval: 20 }).toBeGreaterThan(0);
    const processes = descendants(child.pid!);
    child.kill('SIGINT');
    const [code] = await ended;
    expect(code).toBe(130);
    expect(withoutWaiting(stderr)).toBe('error: Stopped on request.\n');
    await expect.poll(() => stillRunning(processes), { timeout: 2000 }).toEqual([]);
  });
});

/** Leaves out that agents of other tests measure meanwhile. */
function withoutWaiting(stderr: string): string {
  return stderr.replace(/^note: waiting for the measurement of .*\n/gm, '');
}
