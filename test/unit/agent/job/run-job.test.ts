import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Measurement, Outcome } from '@alphatensor-edge/proto';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import type { Toolchain, ToolchainProbe } from '../../../../agent/src/backends/backend.js';
import { findBackend, findToolchain } from '../../../../agent/src/backends/backends.js';
import { judgeAccuracy } from '../../../../agent/src/job/accuracy.js';
import { buildPrograms } from '../../../../agent/src/job/build.js';
import { checkPrograms } from '../../../../agent/src/job/check.js';
import { isOutcome, noFacts } from '../../../../agent/src/job/failure.js';
import type { Job } from '../../../../agent/src/job/job.js';
import { inChild } from '../../../../agent/src/job/load.js';
import { outcomeOf } from '../../../../agent/src/job/outcome.js';
import type { Programmed } from '../../../../agent/src/job/program.js';
import { runJob } from '../../../../agent/src/job/run-job.js';
import { type Setup, setupFor } from '../../../../agent/src/job/setup.js';
import { timePrograms } from '../../../../agent/src/job/time.js';
import { memoryShortage } from '../../../../agent/src/measure/memory.js';
import { cpuSecondsFor, patienceFor } from '../../../../agent/src/measure/patience.js';
import { resolveProtocol } from '../../../../agent/src/measure/protocol.js';
import { pairedRatio, strassen, winograd } from '../../../../shared/src/index.js';
import { modulo2 } from '../../../support/factorizations.js';

// What can happen to a candidate, each made to happen; a hand-written program takes the place of a generated one.

/** A control that finds no difference. */
const QUIET = { estimate: 1, low: 0.999, high: 1.001 };
const never = new AbortController().signal;
const SECONDS = 60;

let probe: ToolchainProbe;
let cache: string;
beforeAll(async () => {
  cache = mkdtempSync(join(tmpdir(), 'at-agent-cache-'));
  process.env.ALPHATENSOR_CACHE_DIR = cache;
  probe = await findToolchain('c-gcc', never);
}, 120_000);
afterAll(() => {
  delete process.env.ALPHATENSOR_CACHE_DIR;
  rmSync(cache, { recursive: true, force: true });
});

function toolchainOrSkip(context: TestContext): Toolchain {
  if (!probe.ok) return context.skip(`c-gcc: ${probe.reason}`);
  return probe.toolchain;
}

/** A program that multiplies rightly and then does the given C statements. */
function program(body: string, workspaceBytes = '0'): string {
  return `
#include "candidate.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
static size_t workspace_bytes(size_t m, size_t k, size_t n) { return (m + k + n) * 0 + ${workspaceBytes}; }
static void multiply(const at_runtime *runtime, size_t m, size_t k, size_t n, const void *a, size_t lda, const void *b,
                     size_t ldb, void *c, size_t ldc, void *workspace) {
  (void)workspace;
  runtime->sgemm(m, n, k, 1, a, lda, b, ldb, c, ldc);
  ${body}
}
const at_program_t at_program = {AT_ABI_VERSION, sizeof(float), workspace_bytes, multiply};
`;
}

const problem = { m: 40, k: 50, n: 60, dtype: 'f32', threads: 1 } as const;
const protocol = resolveProtocol(
  {
    minRounds: 3,
    maxRounds: 5,
    minSampleSeconds: 0.001,
    minWarmupSeconds: 0.001,
    targetRelativeHalfWidth: 0,
    budgetSeconds: 1,
    maxRelativeError: 0,
    seed: 1,
    includeOwnGemm: false,
    includeFurtherInputs: false,
    minMeasuringSeconds: 0,
  },
  'f32',
);

const job: Job = {
  jobId: 'job',
  levels: [strassen()],
  problem,
  backend: 'c-gcc',
  variant: '',
  protocol,
  tunePlans: 0,
  compileTimeoutSeconds: SECONDS,
};
const hooks = { signal: never, onProgress: () => undefined };

/** A job of which one would think that it is Strassen's, with a source of one's own. */
function programmed(context: TestContext, source: string, changes: Partial<Job> = {}): Programmed {
  const toolchain = toolchainOrSkip(context);
  const backend = findBackend('c-gcc')!;
  const candidate = {
    ...backend.program('packed', [strassen()], problem.dtype),
    source: () => source,
    workspaceBytes: () => 0,
    exactRange: () => 3,
  };
  return { job: { ...job, ...changes }, backend, toolchain, programs: { candidate }, facts: noFacts(job) };
}

