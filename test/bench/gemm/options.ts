import { parseArgs } from 'node:util';
import { C_COMPILERS } from '@alphatensor-edge/agent/backends/c-compiler.js';
import { defaultKernelPlan, type KernelPlan } from '@alphatensor-edge/agent/plan/kernel-plan.js';
import type { DType } from '@alphatensor-edge/agent/plan/plan.js';
import {
  type ProblemDimensions,
  parseDuration,
  parseWorkspaceBound,
  type WorkspaceBound,
  wholeNumber,
} from '@alphatensor-edge/shared';
import { refusal } from '../bench.js';
import { multiple, oneOf } from '../common/options.js';
import { DEFAULT_NAMES, KNOWN_NAMES } from './algorithms.js';
import { listed, readProblems, SHAPE_NAMES } from './problems.js';
import { defaultVenv } from './pypi.js';
import { ISA_NAMES, type IsaName } from './target.js';

export const HELP = `Times generated programs and every BLAS of this device in turns, in random order, within one process a row.

A row gives each program's ratio over the fastest library of that row, and as a share of what the algorithm could have: n m p / R times
the ratio of own, the same engine with <1,1,1>. Its relative error is given over that library's own and over the smaller of that and own's.

  --sizes N,N      sides of the square matrices (1024,2048,4096, or none with --shapes)
  --large          also 8192
  --shapes S,S     MxKxN, such as 512x4096x4096, or a set of shapes: ${SHAPE_NAMES.join(', ')}; the geometric mean over all shapes comes last
  --dtypes T,T     f32,f64
  --threads N,N    1,2
  --programs A,B   of ${KNOWN_NAMES.join(', ')}; also any algorithm that at-agent benchmark takes, such as
                   6x3x3:40-accurate; levels joined by *, such as E1*A48 (${DEFAULT_NAMES.join(',')}); own is always there
  --max-workspace B,B  bounds on the workspace: none, multiples of A, B and C such as 1x, or bytes such as 512MiB; every program once
                   for each (none)
  --max-error 4x   mark programs whose error is more than so many times the smaller of the library's and own's
  --baselines NAME pypi: compare with the newest OpenBLAS and MKL of PyPI too, which are installed in a virtual environment
  --venv DIR       the virtual environment of --baselines (${defaultVenv()})
  --against FOLDER the programs of a built clone of an earlier commit beside ours, and the ratio of their time over ours
  --backend NAME   ${Object.keys(C_COMPILERS).join(' or ')} (c-gcc)
  --isa NAME       ${ISA_NAMES.join(' or ')}: programs and OpenBLAS as on a processor without AVX-512; other libraries as they choose
  --kernel K=V,..  fields of the kernel plan to change, such as kc=256,tileRows=480
  --budget TIME    for the rounds of a row, in seconds or as 90s or 5m (40); at least --min-rounds are timed
  --min-rounds N   (5)
  --clock NAME     wall, or cpu for one thread on a busy device (wall)
  --recompile      compile everything anew, to tell the compile time
  --seed N         of the inputs, the order and the bootstrap (0)
  --json           one object with every sample instead of the table

Examples:
  npm run bench gemm -- --baselines pypi --large --threads 1 --max-error 4x --max-workspace none,1x --min-rounds 10
  npm run bench gemm -- --baselines pypi --shapes llm --dtypes f32 --max-error 4x --min-rounds 10
`;

const OPTIONS = {
  sizes: { type: 'string' },
  shapes: { type: 'string' },
  large: { type: 'boolean', default: false },
  dtypes: { type: 'string', default: 'f32,f64' },
  threads: { type: 'string', default: '1,2' },
  programs: { type: 'string', default: DEFAULT_NAMES.join(',') },
  'max-workspace': { type: 'string', default: 'none' },
  'max-error': { type: 'string' },
  baselines: { type: 'string', default: 'system' },
  venv: { type: 'string' },
  against: { type: 'string' },
  backend: { type: 'string', default: 'c-gcc' },
  isa: { type: 'string' },
  kernel: { type: 'string', default: '' },
  budget: { type: 'string', default: '40' },
  'min-rounds': { type: 'string', default: '5' },
  clock: { type: 'string', default: 'wall' },
  recompile: { type: 'boolean', default: false },
  seed: { type: 'string', default: '0' },
  json: { type: 'boolean', default: false },
} as const;

