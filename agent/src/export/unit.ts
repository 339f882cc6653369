import {
  AlphaTensorError,
  contentHash,
  type FactorizationRecord,
  formatSize,
  growth,
  isExactOverNumbers,
  moduloWords,
  type PackedAlgorithm,
  standard,
} from '@alphatensor-edge/shared';
import { programDefines, transformFunctions } from '../codegen/c/packed.js';
import { type ErrorGrowth, errorGrowth } from '../plan/error-growth.js';
import type { CacheSizes } from '../plan/kernel-plan.js';
import { gridOf, type PackedGrid, type PackedLevel, planPackedLevel } from '../plan/packed.js';
import type { DType } from '../plan/plan.js';
import { C_TYPE, GEMM_NAME } from './c-names.js';
import { type IsaName, kernelTable, type TunedPlan } from './kernel-table.js';

/** Holds an algorithm with everything that its code and the texts about it need. */
export interface Algorithm {
  /** Recursion levels, outermost first. */
  readonly levels: readonly FactorizationRecord[];
  readonly plans: readonly PackedLevel[];
  readonly grid: PackedGrid;
  readonly growth: ErrorGrowth;
  /** `<2,2,2;7> over <2,2,2;7>`. */
  readonly text: string;
}

/**
 * Prepares an algorithm for export.
 * @throws AlphaTensorError INVALID_ARGUMENT for a factorization that is exact only modulo 2 or 3
 */
export function algorithmOf(levels: readonly FactorizationRecord[]): Algorithm {
  requireStandardArithmetic(levels);
  const plans = levels.map(({ factorization }) => planPackedLevel(factorization));
  return {
    levels,
    plans,
    grid: gridOf(plans),
    growth: errorGrowth(plans),
    text: levels.map(({ factorization: f }) => `${formatSize(f.size).slice(0, -1)};${f.rank}>`).join(' over '),
  };
}

function requireStandardArithmetic(levels: readonly FactorizationRecord[]): void {
  const level = levels.findIndex(({ factorization }) => !isExactOverNumbers(factorization));
  if (level < 0) return;
  throw new AlphaTensorError(
    'INVALID_ARGUMENT',
    `Factorization ${level + 1} is exact ${moduloWords(levels[level].factorization.arithmetic)} only; a product of real matrices needs one in standard arithmetic.`,
    { field: 'levels' },
  );
}

/** Describes an algorithm in the comment at the top of a file. */
export function describeLevels({ levels, plans, grid }: Algorithm): string[] {
  return [
    ...levels.map(({ factorization, origin }, i) => {
      const { a, b, c, size, rank } = plans[i];
      const additions = [a, b, c].map(({ steps }) => steps.length);
      return (
        ` *   level ${i + 1}: <${size.n},${size.m},${size.p}>, ${rank} products, origin ${origin}; ` +
        `additions for A ${additions[0]}, B ${additions[1]}, C ${additions[2]}, error growth ${growth(factorization).toFixed(2)};\n` +
        ` *            content hash ${contentHash(factorization)}`
      );
    }),
    ` *   together: <${grid.n},${grid.m},${grid.p}>, ${grid.rank} products instead of ${grid.n * grid.m * grid.p}`,
  ];
}

/** Says for which processor and number format a unit is written. */
interface UnitTarget {
  readonly isa: IsaName;
  readonly caches: CacheSizes;
  readonly dtype: DType;
  /** Replaces the plan that suits the caches, on the kind of vectors it was found with. */
  readonly tuned?: TunedPlan | undefined;
}

interface UnitOptions extends UnitTarget {
  /** The suffix of the functions' names: empty, or `_1`. */
  readonly suffix: string;
  /** The smallest dimension for which the algorithm is used, as C text. */
  readonly crossover: string;
  /** What the algorithm has to do, for a library that chooses by it (library/dispatch/work.h). */
  readonly work?: PackedAlgorithm | undefined;
}

/**
 * Writes the C file of an algorithm for one number format: its transforms, and the functions built on them
 * (library/gemm.h).
 */
