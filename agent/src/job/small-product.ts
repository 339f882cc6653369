import { createHash } from 'node:crypto';
import type { Program } from '../backends/backend.js';
import { childOptions } from '../measure/child-options.js';
import { memoryNeed } from '../measure/memory.js';
import { cpuSecondsFor, patienceFor } from '../measure/patience.js';
import { type InputKind, type ProductErrors, withHarness } from '../process/harness.js';
import type { Job } from './job.js';
import type { Programmed } from './program.js';
import { SIDE } from './sides.js';

/**
 * Rows of A and columns of B. A relative error hardly depends on them: the one over so many elements of C is known within a
 * percent.
 */
const SMALL = 256;

/** Holds the errors of a program on small products, by the kind of inputs. */
export type SmallErrors = Readonly<Record<InputKind, ProductErrors>>;

/** Holds what runs a program on a small product. */
export interface SmallBench extends Pick<Programmed, 'backend' | 'toolchain'> {
  readonly job: Pick<Job, 'protocol' | 'compileTimeoutSeconds'>;
}

/** Bounds the results that are kept, since trainers choose depths and seeds. */
const MAX_KEPT = 1000;
const measured = new Map<string, Promise<SmallErrors | undefined>>();

/**
 * Measures the errors of a program on random inputs of every kind, on a product of a given depth with few rows and columns, on
 * one thread. That is done once in the life of the process. Undefined if the program cannot be compiled or does not end well.
 * The caller holds the host lock.
 * @param depth k of the small product
 */
export function errorsAtDepth(
  bench: SmallBench,
  program: Program,
  depth: number,
  signal: AbortSignal,
): Promise<SmallErrors | undefined> {
  const { backend, toolchain, job } = bench;
  // Sources are long.
  const source = createHash('sha256').update(program.source()).digest('hex');
  const key = JSON.stringify([backend.name, toolchain.compiler.version, source, depth, job.protocol.seed]);
  let errors = measured.get(key);
  if (errors === undefined) {
    errors = measure(bench, program, depth, signal);
    measured.set(key, errors);
    // The oldest is dropped first.
    if (measured.size > MAX_KEPT) measured.delete(measured.keys().next().value ?? key);
    // A cancelled measurement says nothing, so the next job measures again.
    errors.catch(() => measured.delete(key));
  }
  return errors;
}

async function measure(
  { job, toolchain }: SmallBench,
  program: Program,
  depth: number,
  signal: AbortSignal,
): Promise<SmallErrors | undefined> {
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
    programs: { [SIDE.candidate]: compiled.path },
    signal,
  });
  return withHarness(options, async (child) => {
    try {
      await child.introduction();
      const errorsOn = async (kind: InputKind): Promise<ProductErrors> => {
        await child.fillRandom(kind, patience.aside);
        await child.run(SIDE.candidate, patience.first);
        return child.errors(patience.aside);
      };
      return {
        'zero-mean': await errorsOn('zero-mean'),
        positive: await errorsOn('positive'),
        'badly-scaled': await errorsOn('badly-scaled'),
      };
    } catch (error) {
      signal.throwIfAborted();
      if (child.end !== undefined || child.refusal !== undefined) return undefined;
      throw error;
    }
  });
}
