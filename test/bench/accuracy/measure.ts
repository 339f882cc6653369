import type { Backend, Program, Toolchain } from '@alphatensor-edge/agent/backends/backend.js';
import { errorConstantAt, leafDepth } from '@alphatensor-edge/agent/job/accuracy.js';
import { errorsAtDepth, type SmallBench } from '@alphatensor-edge/agent/job/small-product.js';
import { childOptions } from '@alphatensor-edge/agent/measure/child-options.js';
import { memoryNeed } from '@alphatensor-edge/agent/measure/memory.js';
import { cpuSecondsFor, patienceFor } from '@alphatensor-edge/agent/measure/patience.js';
import { resolveProtocol } from '@alphatensor-edge/agent/measure/protocol.js';
import {
  INPUT_KINDS,
  type InputKind,
  type ProductErrors,
  withHarness,
} from '@alphatensor-edge/agent/process/harness.js';
import { growthOfLevels, standard } from '@alphatensor-edge/shared';
import type { Scheme } from './schemes.js';

const COMPILE_SECONDS = 300;
/** Programs in one child, which has one workspace for all. */
const AT_ONCE = 20;
const LETTERS = 'CDEFGHIJKLMNOPQRSTUVWXYZ';

export type DType = 'f32' | 'f64';

/** The unit of rounding of each type. */
export const UNIT: Readonly<Record<DType, number>> = { f32: 2 ** -24, f64: 2 ** -53 };

/** What the errors of one algorithm are on one problem, and what they were predicted to be. */
export interface Row {
  readonly scheme: string;
  readonly size: number;
  readonly dtype: DType;
  readonly growth: number;
  readonly leafDepth: number;
  /** c at this depth, fitted in this run. */
  readonly constant: number;
  /** The constant times the growth: the relative error on zero-mean inputs. */
  readonly predicted: number;
  readonly errors: Readonly<Record<InputKind, ProductErrors>>;
  /** Of own <1,1,1> at the leaf depth and at the full one. */
  readonly ownAtLeaf: Readonly<Record<InputKind, ProductErrors>>;
  readonly own: Readonly<Record<InputKind, ProductErrors>>;
  readonly baseline: Readonly<Record<InputKind, ProductErrors>>;
}

export interface Device {
  readonly backend: Backend;
  readonly toolchain: Toolchain;
  readonly seed: number;
  readonly signal: AbortSignal;
}

interface Compiled {
  readonly scheme: Scheme;
  readonly program: Program;
  readonly path: string;
}

/** Compiles every algorithm for a number format. */
export async function compileSchemes(
  schemes: readonly Scheme[],
  dtype: DType,
  { backend, toolchain, signal }: Device,
  tell: (what: string) => void,
): Promise<Compiled[]> {
  const compiled: Compiled[] = [];
  for (const scheme of schemes) {
    tell(`${dtype} ${scheme.name}: compiling`);
    const program = backend.program('packed', scheme.levels, dtype);
    const end = await toolchain.compile(program.source(), { signal, deadlineSeconds: COMPILE_SECONDS });
    if (!end.ok) throw new Error(`${scheme.name} does not compile: ${end.end.stderr.slice(0, 500)}`);
    compiled.push({ scheme, program, path: end.path });
  }
  return compiled;
}

/** Measures the errors of all programs on a cubic product, on the same inputs of each kind. */
export async function measureSize(
  programs: readonly Compiled[],
  size: number,
  dtype: DType,
  device: Device,
  tell: (what: string) => void,
): Promise<Row[]> {
  const { backend, toolchain, seed, signal } = device;
  const protocol = { ...resolveProtocol(null, dtype), seed };
  const bench: SmallBench = { backend, toolchain, job: { protocol, compileTimeoutSeconds: COMPILE_SECONDS } };
  const problem = { m: size, k: size, n: size, dtype, threads: 1 };
  const patience = patienceFor(problem);
  const ownProgram = backend.program('packed', [standard({ n: 1, m: 1, p: 1 })], dtype);
  const ownAt = async (depth: number) => known(await errorsAtDepth(bench, ownProgram, depth, signal), 'own <1,1,1>');
  const own = await ownAt(size);
  const rows: Row[] = [];
  for (let first = 0; first < programs.length; first += AT_ONCE) {
    const some = programs.slice(first, first + AT_ONCE);
    tell(`${dtype} ${size}: algorithms ${first + 1} to ${first + some.length} of ${programs.length}`);
    const options = childOptions({
      harness: toolchain.harness,
      blas: toolchain.blas[0],
      problem,
      need: memoryNeed(
        problem,
        some.map(({ program }) => program.workspaceBytes(problem, 1)),
      ),
      patience,
      cpuSeconds: AT_ONCE * cpuSecondsFor(1, protocol, patience),
      seed,
      programs: Object.fromEntries(some.map(({ path }, index) => [LETTERS[index], path])),
      signal,
    });
    const measured = await withHarness(options, async (child) => {
      await child.introduction();
      const bySide: Record<string, Partial<Record<InputKind, ProductErrors>>> = {};
      for (const kind of INPUT_KINDS) {
        await child.fillRandom(kind, patience.aside);
        for (const side of ['B', ...LETTERS.slice(0, some.length)]) {
          await child.run(side, patience.first);
          bySide[side] = { ...bySide[side], [kind]: await child.errors(patience.aside) };
        }
      }
      return bySide as Record<string, Row['errors']>;
    });
    for (const [index, { scheme, program }] of some.entries()) {
      const depth = leafDepth(scheme.levels, size);
      const growth = growthOfLevels(scheme.levels);
      const constant = known(await errorConstantAt(bench, program, depth, signal), 'the constant');
      rows.push({
        ...{ scheme: scheme.name, size, dtype, growth, leafDepth: depth, constant, predicted: constant * growth },
        errors: measured[LETTERS[index]],
        ownAtLeaf: await ownAt(depth),
        own,
        baseline: measured.B,
      });
    }
  }
  return rows;
}

function known<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`${what} could not be measured on a small product.`);
  return value;
}
