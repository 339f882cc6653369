import { type DispatchWinner, standard } from '@alphatensor-edge/shared';
import type { CacheSizes } from '../plan/kernel-plan.js';
import type { DType } from '../plan/plan.js';
import { formatFlags } from './c-library.js';
import { C_TYPE, GEMM_NAME } from './c-names.js';
import { type DispatchRule, type Format, formatOf, type Unit } from './dispatch-format.js';
import { dispatchReadme } from './dispatch-readme.js';
import type { IsaName } from './kernel-table.js';
import { fillTemplate } from './template.js';
import { algorithmOf, algorithmUnit, allTests, describeLevels, plainUnit, unitTest } from './unit.js';

/** Holds what a library of several algorithms is made from. */
interface DispatchLibraryOptions {
  readonly rules: readonly DispatchRule[];
  readonly name: string;
  readonly isa: IsaName;
  readonly caches: CacheSizes;
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
  const { name, isa, caches, rules } = options;
  const dtypes = (['f32', 'f64'] as const).filter((dtype) => rules.some(({ problem }) => problem.dtype === dtype));
  const formats = dtypes.map((dtype) => formatOf(dtype, rules));
  const baseline = algorithmOf([{ factorization: standard({ n: 1, m: 1, p: 1 }), origin: 'imported' }]);
  const generated = new Map([
    ['fastmm_config.h', configHeader(formats)],
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
    add(`fastmm_${dtype}_0.c`, algorithmUnit(baseline, { ...target, suffix: '_0', crossover: NEVER }));
    for (const { number, algorithm, winner } of units) {
      const tuned = winner.plan === null ? undefined : { isa: winner.vectorIsa, plan: winner.plan };
      add(
        `fastmm_${dtype}_${number}.c`,
        algorithmUnit(algorithm, { ...target, tuned, suffix: `_${number}`, crossover: '1' }),
      );
    }
    generated.set(`fastmm_${dtype}_plain.c`, plainUnit(target));
  }
  const files = fillTemplate({ name, isa, dtypes, isDispatch: true, generated, sources });
  files.set('README.md', dispatchReadme(name, options.version, isa === 'auto', formats));
  return files;
}

function dispatcher(dtype: DType): string {
  const upper = dtype.toUpperCase();
  return [
    `/* The product for ${dtype} that chooses its algorithm by the rules in fastmm_config.h. */`,
    '#include "fastmm_algorithms.h"',
    '',
    `#define REAL ${C_TYPE[dtype]}`,
    `#define GEMM(suffix) fastmm_${GEMM_NAME[dtype]}##suffix`,
    `#define ALGORITHMS FASTMM_ALGORITHMS_${upper}`,
    `#define RULES FASTMM_RULES_${upper}`,
    '#include "dispatch.h"',
    '',
  ].join('\n');
}

function configHeader(formats: readonly Format[]): string {
  return [
    '/*',
    ' * Which algorithm computes a product. Each rule is a problem that was measured on the device, with the fastest for it; the',
    ' * nearest rule decides: the one for which the product of the ratios of m, k, n and threads (each the larger over the',
    ' * smaller) is least, the first of several. Where m, k or n is less than half of those of that rule, nothing was measured',
    ' * near enough and the BLAS computes the product, which is algorithm 0.',
    ' *',
    ...formats.flatMap((format) => format.units.flatMap((unit) => describeUnit(format.dtype, unit))),
    ' */',
    '#ifndef FASTMM_CONFIG_H',
    '#define FASTMM_CONFIG_H',
    '',
    '#define FASTMM_ALGORITHM "the algorithm for each shape"',
    ...formatFlags(formats.map(({ dtype }) => dtype)),
    '#define FASTMM_IS_DISPATCH 1',
    ...formats.flatMap(({ dtype, units, rules }) => {
      const upper = dtype.toUpperCase();
      return [
        '',
        `/* The algorithms for ${dtype}, and which of them for which problem: m, k, n, threads, algorithm. */`,
        `#define FASTMM_ALGORITHMS_${upper}(APPLY) ${[0, ...units.map(({ number }) => number)].map((number) => `APPLY(${number})`).join(' ')}`,
        `#define FASTMM_RULES_${upper}(RULE) \\`,
        ...rules.map(({ problem: { m, k, n, threads }, number, use }, index) => {
          const text = `RULE(${m}, ${k}, ${n}, ${threads}, ${number}) ${describeRule(use?.winner)}`;
          return `  ${text}${index + 1 < rules.length ? ' \\' : ''}`;
        }),
      ];
    }),
    '',
    '#endif',
    '',
  ].join('\n');
}

function describeUnit(dtype: DType, { number, algorithm }: Unit): string[] {
  return [` * ${dtype}, algorithm ${number}: ${algorithm.text}`, ...describeLevels(algorithm)];
}

function describeRule(winner: DispatchWinner | undefined): string {
  if (winner === undefined) return '/* nothing was faster */';
  const { estimate, low, high } = winner.speedup;
  return `/* ${estimate.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}] of ${winner.against} */`;
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
      `#define ALGORITHMS FASTMM_ALGORITHMS_${dtype.toUpperCase()}`,
      `#define RULES FASTMM_RULES_${dtype.toUpperCase()}`,
      `#define TEST(name) ${dtype}_##name`,
      '#include "test_dispatch.h"',
      '',
    ]),
    allTests(names),
    '',
  ].join('\n');
}
