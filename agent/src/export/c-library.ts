import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  AlphaTensorError,
  contentHash,
  type FactorizationRecord,
  formatSize,
  isExact,
  standard,
} from '@alphatensor-edge/shared';
import { programDefines, transformFunctions } from '../codegen/c/packed.js';
import { errorGrowth } from '../plan/error-growth.js';
import { gridOf, type PackedLevel, planPackedLevel } from '../plan/packed.js';
import type { DType } from '../plan/plan.js';
import type { Crossover } from './crossover.js';
import { archFlag, kernelTable } from './kernel-table.js';
import { GEMM_NAME, type LibraryFacts, type LibraryOptions } from './library.js';
import { readme } from './readme.js';

/** The engine's headers, and the parts of a library that are the same for every algorithm. */
const ENGINE = new URL('../../native/', import.meta.url);
const TEMPLATE = new URL('../../library/', import.meta.url);
const ENGINE_HEADERS = ['packed.h', 'runtime.h', 'vector.h'];

/** The name that the files of the template and all that they declare have, to be replaced by the library's. */
const TEMPLATE_NAME = 'fastmm';

const LICENSE_LINE = '/* SPDX-License-Identifier: Apache-2.0 */';

/**
 * The files of a C library, content by name.
 * @throws AlphaTensorError INVALID_ARGUMENT for a name that cannot be one, a factorization that is exact modulo 2 only, or one
 * too large to compile
 */
export function cLibrary(options: LibraryOptions): Map<string, string> {
  const { levels, name, isa } = options;
  requireStandardArithmetic(levels);
  requireName(name);
  const plans = levels.map(({ factorization }) => planPackedLevel(factorization));
  const facts: LibraryFacts = {
    ...options,
    algorithm: levels.map(({ factorization: f }) => `${formatSize(f.size).slice(0, -1)};${f.rank}>`).join(' over '),
    dtypes: Object.keys(options.crossovers) as DType[],
    plans,
    grid: gridOf(plans),
    growth: errorGrowth(plans),
  };
  const files = new Map<string, string>();
  const addC = (file: string, text: string): void => void files.set(file, `${LICENSE_LINE}\n${text}`);
  for (const file of ENGINE_HEADERS) addC(file, readFileSync(fileURLToPath(new URL(file, ENGINE)), 'utf8'));
  for (const file of readdirSync(fileURLToPath(TEMPLATE)).sort()) {
    const text = readFileSync(fileURLToPath(new URL(file, TEMPLATE)), 'utf8');
    const named = renamed(text, name);
    if (file === 'Makefile') {
      files.set(file, named.replace('@ARCH@', archFlag(isa)).replace('@TYPES@', facts.dtypes.join(' ')));
    } else {
      addC(renamed(file, name), named);
    }
  }
  addC(`${name}_config.h`, renamed(configHeader(facts), name));
  for (const dtype of facts.dtypes) {
    addC(`${name}_${dtype}.c`, renamed(algorithmSource(facts, dtype), name));
    addC(`${name}_${dtype}_plain.c`, renamed(plainSource(facts, dtype), name));
  }
  files.set('README.md', readme(facts));
  return files;
}

/** The template's text with the library's name. */
function renamed(text: string, name: string): string {
  return text.replaceAll(TEMPLATE_NAME, name).replaceAll(TEMPLATE_NAME.toUpperCase(), name.toUpperCase());
}

/** Names whose header would overwrite another file of the library. */
function takenNames(): string[] {
  const files = [...ENGINE_HEADERS, ...readdirSync(fileURLToPath(TEMPLATE))];
  return files.map((file) => file.replace(/\..*$/, '')).filter((file) => file !== TEMPLATE_NAME);
}

function requireName(name: string): void {
  // `at` is the prefix of the engine's own names, `cblas` that of the BLAS.
  const isTaken = [...takenNames(), 'at', 'cblas'].includes(name) || name.startsWith('at_');
  if (/^[a-z][a-z0-9_]{0,39}$/.test(name) && !isTaken) return;
  throw new AlphaTensorError(
    'INVALID_ARGUMENT',
    `The library cannot be called "${name}"; choose a C identifier in lower case that is none of its other files' names, such as fastmm.`,
    { field: '--name' },
  );
}

