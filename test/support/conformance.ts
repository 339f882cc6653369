import { expect } from 'vitest';
import type { Program } from '../../agent/src/backends/backend.js';
import { interpret } from '../../agent/src/plan/interpret.js';
import type { NumberFormat } from '../../agent/src/plan/plan.js';
import { type Harness, type HarnessOptions, withHarness } from '../../agent/src/process/harness.js';

const SECONDS = 30;
const MEMORY_BYTES = 4 * 1024 ** 3;

/** Relative to the largest element; for what cannot be exact. */
export const TOLERANCE: Readonly<Record<NumberFormat, number>> = { f32: 1e-5, f64: 1e-13, f16: 1e-2, bf16: 8e-2 };

export interface OracleOptions
  extends Pick<HarnessOptions, 'harness' | 'blas' | 'programs' | 'dimensions' | 'dtype' | 'cpus' | 'transposed'> {
  /** Default: 4 GiB. */
  readonly memoryBytes?: number;
  /** Of the program's workspace, bytes. Default: none. */
  readonly workspaceLimit?: number | undefined;
  /** What else to ask of the child. */
  readonly further?: (child: Harness) => Promise<unknown>;
}

/**
 * One program on one shape: the workspace as predicted, every element as the slow oracle's, and a child that ends in order.
 * Without a program it is the baseline that is compared.
 */
export async function compareWithOracle(options: OracleOptions, program?: Program): Promise<void> {
  const { dimensions, dtype, cpus, memoryBytes = MEMORY_BYTES, workspaceLimit, further } = options;
  const problem = { ...dimensions, dtype };
  const range = program?.exactRange(problem) ?? 1;
  const signal = new AbortController().signal;
  const workspaceLimits = { C: workspaceLimit };
  const limits = { seed: 1, memoryBytes, cpuSeconds: 60, startSeconds: 2 * SECONDS, workspaceLimits, signal };
  await withChild({ ...options, ...limits }, async (child) => {
    const { workspaceBytes: asked } = await child.introduction();
    // Interpreters and their compilers manage their own memory.
    if (typeof options.harness === 'string') {
      expect(asked).toBe(program?.workspaceBytes(problem, cpus.length, workspaceLimit) ?? 0);
    }
    await child.fillIntegers(Math.max(1, range), SECONDS);
    await child.run(program === undefined ? 'B' : 'C', SECONDS);
    const a = await child.show('A', SECONDS);
    const b = await child.show('B', SECONDS);
    const expected = interpret(program?.levels ?? [], dimensions, a, b);
    const got = await child.show('C', SECONDS);
    const scale = expected.reduce((most, x) => Math.max(most, Math.abs(x)), 1);
    const allowed = range > 0 ? 0 : TOLERANCE[dtype] * scale;
    const wrong = got.findIndex((x, i) => !(Math.abs(x - expected[i]) <= allowed));
    const place = `element ${wrong} of ${JSON.stringify(dimensions)}`;
    expect(wrong === -1 ? 'equal' : `${place} is ${got[wrong]}, not ${expected[wrong]}`).toBe('equal');
    await further?.(child);
  });
}

/** Runs an action with a measuring child. Where the child dies, or ends in disorder, the error is what it said. */
async function withChild(options: HarnessOptions, action: (child: Harness) => Promise<void>): Promise<void> {
  await withHarness(options, async (child) => {
    await action(child).catch((error) => {
      if (child.end === undefined) throw error;
      throw new Error(`The child ended: ${child.end.stderr}`, { cause: error });
    });
    const { reason, exitCode, stderr } = await child.close();
    // On a busy device it may be killed before it has ended by itself.
    if (reason === 'exited' && exitCode !== 0) throw new Error(`The child ended with ${exitCode}: ${stderr}`);
  });
}
