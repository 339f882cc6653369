import { AlphaTensorError, contentHash, formatSize, type VerifiedFactorization } from '@alphatensor-edge/shared';
import type { KernelPlan } from '../../plan/kernel-plan.js';
import { gridOf, type OuterLevel, type PackedLevel, stagesOf } from '../../plan/packed.js';
import type { DType } from '../../plan/plan.js';
import type { Coefficients } from '../../plan/step-groups.js';
import { mergeBody, type Places, splitBody } from '../transforms.js';
import { fitsTemporaries } from './temporaries.js';

const REAL: Readonly<Record<DType, string>> = { f32: 'float', f64: 'double' };

/**
 * Bounds what is compiled. Each transform is one function, and compile time grows faster than the length of a function.
 */
const MAX_RANK = 500;
const MAX_OPERATIONS = 8000;

/**
 * Writes the C source of the `packed` variant: the at_program_t of a shared object (native/candidate.h), built on
 * native/packed.h. It works for every M, K, N.
 * @param plans of the levels
 * @throws AlphaTensorError INVALID_ARGUMENT naming `levels` if the code would be too large to compile
 */
export function packedSource(
  levels: readonly VerifiedFactorization[],
  plans: readonly PackedLevel[],
  dtype: DType,
  kernel: KernelPlan,
): string {
  const transforms = transformsOf(levels, plans);
  return [
    `/* ${levels.map(describe).join(' over ')}, ${dtype}, packed. */`,
    ...programDefines(plans, dtype),
    ...kernelDefines(kernel),
    '#include "candidate.h"',
    '#include "packed.h"',
    '',
    ...transforms,
    'const at_program_t at_program = {AT_ABI_VERSION, sizeof(at_real), at_workspace_bytes, at_multiply, at_multiply_as_they_lie};',
    '',
  ].join('\n');
}

/** Writes the transforms; where they are too large, says whether the other variant is the way. */
function transformsOf(levels: readonly VerifiedFactorization[], plans: readonly PackedLevel[]): string[] {
  try {
    return transformFunctions(plans);
  } catch (error) {
    if (!(error instanceof AlphaTensorError) || !fitsTemporaries(levels)) throw error;
    const message = `${error.message.replace(/\.$/, '')}; the variant temporaries takes this one.`;
    throw new AlphaTensorError(error.code, message, { ...error.details, cause: error });
  }
}

/** Writes the definitions that native/packed/sizes.h needs of the algorithm. */
export function programDefines(plans: readonly PackedLevel[], dtype: DType): string[] {
  const { outer, inner } = stagesOf(plans);
  const { n, m, p, rank } = gridOf(inner);
  const { size, rank: steps } = outer ?? { size: { n: 1, m: 1, p: 1 }, rank: 1 };
  return [
    define('AT_REAL', REAL[dtype]),
    define('AT_N', n),
    define('AT_M', m),
    define('AT_P', p),
    define('AT_RANK', rank),
    define('AT_OUTER_N', size.n),
    define('AT_OUTER_M', size.m),
    define('AT_OUTER_P', size.p),
    define('AT_STEPS', steps),
  ];
}

/** Writes the definitions that native/packed/sizes.h needs of the kernel plan. */
export function kernelDefines(kernel: KernelPlan): string[] {
  return [
    define('AT_MR', kernel.mr),
    define('AT_NR_LINES', kernel.lines),
    define('AT_KC', kernel.kc),
    define('AT_TILE_ROWS', kernel.tileRows),
    define('AT_TILE_COLUMNS', kernel.tileColumns),
    define('AT_STREAM_BYTES', kernel.streamAboveBytes),
    define('AT_NEAR_BYTES', kernel.nearBytes),
  ];
}

/**
 * Writes the three transforms that native/packed/transforms.h declares. They follow the include of packed.h.
 * @throws AlphaTensorError INVALID_ARGUMENT naming `levels` if the code would be too large to compile
 */
export function transformFunctions(plans: readonly PackedLevel[]): string[] {
  const { rank } = gridOf(plans);
  if (rank > MAX_RANK) throw tooLarge(`A program of ${rank} products`, MAX_RANK);
  const { outer, inner } = stagesOf(plans);
  const splitA = splitBody(inner, 'a', SPLIT_PLACES);
  const splitB = splitBody(inner, 'b', SPLIT_PLACES);
  const merge = mergeBody(inner, MERGE_PLACES);
  const operations = splitA.length + splitB.length + merge.length;
  if (operations > MAX_OPERATIONS) throw tooLarge(`A program of ${operations} operations`, MAX_OPERATIONS);
  return [
    ...(outer === undefined ? ONE_STEP : stepTables(outer)),
    ...bothWays('at_split_a', SPLIT, splitA),
    ...bothWays('at_split_b', SPLIT, splitB),
    ...bothWays('at_merge_c', MERGE, merge),
  ];
}