async function outcomeWith(
  context: TestContext,
  body: string,
  {
    signal = never,
    changes = {} as Partial<typeof protocol>,
    setup = {} as Partial<Setup>,
    workspaceBytes = '0',
    k = problem.k as number,
  } = {},
): Promise<Outcome> {
  const written = programmed(context, program(body, workspaceBytes), {
    protocol: { ...protocol, ...changes },
    problem: { ...problem, k },
  });
  const built = await buildPrograms(written, hooks);
  if (isOutcome(built)) throw new Error(JSON.stringify(built));
  return inChild(
    built,
    { ...hooks, signal },
    async (loaded) => {
      const checked = await checkPrograms(loaded);
      return isOutcome(checked)
        ? checked
        : outcomeOf(await judgeAccuracy(await timePrograms(checked, hooks), hooks), QUIET);
    },
    { ...setupFor(built), ...setup },
  );
}

/** The measurement, where there must be one. */
function measurementIn(outcome: Outcome): Measurement {
  if (!outcome.measurement) throw new Error(JSON.stringify(outcome));
  return outcome.measurement;
}

describe('a candidate', () => {
  it('that is right is measured, with raw samples of both sides', async (context) => {
    const result = await outcomeWith(context, '');
    const { baselineSeconds, candidateSeconds, speedup, relativeError } = measurementIn(result);
    expect(baselineSeconds.length).toBeGreaterThanOrEqual(3);
    expect(candidateSeconds).toHaveLength(baselineSeconds.length);
    expect(speedup?.low).toBeLessThanOrEqual(speedup?.high ?? 0);
    expect(relativeError).toBeLessThan(1e-6);
  });

  it('that is to be sustained goes on for as long, and shows what is left at the end', async (context) => {
    const result = await outcomeWith(context, '', { changes: { minMeasuringSeconds: 0.5, maxRounds: 1000 } });
    const { baselineSeconds, candidateSeconds, sustainedSpeedup } = measurementIn(result);
    expect(baselineSeconds.length).toBeGreaterThan(protocol.maxRounds);
    const third = -Math.ceil(baselineSeconds.length / 3);
    expect(sustainedSpeedup).toEqual(
      pairedRatio(baselineSeconds.slice(third), candidateSeconds.slice(third), { seed: 1 }),
    );
  });

  it('has its energy and the baseline’s recorded for one product, where the device tells it', async (context) => {
    // The meter gains 1 J between two readings, so every sample has used 1 J.
    let joules = 0;
    const result = await outcomeWith(context, '', { setup: { energy: () => joules++ } });
    const { baselineJoules, candidateJoules, baselineSeconds } = measurementIn(result);
    // A product so small runs many times in a sample: the joule is that of all these runs.
    for (const each of [baselineJoules, candidateJoules]) {
      const runs = 1 / each!;
      expect(runs).toBeCloseTo(Math.round(runs), 6);
      expect(runs).toBeGreaterThan(1);
    }
    expect(joules).toBe(4 * baselineSeconds.length);
  });

  it('has no energy where the device does not tell it, stops telling it, or its counters stand still', async (context) => {
    let readings = 0;
    for (const energy of [undefined, () => (readings++ < 3 ? readings : undefined), () => 5]) {
      const result = await outcomeWith(context, '', { setup: { energy } });
      expect(measurementIn(result)).not.toHaveProperty('baselineJoules');
      expect(measurementIn(result)).not.toHaveProperty('candidateJoules');
    }
  });

  it('that gets one element wrong is caught by the exact check, with its place', async (context) => {
    const outcome = await outcomeWith(context, '((float *)c)[7 * ldc + 5] += 1;');
    expect(outcome).toMatchObject({ kind: 'OUTCOME_KIND_WRONG_RESULT' });
    expect(outcome).toHaveProperty('message', expect.stringContaining('row 7, column 5'));
  });

  it('that leaves an element unwritten is caught', async (context) => {
    const outcome = await outcomeWith(
      context,
      'static float kept; if (kept == 0) kept = 1; ((float *)c)[3] = 0.0f / 0.0f;',
    );
    expect(outcome).toMatchObject({ kind: 'OUTCOME_KIND_WRONG_RESULT' });
    expect(outcome).toHaveProperty('message', expect.stringContaining('not a finite number'));
  });

  it('that is right on integers but rounds too much is wrong by the error bound, the request’s or the default', async (context) => {
    const body = 'for (size_t i = 0; i < m * n; i++) ((float *)c)[i] = __builtin_rintf(((float *)c)[i] * 64) / 64;';
    const outcome = await outcomeWith(context, body);
    expect(outcome).toMatchObject({ kind: 'OUTCOME_KIND_WRONG_RESULT', overErrorBound: true });
    expect(outcome).toHaveProperty(
      'message',
      expect.stringMatching(
        /relative error .* over the limit of 0\.0001, that of the agent's default for f32 \(the baseline's is \S+\)/,
      ),
    );
    const tolerated = await outcomeWith(context, body, { changes: { maxRelativeError: 0.1 } });
    const { relativeError } = measurementIn(tolerated);
    expect(await outcomeWith(context, body, { changes: { maxRelativeError: relativeError / 1.01 } })).toMatchObject({
      kind: 'OUTCOME_KIND_WRONG_RESULT',
      overErrorBound: true,
    });
  });

  it('that rounds more than its growth predicts is measured, and its fault is told', async (context) => {
    const coarse = (scale: number) =>
      `for (size_t i = 0; i < m * n; i++) ((float *)c)[i] = __builtin_rintf(((float *)c)[i] * ${scale}) / ${scale};`;
    const faulty = measurementIn(await outcomeWith(context, coarse(2 ** 16), { k: 100 }));
    const predicted = faulty.predictedRelativeError ?? 0;
    expect(faulty.relativeError / predicted).toBeGreaterThan(3);
    expect(faulty.flags).toContainEqual(
      expect.stringMatching(/times what the error growth of 2\.00 predicts: a fault/),
    );
    const right = measurementIn(await outcomeWith(context, '', { k: 100 }));
    expect(right.predictedRelativeError).toBe(predicted);
    expect(right.flags).not.toContainEqual(expect.stringContaining('fault'));
    // Sums that are too short for their rounding to be all that counts.
    const shallow = measurementIn(await outcomeWith(context, coarse(2 ** 16), { k: 62 }));
    expect(shallow.predictedRelativeError).toBeUndefined();
    expect(shallow.flags).not.toContainEqual(expect.stringContaining('fault'));
  });

  it('that takes more memory than was predicted is refused it, with the number', async (context) => {
    const outcome = await outcomeWith(context, '', { workspaceBytes: '((size_t)1 << 36)' });
    expect(outcome).toMatchObject({ kind: 'OUTCOME_KIND_OUT_OF_MEMORY' });
    expect(outcome).toHaveProperty('message', expect.stringContaining('the workspace (65536 MiB)'));
  });

  it('that crashes is named by its signal', async (context) => {
    const outcome = await outcomeWith(context, 'fprintf(stderr, "last words"); fflush(stderr); abort();');
    expect(outcome).toMatchObject({ kind: 'OUTCOME_KIND_CRASHED', diagnostics: 'last words' });
    expect(outcome).toHaveProperty('message', expect.stringContaining('SIGABRT'));
  });

  it('that ends its process is a crash too', async (context) => {
    const outcome = await outcomeWith(context, '_exit(0);');
    expect(outcome).toMatchObject({ kind: 'OUTCOME_KIND_CRASHED' });
  });

  it('that writes a large file is stopped', async (context) => {
    const body = 'FILE *f = fopen("big", "w"); for (int i = 0; i < 4 << 20; i++) fputc(0, f); fflush(f);';
    const outcome = await outcomeWith(context, body);
    expect(outcome).toHaveProperty('message', expect.stringContaining('SIGXFSZ'));
  });

  it('that hangs is killed at the deadline', async (context) => {
    const outcome = await outcomeWith(context, 'for (;;) sleep(1);', { setup: { patience: patienceFor(problem, 1) } });
    expect(outcome).toMatchObject({ kind: 'OUTCOME_KIND_TIMEOUT' });
  });

  it('that uses up its processor time took too long, which is no crash', async (context) => {
    const outcome = await outcomeWith(context, 'for (volatile int i = 0;;) i = 1;', { setup: { cpuSeconds: 1 } });
    expect(outcome).toMatchObject({ kind: 'OUTCOME_KIND_TIMEOUT' });
    expect(outcome).toHaveProperty('message', expect.stringContaining('processor time'));
  });

  it('that nobody waits for any more is killed at once', async (context) => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 500);
    const started = performance.now();
    const outcome = await outcomeWith(context, 'for (;;) sleep(1);', { signal: stop.signal });
    expect(outcome).toMatchObject({ kind: 'OUTCOME_KIND_CANCELLED' });
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('that does not compile says what the compiler said', async (context) => {
    const outcome = await buildPrograms(programmed(context, '#error on purpose\n'), hooks);
    expect(outcome).toMatchObject({ kind: 'OUTCOME_KIND_COMPILE_FAILED' });
    expect(outcome).toHaveProperty('diagnostics', expect.stringContaining('on purpose'));
  });

  it('that compiles for too long is given up', async (context) => {
    const slow = programmed(context, program('/* slow */'), { compileTimeoutSeconds: 0.001 });
    expect(await buildPrograms(slow, hooks)).toMatchObject({ kind: 'OUTCOME_KIND_TIMEOUT' });
  });
});