export function algorithmUnit(algorithm: Algorithm, { suffix, crossover, work, ...target }: UnitOptions): string {
  const gemm = GEMM_NAME[target.dtype];
  return [
    '/*',
    ` * ${algorithm.text} for ${target.dtype}: the three transforms, written out by a generator, and the functions over them.`,
    ...describeLevels(algorithm),
    ' *',
    " * at_split_a and at_split_b compute, from the blocks of an operand (source[x], row by row), every product's",
    ' * combination of them; at_merge_c the blocks of C (target[x]) from the products. What occurs in several combinations',
    ' * is computed once. All of it is straight-line code over cache lines, in the words of packed/lines.h.',
    ' */',
    ...programDefines(algorithm.plans, target.dtype),
    ...engineAndTransforms(algorithm.plans, target),
    ...(suffix === '' ? [] : ['#include "fastmm_algorithms.h"']),
    `#define FASTMM_GEMM(suffix) fastmm_${gemm}${suffix}##suffix`,
    `#define FASTMM_FALLBACK fastmm_fallback_${gemm}`,
    `#define FASTMM_CROSSOVER ${crossover}`,
    `#define FASTMM_UNIT "${algorithm.text}"`,
    '#include "gemm.h"',
    ...(work === undefined ? [] : workDefines(work)),
    '',
  ].join('\n');
}

function workDefines({ additions, touches }: PackedAlgorithm): string[] {
  const defines = (name: string, values: readonly number[]): string[] =>
    values.map((value, x) => `#define AT_${name}_${'ABC'[x]} ${value}`);
  return [
    '',
    '/* Additions of blocks for A, for B and for C, and how often each of their blocks is read or updated. */',
    ...defines('ADDITIONS', additions),
    ...defines('TOUCHES', touches),
    '#include "work.h"',
  ];
}

/** Writes the plain product for one number format. */
export function plainUnit(target: UnitTarget): string {
  const plans = [planPackedLevel(standard({ n: 1, m: 1, p: 1 }))];
  return [
    `/* The plain product <1,1,1> for ${target.dtype} over the same engine: the fallback of a library without a BLAS. */`,
    ...programDefines(plans, target.dtype),
    ...engineAndTransforms(plans, target),
    `#define FASTMM_FALLBACK fastmm_fallback_${GEMM_NAME[target.dtype]}`,
    '#include "plain.h"',
    '',
  ].join('\n');
}

/** Writes what test.c tests of a unit (library/test_type.h). */
export function unitTest({ grid, growth }: Algorithm, dtype: DType, suffix: string, crossover: string): string[] {
  return [
    `#define REAL ${C_TYPE[dtype]}`,
    `#define EPSILON ${dtype === 'f32' ? 'FLT_EPSILON' : 'DBL_EPSILON'}`,
    `#define GEMM(suffix) fastmm_${GEMM_NAME[dtype]}${suffix}##suffix`,
    `#define CROSSOVER ${crossover}`,
    `#define DEPTH_BLOCKS ${grid.m}`,
    `#define ERROR_GROWTH ${growth.values}`,
    `#define ROUNDINGS ${growth.roundings}`,
    `#define TEST(name) ${dtype}${suffix}_##name`,
    '#include "test_type.h"',
    '',
  ];
}

/** Writes the list of tests that test.c calls. */
export function allTests(names: readonly string[]): string {
  return `#define ALL_TESTS ${names.map((name) => `${name}_all();`).join(' ')}`;
}

function engineAndTransforms(plans: readonly PackedLevel[], { isa, caches, dtype, tuned }: UnitTarget): string[] {
  return [
    '',
    tuned === undefined
      ? '/* The register tile and the tiles around it, by the vectors there are and the caches of the device it was made for. */'
      : `/* The register tile and the tiles around it, by the vectors there are; those for ${tuned.isa} were measured to be the fastest. */`,
    ...kernelTable(isa, caches, dtype, tuned),
    '',
    '#include "packed.h"',
    '',
    ...transformFunctions(plans),
  ];
}
