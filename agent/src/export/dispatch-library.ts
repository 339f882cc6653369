import { packedAlgorithm, standard, type Transposed } from '@alphatensor-edge/shared';
import type { CacheSizes } from '../plan/kernel-plan.js';
import type { DType } from '../plan/plan.js';
import { boundDefine, formatFlags, versionDefine } from './c-library.js';
import { C_TYPE, GEMM_NAME } from './c-names.js';
import { type DispatchRules, type DispatchUse, type Format, formatOf, type Unit } from './dispatch-format.js';
import { dispatchReadme } from './dispatch-readme.js';
import type { IsaName } from './kernel-table.js';
import { manualPage } from './manual-page.js';
import { fillTemplate } from './template.js';
import { algorithmOf, algorithmUnit, allTests, describeLevels, plainUnit, unitTest } from './unit.js';

/** Holds what a library of several algorithms is made from. */
interface DispatchLibraryOptions extends DispatchRules {
  readonly name: string;
  readonly isa: IsaName;
  readonly caches: CacheSizes;
  /** See LibraryOptions. */
  readonly workspaceTimes: number;
  /** The version of the program that writes it. */
  readonly version: string;
}

/** The size at which the tests cross from the fallback to a unit. A unit exists for every size. */
const TESTED_FROM = '96';
/** Stands for a crossover that no product reaches. */
const NEVER = 'SIZE_MAX';

/**
 * Makes the files of a C library that chooses among several algorithms by the shape of the product: content by name.
 * @throws AlphaTensorError INVALID_ARGUMENT for a name that is not allowed, or an algorithm that cannot be compiled
 */
export function dispatchLibrary(options: DispatchLibraryOptions): Map<string, string> {
  const { name, isa, caches, rules, version } = options;
  const dtypes = (['f32', 'f64'] as const).filter((dtype) => rules.some(({ problem }) => problem.dtype === dtype));
  const formats = dtypes.map((dtype) => formatOf(dtype, options));
  const baseline = algorithmOf([{ factorization: standard({ n: 1, m: 1, p: 1 }), origin: 'imported' }]);
  const generated = new Map([
    ['fastmm_config.h', configHeader(formats, options)],
    ['fastmm_algorithms.h', algorithmsHeader(formats)],
    ['test_cases.h', testCases(formats)],
  ]);
  const sources: string[] = [];
  for (const { dtype, units } of formats) {
    const target = { isa, caches, dtype };
    const add = (file: string, text: string): void => {
      sources.push(file);
      generated.set(file, text);
    };
    add(`fastmm_${dtype}.c`, dispatcher(dtype));
    add(
      `fastmm_${dtype}_0.c`,
      algorithmUnit(baseline, { ...target, suffix: '_0', crossover: NEVER, work: packedAlgorithm([]) }),
    );
    for (const { number, algorithm, winner, work } of units) {
      const tuned = winner.plan === null ? undefined : { isa: winner.vectorIsa, plan: winner.plan };
      add(
        `fastmm_${dtype}_${number}.c`,
        algorithmUnit(algorithm, { ...target, tuned, suffix: `_${number}`, crossover: '1', work }),
      );
    }
    generated.set(`fastmm_${dtype}_plain.c`, plainUnit(target));
  }
  sources.push('mode.c');
  const files = fillTemplate({ name, isa, dtypes, isDispatch: true, version, generated, sources });
  const by = 'the algorithm that was measured to be the fastest for the shape';
  files.set(`install/${name}.3`, manualPage({ name, dtypes, by, isDispatch: true, version }));
  files.set('README.md', dispatchReadme({ ...options, isHost: isa === 'auto' }, formats));
  return files;
}

function dispatcher(dtype: DType): string {
  const upper = dtype.toUpperCase();
  return [
    `/* The product for ${dtype} that chooses its algorithm by what fastmm_config.h says. */`,
    '#include "fastmm_algorithms.h"',
    '',
    `#define REAL ${C_TYPE[dtype]}`,
    `#define GEMM(suffix) fastmm_${GEMM_NAME[dtype]}##suffix`,
    ...tables(upper),
    '#include "dispatch.h"',
    '',
  ].join('\n');
}

