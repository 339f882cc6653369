import { parseArgs } from 'node:util';
import { C_COMPILERS } from '@alphatensor-edge/agent/backends/c-compiler.js';
import { defaultKernelPlan, type KernelPlan } from '@alphatensor-edge/agent/plan/kernel-plan.js';
import type { DType } from '@alphatensor-edge/agent/plan/plan.js';
import { MAX_PROBLEM_DIMENSION, parseDuration, wholeNumber } from '@alphatensor-edge/shared';
import { oneOf } from '../common/options.js';
import { KNOWN_NAMES } from './algorithms.js';
import { ISA_NAMES, type IsaName } from './target.js';

export const HELP = `Times generated programs and every BLAS of this device in turns, in random order, within one process a row.

  --sizes N,N      sides of the square matrices (1024,2048,4096)
  --large          also 8192
  --dtypes T,T     f32,f64
  --threads N,N    1,2
  --programs A,B   of ${KNOWN_NAMES.join(', ')} (all); also any algorithm that at-agent benchmark takes, levels joined by *
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
`;

const OPTIONS = {
  sizes: { type: 'string', default: '1024,2048,4096' },
  large: { type: 'boolean', default: false },
  dtypes: { type: 'string', default: 'f32,f64' },
  threads: { type: 'string', default: '1,2' },
  programs: { type: 'string', default: KNOWN_NAMES.join(',') },
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
  readonly sizes: readonly number[];
  readonly dtypes: readonly DType[];
  readonly threads: readonly number[];
  /** Names of algorithms, see `algorithms.ts`. */
  readonly programs: readonly string[];
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
  const sizes = listed(values.sizes).map(wholeNumber('--sizes', 1, MAX_PROBLEM_DIMENSION));
  return {
    sizes: values.large ? [...sizes, 8192] : sizes,
    dtypes: listed(values.dtypes).map((text) => oneOf('--dtypes', ['f32', 'f64'] as const, text)),
    threads: listed(values.threads).map(wholeNumber('--threads', 1, 1024)),
    programs: listed(values.programs),
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

function listed(text: string): string[] {
  return text.split(',').filter((each) => each !== '');
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