function requireStandardArithmetic(levels: readonly FactorizationRecord[]): void {
  const level = levels.findIndex(
    ({ factorization: f }) => f.arithmetic === 'modulo-2' && !isExact({ ...f, arithmetic: 'standard' }),
  );
  if (level < 0) return;
  throw new AlphaTensorError(
    'INVALID_ARGUMENT',
    `Factorization ${level + 1} is exact modulo 2 only; a product of real matrices needs one in standard arithmetic.`,
    { field: 'levels' },
  );
}

/** What is said of the algorithm at the beginning of its files, for a comment. */
function describeLevels({ levels, plans, grid }: LibraryFacts): string[] {
  return [
    ...levels.map(({ factorization, origin }, i) => {
      const { a, b, c, size, rank } = plans[i];
      const additions = [a, b, c].map(({ steps }) => steps.length);
      return (
        ` *   level ${i + 1}: <${size.n},${size.m},${size.p}>, ${rank} products, origin ${origin}; ` +
        `additions for A ${additions[0]}, B ${additions[1]}, C ${additions[2]};\n` +
        ` *            content hash ${contentHash(factorization)}`
      );
    }),
    ` *   together: <${grid.n},${grid.m},${grid.p}>, ${grid.rank} products instead of ${grid.n * grid.m * grid.p}`,
  ];
}

function configHeader(facts: LibraryFacts): string {
  const { algorithm, crossovers, dtypes, grid, growth } = facts;
  const has = (dtype: DType): string => `#define FASTMM_HAS_${dtype.toUpperCase()} ${dtypes.includes(dtype) ? 1 : 0}`;
  return [
    '/*',
    ' * What was settled when the library was written. A is cut into n x m blocks, B into m x p, C into n x p:',
    ...describeLevels(facts),
    ' */',
    '#ifndef FASTMM_CONFIG_H',
    '#define FASTMM_CONFIG_H',
    '',
    '#include <stdint.h>',
    '',
    `#define FASTMM_ALGORITHM "${algorithm}"`,
    `#define FASTMM_N ${grid.n}`,
    `#define FASTMM_M ${grid.m}`,
    `#define FASTMM_P ${grid.p}`,
    `#define FASTMM_RANK ${grid.rank}`,
    '',
    has('f32'),
    has('f64'),
    '',
    '/* Products whose smallest dimension is below this go to the BLAS. To change it, compile everything with -D. */',
    ...dtypes.flatMap((dtype) => {
      const { size, origin } = crossovers[dtype] as Crossover;
      const macro = `FASTMM_CROSSOVER_${dtype.toUpperCase()}`;
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

/** The algorithm for one number format. */
function algorithmSource(facts: LibraryFacts, dtype: DType): string {
  const gemm = GEMM_NAME[dtype];
  return [
    '/*',
    ` * ${facts.algorithm} for ${dtype}: the three transforms, written out by a generator, and the functions over them.`,
    ...describeLevels(facts),
    ' *',
    " * at_split_a and at_split_b compute, from the blocks of an operand (source[x], row by row), every product's",
    ' * combination of them; at_merge_c the blocks of C (target[x]) from the products. What occurs in several combinations',
    ' * is computed once. All of it is straight-line code over cache lines, in the words of packed.h.',
    ' */',
    ...programDefines(facts.plans, dtype),
    ...engineAndTransforms(facts, facts.plans, dtype),
    `#define FASTMM_GEMM(suffix) fastmm_${gemm}##suffix`,
    `#define FASTMM_FALLBACK fastmm_fallback_${gemm}`,
    `#define FASTMM_CROSSOVER FASTMM_CROSSOVER_${dtype.toUpperCase()}`,
    '#include "gemm.h"',
    '',
  ].join('\n');
}

/** The plain product for one number format. */
function plainSource(facts: LibraryFacts, dtype: DType): string {
  const plans = [planPackedLevel(standard({ n: 1, m: 1, p: 1 }))];
  return [
    `/* The plain product <1,1,1> for ${dtype} over the same engine: the fallback of a library without a BLAS. */`,
    ...programDefines(plans, dtype),
    ...engineAndTransforms(facts, plans, dtype),
    `#define FASTMM_FALLBACK fastmm_fallback_${GEMM_NAME[dtype]}`,
    '#include "plain.h"',
    '',
  ].join('\n');
}

function engineAndTransforms({ isa, caches }: LibraryFacts, plans: readonly PackedLevel[], dtype: DType): string[] {
  return [
    '',
    '/* The register tile and the tiles around it, by the vectors there are and the caches of the device it was made for. */',
    ...kernelTable(isa, caches, dtype),
    '',
    '#include "packed.h"',
    '',
    ...transformFunctions(plans),
  ];
}