describe('a job', () => {
  it('is compiled once, and measured both times', async (context) => {
    toolchainOrSkip(context);
    const seen: string[] = [];
    const first = await runJob(job, { signal: never, onProgress: ({ kind }) => seen.push(kind) });
    expect(first).toMatchObject({ kind: 'OUTCOME_KIND_MEASURED', compileCached: false, message: '' });
    expect(first.environment).toMatchObject({ backend: 'c-gcc', variant: 'packed', baselineThreads: 1 });
    expect(first.measurement?.aaControl).toBeDefined();
    expect(seen[0]).toBe('compiling');
    expect(seen.at(-1)).toBe('measuring');
    const second = await runJob(job, hooks);
    expect(second).toMatchObject({ kind: 'OUTCOME_KIND_MEASURED', compileCached: true });
    expect(existsSync(join(cache, 'programs'))).toBe(true);
  });

  it('without levels times the baseline against itself; the own GEMM can be timed beside', async (context) => {
    toolchainOrSkip(context);
    const outcome = await runJob({ ...job, levels: [], protocol: { ...protocol, includeOwnGemm: true } }, hooks);
    expect(outcome).toMatchObject({ kind: 'OUTCOME_KIND_MEASURED', workspaceBytes: 0 });
    expect(outcome.measurement?.ownGemmSeconds.length).toBe(outcome.measurement?.baselineSeconds.length);
    expect(outcome.measurement?.ownGemmSpeedup).toBeDefined();
    expect(outcome.measurement?.fasterThanBaseline).toBe(false);
  });

  it("tells its growth, what that predicts, and own <1,1,1>'s errors, whether or not that is timed", async (context) => {
    toolchainOrSkip(context);
    const changes = { minRounds: 3, includeFurtherInputs: true };
    const square = { ...job, levels: [winograd()], problem: { ...problem, m: 256, k: 300, n: 256 } };
    const measure = async (includeOwnGemm: boolean) =>
      measurementIn(await runJob({ ...square, protocol: { ...protocol, ...changes, includeOwnGemm } }, hooks));
    const [untimed, timed] = [await measure(false), await measure(true)];
    expect(untimed.growth).toBeCloseTo(Math.sqrt(7), 12);
    expect(untimed.relativeError / (untimed.predictedRelativeError ?? 0)).toBeCloseTo(1, 1);
    expect(untimed.ownGemmSeconds).toEqual([]);
    // Other random numbers of the same kind.
    expect((untimed.ownGemmRelativeError ?? 0) / (timed.ownGemmRelativeError ?? 0)).toBeCloseTo(1, 1);
    expect(untimed.inputErrors.map(({ kind }) => kind)).toEqual([
      'INPUT_KIND_ZERO_MEAN',
      'INPUT_KIND_POSITIVE',
      'INPUT_KIND_BADLY_SCALED',
    ]);
    const [zeroMean, positive, badlyScaled] = untimed.inputErrors;
    expect(zeroMean).toMatchObject({
      relativeError: untimed.relativeError,
      baselineRelativeError: untimed.baselineRelativeError,
      ownGemmRelativeError: untimed.ownGemmRelativeError,
    });
    expect(positive.relativeError).toBeLessThan(untimed.relativeError);
    // Winograd's form adds up columns of A that belong to rows of B of other powers of two; the plain product does not.
    expect(badlyScaled.relativeError).toBeGreaterThan(100 * untimed.relativeError);
    expect(badlyScaled.baselineRelativeError).toBeLessThan(2 * untimed.baselineRelativeError);
    expect(badlyScaled.baselineComponentwiseError).toBeLessThan(1e-6);
    expect(badlyScaled.componentwiseError).toBeGreaterThan(badlyScaled.relativeError);
  });

  it('is measured with the fastest of the plans that were tried, which are tried once', async (context) => {
    toolchainOrSkip(context);
    const seen: string[] = [];
    const tunedJob = { ...job, tunePlans: 3 };
    const listen = { signal: never, onProgress: ({ kind }: { kind: string }) => seen.push(kind) };
    const first = await runJob(tunedJob, listen);
    expect(first.kind).toBe('OUTCOME_KIND_MEASURED');
    expect(seen.filter((kind) => kind === 'tuning')).toHaveLength(2);
    const again = await runJob(tunedJob, listen);
    expect(seen.filter((kind) => kind === 'tuning')).toHaveLength(2);
    expect(again.environment?.kernelPlan).toEqual(first.environment?.kernelPlan);
    expect(again.compileCached).toBe(true);
  });

  it('keeps the bound on its workspace, or is refused with the numbers', async (context) => {
    toolchainOrSkip(context);
    const large = { ...job, levels: [winograd(), winograd()], problem: { ...problem, m: 500, k: 500, n: 500 } };
    const free = await runJob(large, hooks);
    expect(free.workspaceBytes).toBeGreaterThan(3 * 500 * 500 * 4);
    const bounded = await runJob({ ...large, maxWorkspaceBytes: 3 * 500 * 500 * 4 }, hooks);
    expect(bounded.kind).toBe('OUTCOME_KIND_MEASURED');
    expect(bounded.workspaceBytes).toBeLessThanOrEqual(3 * 500 * 500 * 4);
    expect(bounded.measurement?.relativeError).toBe(free.measurement?.relativeError);
    const refused = await runJob({ ...large, maxWorkspaceBytes: 2048 }, hooks);
    expect(refused.kind).toBe('OUTCOME_KIND_OUT_OF_MEMORY');
    expect(refused.message).toMatch(/at least \d+ KiB of workspace, more than the 2 KiB that it may take/);
  });

  it('that cannot fit is refused with the numbers before anything is allocated', async () => {
    const outcome = await runJob(
      { ...job, problem: { ...problem, m: 65_536, k: 65_536, n: 65_536, dtype: 'f64' } },
      hooks,
    );
    expect(outcome.kind).toBe('OUTCOME_KIND_OUT_OF_MEMORY');
    expect(outcome.message).toMatch(/needs \d+ MiB \(matrices 98304 MiB, workspace \d+ MiB/);
    expect(outcome.workspaceBytes).toBeGreaterThan(0);
  });

  it('is told to fit by what is free', () => {
    const need = { matrices: 2 ** 20, workspace: 2 ** 20, total: 3 * 2 ** 20 };
    expect(memoryShortage(need, 4 * 2 ** 20)).toBeUndefined();
    expect(memoryShortage(need, 3 * 2 ** 20)).toContain('needs 3 MiB');
  });

  it('has the processor time that a slow device takes for a large product', () => {
    const large = { m: 8192, k: 8192, n: 8192, dtype: 'f32', threads: 1 } as const;
    const defaults = resolveProtocol(null, 'f32');
    const seconds = (2 * large.m * large.k * large.n) / 1e9;
    expect(cpuSecondsFor(1, defaults, patienceFor(large))).toBeGreaterThan(3 * (defaults.minRounds + 4) * seconds);
  });

  it.each([
    ['modulo 2', { levels: [modulo2(winograd())] }, /modulo 2/],
    ['an unknown backend', { backend: 'c-tcc' }, /c-gcc, c-clang/],
    ['an unknown variant', { variant: 'folded' }, /packed, temporaries/],
    ['more threads than CPUs', { problem: { ...problem, threads: 5000 } }, /5000 threads/],
  ])('is unsupported with %s', async (_, change, message) => {
    const outcome = await runJob({ ...job, ...change }, hooks);
    expect(outcome.kind).toBe('OUTCOME_KIND_UNSUPPORTED');
    expect(outcome.message).toMatch(message);
  });

  it('is cancelled while it waits or compiles', async (context) => {
    toolchainOrSkip(context);
    const outcome = await runJob({ ...job, levels: [winograd()] }, { ...hooks, signal: AbortSignal.abort() });
    expect(outcome.kind).toBe('OUTCOME_KIND_CANCELLED');
  });
});
