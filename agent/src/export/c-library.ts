import { growthOfLevels } from '@alphatensor-edge/shared';
import type { DType } from '../plan/plan.js';
import type { Crossover } from './crossover.js';
import type { LibraryOptions } from './library.js';
import { manualPage } from './manual-page.js';
import { readme } from './readme.js';
import { fillTemplate } from './template.js';
import { type Algorithm, algorithmOf, algorithmUnit, allTests, describeLevels, plainUnit, unitTest } from './unit.js';

/**
 * Makes the files of a C library of one algorithm: content by name.
 * @throws AlphaTensorError INVALID_ARGUMENT for a name that is not allowed, a factorization that is exact only modulo
 * 2, or one too large to compile
 */
export function cLibrary(options: LibraryOptions): Map<string, string> {
  const { levels, name, isa, caches, crossovers, tuned, version } = options;
  const algorithm = algorithmOf(levels);
  const dtypes = Object.keys(crossovers) as DType[];
  const generated = new Map([
    ['fastmm_config.h', configHeader(algorithm, options)],
    ['test_cases.h', testCases(algorithm, dtypes)],
  ]);
  for (const dtype of dtypes) {
    const target = { isa, caches, dtype, suffix: '', crossover: crossoverMacro(dtype) };
    generated.set(`fastmm_${dtype}.c`, algorithmUnit(algorithm, { ...target, tuned }));
    generated.set(`fastmm_${dtype}_plain.c`, plainUnit(target));
  }
  const sources = dtypes.map((dtype) => `fastmm_${dtype}.c`);
  const files = fillTemplate({ name, isa, dtypes, isDispatch: false, version, generated, sources });
  const { grid, growth, text } = algorithm;
  const errorFactor = growthOfLevels(levels.map(({ factorization }) => factorization));
  files.set(`install/${name}.3`, manualPage({ name, dtypes, by: text, isDispatch: false, version }));
  files.set('README.md', readme({ ...options, grid, growth, errorFactor, algorithm: text, dtypes }));
  return files;
}

function crossoverMacro(dtype: DType): string {
  return `FASTMM_CROSSOVER_${dtype.toUpperCase()}`;
}

function configHeader(algorithm: Algorithm, { crossovers, workspaceTimes, version }: LibraryOptions): string {
  const { text, grid, growth } = algorithm;
  return [
    '/*',
    ' * What was settled when the library was written. A is cut into n x m blocks, B into m x p, C into n x p:',
    ...describeLevels(algorithm),
    ' */',
    '#ifndef FASTMM_CONFIG_H',
    '#define FASTMM_CONFIG_H',
    '',
    '#include <stdint.h>',
    '',
    ...versionDefine(version),
    `#define FASTMM_ALGORITHM "${text}"`,
    `#define FASTMM_N ${grid.n}`,
    `#define FASTMM_M ${grid.m}`,
    `#define FASTMM_P ${grid.p}`,
    `#define FASTMM_RANK ${grid.rank}`,
    '',
    ...formatFlags(Object.keys(crossovers) as DType[]),
    '#define FASTMM_IS_DISPATCH 0',
    '',
    ...boundDefine(workspaceTimes),
    '',
    '/* Products whose smallest dimension is below this go to the BLAS. To change it, compile everything with -D. */',
    ...(Object.entries(crossovers) as [DType, Crossover][]).flatMap(([dtype, { size, origin }]) => {
      const macro = crossoverMacro(dtype);
      return [`/* ${origin} */`, `#ifndef ${macro}`, `#define ${macro} ${size ?? 'SIZE_MAX'}`, '#endif'];
    }),
    '',
    '/*',
    ' * With entries of A and B of at most 1 and blocks of depth d, an element of C is off by at most u E d (d + q), u the',
    ' * unit roundoff, in first order (Ballard et al., SIAM J. Matrix Anal. Appl. 37, 2016); these are E and q.',
    ' */',
    `#define FASTMM_ERROR_GROWTH ${growth.values}`,
    `#define FASTMM_ROUNDINGS ${growth.roundings}`,
    '',
    '#endif',
    '',
  ].join('\n');
}

/** Writes into a library's header which number formats it has. */
export function formatFlags(dtypes: readonly DType[]): string[] {
  return (['f32', 'f64'] as const).map(
    (dtype) => `#define FASTMM_HAS_${dtype.toUpperCase()} ${dtypes.includes(dtype) ? 1 : 0}`,
  );
}

/** Writes the version of a library. */
export function versionDefine(version: string): string[] {
  return ['/* Of the program that wrote the library. */', `#define FASTMM_VERSION "${version}"`];
}

/** Writes the bound on the workspace. */
export function boundDefine(times: number): string[] {
  return [
    '/* The bound on the workspace, as a multiple of A, B and C together; 0: none. See fastmm_bound_workspace. */',
    '#ifndef FASTMM_WORKSPACE_TIMES',
    `#define FASTMM_WORKSPACE_TIMES ${times}`,
    '#endif',
  ];
}

function testCases(algorithm: Algorithm, dtypes: readonly DType[]): string {
  return [
    '/* What test.c tests. */',
    ...dtypes.flatMap((dtype) => unitTest(algorithm, dtype, '', crossoverMacro(dtype))),
    allTests(dtypes),
    '',
  ].join('\n');
}
