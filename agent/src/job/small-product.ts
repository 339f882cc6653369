import type { Program } from '../backends/backend.js';
import { childOptions } from '../measure/child-options.js';
import { memoryNeed } from '../measure/memory.js';
import { cpuSecondsFor, patienceFor } from '../measure/patience.js';
import { withHarness } from '../process/harness.js';
import type { Programmed } from './program.js';
import { SIDE } from './sides.js';

/**
 * Rows and columns of A and B's other dimensions. A relative error hardly depends on them: that of 65,536 elements of C is
 * known within a percent.
 */
const SMALL = 256;

const measured = new Map<string, Promise<number | undefined>>();

/**
 * Measures the relative Frobenius error of a program on random inputs of the job's seed, on a product of a given depth with
 * few rows and columns, on one thread. It is measured once in the life of the process. Undefined if the program cannot be
 * compiled or does not end well. The caller holds the host lock.
 * @param depth k of the small product
 */
export function errorAtDepth(
  programmed: Programmed,
  program: Program,
  depth: number,
  signal: AbortSignal,
): Promise<number | undefined> {
  const { backend, toolchain, job } = programmed;
  const key = JSON.stringify([backend.name, toolchain.compiler.version, program.source(), depth, job.protocol.seed]);
  let error = measured.get(key);
  if (error === undefined) {
    error = measure(programmed, program, depth, signal);
    measured.set(key, error);
    // A cancelled measurement says nothing, so the next job measures again.
    error.catch(() => measured.delete(key));
  }
  return error;
}

async function measure(
  { job, toolchain }: Programmed,
  program: Program,
  depth: number,
  signal: AbortSignal,
): Promise<number | undefined> {
  const { protocol, compileTimeoutSeconds } = job;
  const compiled = await toolchain.compile(program.source(), { signal, deadlineSeconds: compileTimeoutSeconds });
  signal.throwIfAborted();
  if (!compiled.ok) return undefined;
  const problem = { m: SMALL, k: depth, n: SMALL, dtype: program.dtype, threads: 1 };
  const patience = patienceFor(problem);
  const options = childOptions({
    harness: toolchain.harness,
    blas: toolchain.blas[0],
    problem,
    need: memoryNeed(problem, [program.workspaceBytes(problem, 1)]),
    patience,
    cpuSeconds: cpuSecondsFor(1, protocol, patience),
    seed: protocol.seed,
    programs: { [SIDE.own]: compiled.path },
    signal,
  });
  return withHarness(options, async (child) => {
    try {
      await child.introduction();
      await child.fillUniform(patience.aside);
      await child.run(SIDE.own, patience.first);
      return await child.relativeError(patience.aside);
    } catch (error) {
      signal.throwIfAborted();
      if (child.end !== undefined || child.refusal !== undefined) return undefined;
      throw error;
    }
  });
}