/** Names the tables of fastmm_config.h for one number format. */
function tables(upper: string): string[] {
  return ['ALGORITHMS', 'RULES', 'MODELS', 'KNOWN'].map((table) => `#define ${table} FASTMM_${table}_${upper}`);
}

function configHeader(
  formats: readonly Format[],
  { prefer, workspaceTimes, version }: Pick<DispatchLibraryOptions, 'prefer' | 'workspaceTimes' | 'version'>,
): string {
  return [
    '/*',
    ' * Which algorithm computes a product. Each rule is a problem that was measured on the device, with what to use for it: the',
    ' * fastest, and the most accurate of those about as fast.',
    ' *',
    ...(formats.some(({ timeModels }) => timeModels.length > 0) ? BY_MODEL : []),
    ...(formats.some(({ timeModels }) => timeModels.length === 0) ? BY_NEAREST : []),
    ' *',
    ...formats.flatMap((format) => format.units.flatMap((unit) => describeUnit(format.dtype, unit))),
    ' */',
    '#ifndef FASTMM_CONFIG_H',
    '#define FASTMM_CONFIG_H',
    '',
    ...versionDefine(version),
    '#define FASTMM_ALGORITHM "the algorithm for each shape"',
    ...formatFlags(formats.map(({ dtype }) => dtype)),
    '#define FASTMM_IS_DISPATCH 1',
    '',
    ...boundDefine(workspaceTimes),
    '',
    '/* The mode until a program sets another (fastmm.h). */',
    '#ifndef FASTMM_DEFAULT_MODE',
    `#define FASTMM_DEFAULT_MODE FASTMM_${prefer.toUpperCase()}`,
    '#endif',
    ...formats.flatMap(formatTables),
    '',
    '#endif',
    '',
  ].join('\n');
}

const BY_MODEL = [
  ' * What was not measured goes to what is predicted to be the fastest, or to the most accurate of those within 1 % of it. The time of',
  ' * an algorithm is what it has to do (work.h), each kind of work times the seconds that were fitted on the device, times its',
  ' * correction; it must be below that of the BLAS by the margin. The BLAS, algorithm 0, computes what has less than half of every',
  ' * measured m, k or n, because nothing is known there. Where nothing was measured of operands that lie transposed as those of a product',
  ' * do, the model of others predicts, and the margin is at least 10 %.',
];
const BY_NEAREST = [
  ' * What was not measured goes where the nearest rule says (without a model of the time): the one for which the product of the ratios',
  ' * of m, k, n and threads (each the larger over the smaller) is least, the first of several. Where m, k or n is less than half of',
  ' * those of that rule, the BLAS computes the product, which is algorithm 0.',
];

/** The least margin by which a prediction must be below the BLAS's time, as a share. */
const LEAST_MARGIN = 0.02;

function formatTables({ dtype, units, rules, timeModels }: Format): string[] {
  const upper = dtype.toUpperCase();
  const numbers = [0, ...units.map(({ number }) => number)];
  return [
    '',
    `/* The algorithms for ${dtype}. */`,
    `#define FASTMM_ALGORITHMS_${upper}(APPLY) ${numbers.map((number) => `APPLY(${number})`).join(' ')}`,
    '/* Of each: number, error growth, blocks of the depth, correction of the predicted time. */',
    ...list(`FASTMM_KNOWN_${upper}(KNOWN)`, [
      'KNOWN(0, 1, 1, 1)',
      ...units.map(
        ({ number, growth, work, correction }) =>
          `KNOWN(${number}, ${figure(growth)}, ${work.m}, ${figure(correction)})`,
      ),
    ]),
    '/* Which of them for which problem: m, k, n, threads, what lies transposed (NN: neither, NT: B), the fast and the accurate one. */',
    ...list(
      `FASTMM_RULES_${upper}(RULE)`,
      rules.map(({ problem: { m, k, n, threads, ...laid }, numbers: { fast, accurate }, ...uses }) => {
        const other = accurate === fast ? '' : ` ${describeUse(uses.accurate)}`;
        return `RULE(${m}, ${k}, ${n}, ${threads}, ${letters(laid)}, ${fast}, ${accurate}) ${describeUse(uses.fast)}${other}`;
      }),
    ),
    '/* Models of the time: threads, what lies transposed, margin, seconds for each unit of work (work.h), and for the BLAS. */',
    ...list(
      `FASTMM_MODELS_${upper}(MODEL)`,
      timeModels.map(({ threads, medianError, seconds, baselineSeconds, ...laid }) => {
        const margin = Math.max(LEAST_MARGIN, medianError);
        return `MODEL(${[threads, letters(laid), ...[margin, ...seconds, ...baselineSeconds].map(figure)].join(', ')})`;
      }),
    ),
  ];
}