export type Clock = 'wall' | 'cpu';

/** What is to be measured, and how. */
export interface Settings {
  readonly problems: readonly ProblemDimensions[];
  readonly dtypes: readonly DType[];
  readonly threads: readonly number[];
  /** Names of algorithms, see `algorithms.ts`. */
  readonly programs: readonly string[];
  /** The relative error that a program may have, as a multiple of the smaller of the baseline's and own's. */
  readonly maxError?: number | undefined;
  /** The virtual environment with further libraries. */
  readonly venv?: string | undefined;
  /** Every program is timed with each of these bounds on its workspace. `undefined` is none, null in JSON. */
  readonly workspaceBounds: readonly (WorkspaceBound | undefined)[];
  /** The built clone of an earlier commit. */
  readonly against?: string | undefined;
  readonly backend: string;
  /** Undefined: the processor as it is. */
  readonly isa?: IsaName | undefined;
  /** Changes of the kernel plan. */
  readonly kernel: Partial<KernelPlan>;
  readonly budgetSeconds: number;
  readonly minRounds: number;
  readonly clock: Clock;
  /** Compile everything anew. */
  readonly recompile: boolean;
  readonly seed: number;
  readonly json: boolean;
}

/** Reads the command line. @throws AlphaTensorError INVALID_ARGUMENT */
export function readOptions(args: readonly string[]): Settings {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const problems = readProblems(values.sizes, values.shapes);
  const baselines = oneOf('--baselines', ['system', 'pypi'] as const, values.baselines);
  if (values.venv !== undefined && baselines === 'system') throw refusal('--venv needs --baselines pypi.');
  return {
    problems: values.large ? [...problems, { m: 8192, k: 8192, n: 8192 }] : problems,
    dtypes: listed(values.dtypes).map((text) => oneOf('--dtypes', ['f32', 'f64'] as const, text)),
    threads: listed(values.threads).map(wholeNumber('--threads', 1, 1024)),
    programs: [...new Set(['own', ...listed(values.programs)])],
    workspaceBounds: listed(values['max-workspace']).map((text) =>
      text === 'none' ? undefined : parseWorkspaceBound(text),
    ),
    maxError: values['max-error'] === undefined ? undefined : multiple('--max-error', values['max-error']),
    venv: baselines === 'pypi' ? (values.venv ?? defaultVenv()) : undefined,
    against: values.against,
    backend: oneOf('--backend', Object.keys(C_COMPILERS), values.backend),
    isa: values.isa === undefined ? undefined : oneOf('--isa', ISA_NAMES, values.isa),
    kernel: kernelChanges(values.kernel),
    budgetSeconds: /^\d+$/.test(values.budget)
      ? wholeNumber('--budget', 1, 3600)(values.budget)
      : parseDuration(values.budget),
    minRounds: wholeNumber('--min-rounds', 3, 1000)(values['min-rounds']),
    clock: oneOf('--clock', ['wall', 'cpu'] as const, values.clock),
    recompile: values.recompile,
    seed: wholeNumber('--seed', 0, 2 ** 31 - 1)(values.seed),
    json: values.json,
  };
}

function kernelChanges(text: string): Partial<KernelPlan> {
  const fields = Object.keys(defaultKernelPlan('generic', {}, 4));
  return Object.fromEntries(
    listed(text).map((change) => {
      const [field, value = ''] = change.split('=');
      return [oneOf('--kernel', fields, field), wholeNumber('--kernel', 0, 2 ** 40)(value)];
    }),
  );
}
