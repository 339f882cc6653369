import { growthOfLevels, standard, winograd } from '@alphatensor-edge/shared';
import type { Program } from '../backends/backend.js';
import type { SidesErrors } from '../measure/correctness.js';
import { fitErrorConstant, MIN_LEAF_DEPTH } from '../measure/error-prediction.js';
import type { Accuracy } from '../measure/measurement.js';
import type { InputKind, ProductErrors } from '../process/harness.js';
import type { JobHooks } from './job.js';
import { ownProgram, SIDE } from './sides.js';
import { errorsAtDepth, type SmallBench } from './small-product.js';
import type { Timed } from './time.js';

/** Holds a timed job with what its errors are to be compared with. */
export interface Judged extends Timed {
  readonly accuracy: Accuracy;
}

/** Finds what a job's errors are to be compared with. */
export async function judgeAccuracy(timed: Timed, { signal }: JobHooks): Promise<Judged> {
  const growth = growthOfLevels(timed.job.levels);
  const constant = await errorConstant(timed, signal);
  return {
    ...timed,
    accuracy: {
      growth,
      ownErrors: await ownErrors(timed, signal),
      predictedRelativeError: constant === undefined ? undefined : constant * growth,
    },
  };
}

/**
 * Finds own <1,1,1>'s errors: those of the timed one, else those on a small product of the same depth, if the program is made
 * for this device's processor.
 */
async function ownErrors(timed: Timed, signal: AbortSignal): Promise<Accuracy['ownErrors']> {
  const { job, backend, programs, verdict } = timed;
  if (programs.own !== undefined) return errorsOf(verdict.inputErrors);
  if (!isCompiledForCpu(timed)) return undefined;
  return errorsAtDepth(timed, ownProgram(job, backend), job.problem.k, signal);
}

function errorsOf(inputErrors: readonly SidesErrors[]): Partial<Record<InputKind, ProductErrors>> {
  return Object.fromEntries(inputErrors.map(({ kind, errors }) => [kind, errors[SIDE.own]]));
}

/** Finds the constant for the candidate. Undefined without one, for shallow leaf products, and on accelerators. */
async function errorConstant(timed: Timed, signal: AbortSignal): Promise<number | undefined> {
  const { job, programs } = timed;
  if (programs.candidate === undefined || !isCompiledForCpu(timed)) return undefined;
  const depth = leafDepth(job.levels, job.problem.k);
  return depth < MIN_LEAF_DEPTH ? undefined : errorConstantAt(timed, programs.candidate, depth, signal);
}

/** Computes the depth of the innermost products of an algorithm. */
export function leafDepth(levels: Program['levels'], k: number): number {
  return Math.ceil(k / levels.reduce((product, { size }) => product * size.m, 1));
}

/**
 * Measures what errors are predicted from: those of <1,1,1> and of Winograd's form, on small products whose leaf products have
 * the given depth and are summed by the same kernel. Undefined if one of them does not run.
 */
export async function errorConstantAt(
  bench: SmallBench,
  { variant, dtype, kernel }: Pick<Program, 'variant' | 'dtype' | 'kernel'>,
  depth: number,
  signal: AbortSignal,
): Promise<number | undefined> {
  const sampled = async (level: Program['levels'][number]) => {
    const program = bench.backend.program(variant, [level], dtype, kernel);
    const errors = await errorsAtDepth(bench, program, level.size.m * depth, signal);
    return errors && { growth: growthOfLevels([level]), relativeError: errors['zero-mean'].relativeError };
  };
  const [plain, other] = [await sampled(standard({ n: 1, m: 1, p: 1 })), await sampled(winograd())];
  return plain && other && fitErrorConstant([plain, other]);
}

/** Tells whether programs are compiled, and run on this device's processor: then a further small one costs next to nothing. */
function isCompiledForCpu({ toolchain }: Timed): boolean {
  return typeof toolchain.harness === 'string' && toolchain.freeDeviceMemory === undefined;
}
