import { compileProgram } from '@alphatensor-edge/agent/backends/c-compiler.js';
import { type CProgram, cProgram } from '@alphatensor-edge/agent/codegen/c/variant.js';
import type { DType } from '@alphatensor-edge/agent/plan/plan.js';
import {
  growthOfLevels,
  messageOf,
  type Size,
  type VerifiedFactorization,
  type WorkspaceBound,
} from '@alphatensor-edge/shared';
import { isKnown, levelsOf } from './algorithms.js';
import type { Generator } from './earlier.js';
import type { Settings } from './options.js';
import type { Target } from './target.js';

const COMPILE_SECONDS = 300;

/** A program of one number format, or why it cannot be had. */
export type Built = Compiled | { readonly name: string; readonly reason: string };

export interface Compiled {
  /** The algorithm's, with `earlier` for the program of the earlier commit. */
  readonly name: string;
  /** The letter by which the measuring child knows it. */
  readonly side: string;
  /** The side of the earlier commit's program of the same algorithm. */
  readonly earlierSide?: string | undefined;
  readonly isEarlier: boolean;
  /** The bound on its workspace. */
  readonly bound?: WorkspaceBound | undefined;
  readonly levels: readonly (Size & { readonly rank: number })[];
  /** How much it multiplies the error of a plain product, see growth.ts of `shared`. */
  readonly growth: number;
  readonly program: CProgram;
  readonly path: string;
  /** Null where it was in the cache. */
  readonly compileSeconds: number | null;
}

/** Letters for programs: any but B, the baseline's. Further libraries have digits. */
const LETTERS = 'abcdefghijklmnopqrstuvwxyzACDEFGHIJKLMNOPQRSTUVWXYZ';

/** Generates and compiles every algorithm, with the generator of the earlier commit too where there is one. */
export async function buildPrograms(
  { programs, kernel, workspaceBounds }: Pick<Settings, 'programs' | 'kernel' | 'workspaceBounds'>,
  dtype: DType,
  target: Target,
  earlier: Generator | undefined,
  signal: AbortSignal,
): Promise<Built[]> {
  const letters = [...LETTERS];
  const nextSide = (): string => letters.shift() as string;
  const compile = async (
    name: string,
    levels: readonly VerifiedFactorization[],
    generator: Generator | undefined,
  ): Promise<Compiled> => {
    const generate = generator?.cProgram ?? cProgram;
    const asPlanned = generate('packed', levels, dtype, target);
    const changes = Object.keys(kernel).length > 0 && asPlanned.kernel !== undefined;
    const program = changes
      ? generate('packed', levels, dtype, target, { ...asPlanned.kernel, ...kernel } as typeof asPlanned.kernel)
      : asPlanned;
    process.stderr.write(`${dtype} ${name}: compiling\n`);
    const options = { signal, deadlineSeconds: COMPILE_SECONDS };
    const compiled = await compileProgram(target.compiler, program.source(), options, generator?.native);
    if (!compiled.ok) {
      const complaint = compiled.end.stderr.trim().slice(0, 500);
      throw new Error(`${target.compiler.command}: ${complaint || 'it took too long'}`);
    }
    return {
      name,
      side: nextSide(),
      isEarlier: generator !== undefined,
      levels: levels.map(({ size, rank }) => ({ ...size, rank })),
      growth: growthOfLevels(levels),
      program,
      path: compiled.path,
      compileSeconds: compiled.cached ? null : compiled.seconds,
    };
  };
  const built: Built[] = [];
  for (const name of programs) {
    try {
      const levels = await levelsOf(name);
      const before = earlier === undefined ? undefined : await compile(`${name} earlier`, levels, earlier);
      const ours = await compile(name, levels, undefined);
      const withBounds = (program: Compiled): Compiled[] =>
        workspaceBounds.map((bound, index) =>
          index === 0 && bound === undefined
            ? program
            : { ...program, name: boundName(program.name, bound), side: nextSide(), bound },
        );
      const befores = before === undefined ? [] : withBounds(before);
      const pairs = withBounds(ours).map((each, index) => ({ ...each, earlierSide: befores[index]?.side }));
      built.push(...pairs, ...befores);
    } catch (error) {
      signal.throwIfAborted();
      // A published factorization may be absent here; what was asked for by another name must be there.
      if (!isKnown(name)) throw error;
      process.stderr.write(`${dtype} ${name}: left out: ${messageOf(error)}\n`);
      built.push({ name, reason: messageOf(error) });
    }
  }
  return built;
}

function boundName(name: string, bound: WorkspaceBound | undefined): string {
  return bound === undefined ? name : `${name} in ${boundText(bound)}`;
}

/** `512 MiB`, or `1x` for as much as A, B and C. */
export function boundText(bound: WorkspaceBound): string {
  return 'bytes' in bound ? `${Math.floor(bound.bytes / 1024 ** 2)} MiB` : `${bound.timesMatrices}x`;
}