/** Writes what each step has of each outer block (native/packed/steps.h). */
function stepTables({ coefficients, rank, size: { n, m, p } }: OuterLevel): string[] {
  const table = (name: string, blocks: number, { rows, denominator }: Coefficients): string[] => [
    `static const at_real ${name}[${rank}][${blocks}] = {`,
    ...rows.map((row) => `  {${row.map((x) => signedConstant(x, denominator)).join(', ')}},`),
    '};',
  ];
  return [
    ...table('at_outer_a', n * m, coefficients.a),
    ...table('at_outer_b', m * p, coefficients.b),
    ...table('at_outer_c', n * p, coefficients.c),
    '',
  ];
}

const ONE_STEP = ['a', 'b', 'c'].map((operand) => `static const at_real at_outer_${operand}[1][1] = {{1}};`);

function signedConstant(numerator: number, denominator: number): string {
  return denominator === 1 ? `${numerator}` : `${numerator}.0 / ${denominator}.0`;
}

const SPLIT_PLACES: Places = {
  read: (x) => `source[${x}] + i * source_row_step + l * AT_LINE`,
  write: (r) => `packed + ${r} * product_step + i * packed_row_step + l * packed_line_step`,
};
const MERGE_PLACES: Places = {
  read: (r) => `products + ${r} * product_step + i * AT_NR + l * AT_LINE`,
  write: (x) => `target[${x}] + i * target_row_step + l * AT_LINE`,
};

function define(name: string, value: number | string): string {
  return `#define ${name} ${value}`;
}

/** Lists the parameters of at_split_fn and at_merge_fn (native/packed/transforms.h): type and name. */
type Parameters = readonly (readonly [type: string, name: string])[];

const SPLIT: Parameters = [
  ['size_t ', 'rows'],
  ['size_t ', 'lines'],
  ['const at_real *const *', 'source'],
  ['size_t ', 'source_row_step'],
  ['at_real *', 'packed'],
  ['size_t ', 'product_step'],
  ['size_t ', 'packed_row_step'],
  ['size_t ', 'packed_line_step'],
];
const MERGE: Parameters = [
  ['size_t ', 'rows'],
  ['size_t ', 'lines'],
  ['const at_real *', 'products'],
  ['size_t ', 'product_step'],
  ['at_real *const *', 'target'],
  ['size_t ', 'target_row_step'],
];

/** Writes a transform twice: for results that stay in the caches, and for results that bypass them. */
function bothWays(name: string, parameters: Parameters, body: readonly string[]): string[] {
  const declared = parameters.map(
    ([type, parameter], index) => `    ${type}${parameter}${index + 1 < parameters.length ? ',' : ') {'}`,
  );
  const passed = parameters.map(([, parameter]) => parameter).join(', ');
  return [
    `static inline __attribute__((always_inline)) void ${name}_either(`,
    '    const int stream,',
    ...declared,
    ...loop(body),
    '}',
    '',
    ...[0, 1].flatMap((stream) => [
      `static void ${name}${stream === 1 ? '_streaming' : ''}(`,
      ...declared,
      `  ${name}_either(${stream}, ${passed});`,
      '}',
      '',
    ]),
  ];
}

function loop(body: readonly string[]): string[] {
  return [
    '  for (size_t i = 0; i < rows; i++)',
    '    for (size_t l = 0; l < lines; l++) {',
    '      AT_NOT_KEPT(product_step);',
    ...body.map((line) => `      ${line}`),
    '    }',
  ];
}

function describe(level: VerifiedFactorization): string {
  return `${formatSize(level.size).slice(0, -1)};${level.rank}> ${contentHash(level).slice(0, 12)}`;
}

function tooLarge(what: string, limit: number): AlphaTensorError {
  return new AlphaTensorError(
    'INVALID_ARGUMENT',
    `${what} is too much to compile (at most ${limit}); use fewer levels or a smaller factorization.`,
    { field: 'levels' },
  );
}