/** Writes what lies transposed as dispatch.h has it. */
function letters({ transposed = 'nn' }: { readonly transposed?: Transposed | 'nn' | undefined }): string {
  return transposed.toUpperCase();
}

/** Writes a macro that applies another to each entry of a list. */
function list(head: string, entries: readonly string[]): string[] {
  if (entries.length === 0) return [`#define ${head}`];
  return [
    `#define ${head} \\`,
    ...entries.map((entry, index) => `  ${entry}${index + 1 < entries.length ? ' \\' : ''}`),
  ];
}

/** Writes a number as C reads a double. */
function figure(value: number): string {
  return value.toPrecision(9).replace(/\.?0+(?=e|$)/, '');
}

function describeUnit(dtype: DType, { number, algorithm, growth }: Unit): string[] {
  return [
    ` * ${dtype}, algorithm ${number}: ${algorithm.text}, error growth ${growth.toFixed(2)}`,
    ...describeLevels(algorithm),
  ];
}

function describeUse(use: DispatchUse | undefined): string {
  if (use === undefined) return '/* nothing was faster */';
  const { speedup, against, errorRatio } = use.winner;
  const { estimate, low, high } = speedup;
  const error = errorRatio === undefined ? '' : `, error ${errorRatio.toFixed(1)}x`;
  return `/* ${estimate.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}] of ${against}${error} */`;
}

function algorithmsHeader(formats: readonly Format[]): string {
  return [
    '/*',
    ' * The algorithms themselves, to be called whatever the size of the product: with a workspace that is given, or with B packed',
    ' * once for many products. Number 0 is the BLAS with the checks of fastmm.h before it.',
    ' */',
    '#ifndef FASTMM_ALGORITHMS_H',
    '#define FASTMM_ALGORITHMS_H',
    '',
    '#include "fastmm.h"',
    '',
    '/* Kinds of work (work.h). */',
    'enum { FASTMM_WORK = 6 };',
    '',
    '#ifdef __cplusplus',
    'extern "C" {',
    '#endif',
    '',
    ...formats.flatMap(({ dtype, units }) =>
      [0, ...units.map(({ number }) => number)].flatMap((number) => [
        `#define REAL ${C_TYPE[dtype]}`,
        `#define GEMM(suffix) fastmm_${GEMM_NAME[dtype]}_${number}##suffix`,
        '#include "kernel.h"',
        '',
      ]),
    ),
    '#ifdef __cplusplus',
    '}',
    '#endif',
    '',
    '#endif',
    '',
  ].join('\n');
}

function testCases(formats: readonly Format[]): string {
  const names = formats.flatMap(({ dtype, units }) => [dtype, ...units.map(({ number }) => `${dtype}_${number}`)]);
  return [
    '/* What test.c tests: every algorithm by itself, and the choice among them. */',
    '#include "fastmm_algorithms.h"',
    '',
    ...formats.flatMap(({ dtype, units }) => [
      ...units.flatMap(({ algorithm, number }) => unitTest(algorithm, dtype, `_${number}`, TESTED_FROM)),
      `#define REAL ${C_TYPE[dtype]}`,
      `#define GEMM(suffix) fastmm_${GEMM_NAME[dtype]}##suffix`,
      ...tables(dtype.toUpperCase()),
      `#define TEST(name) ${dtype}_##name`,
      '#include "test_dispatch.h"',
      '',
    ]),
    allTests(names),
    '',
  ].join('\n');
}
