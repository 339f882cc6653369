import { AlphaTensorError, contentHash, formatSize, type VerifiedFactorization } from '@alphatensor-edge/shared';
import { countAdditions, countSummands } from '../../plan/additions.js';
import { type AlgorithmPlan, type DType, planAlgorithm, termsKey } from '../../plan/plan.js';
import { combineFunction } from './combine.js';

/** Bounds what is compiled: the time of gcc -O3 is roughly proportional to the number of summands. */
const CODE_LIMITS = { maxRank: 1000, maxSummands: 30_000, maxLevels: 6 } as const;

const GEMM: Readonly<Record<DType, { real: string; gemm: string }>> = {
  f32: { real: 'float', gemm: 'sgemm' },
  f64: { real: 'double', gemm: 'dgemm' },
};

/**
 * Writes the C source of the `temporaries` variant: the at_program_t of a shared object (native/candidate.h), built on
 * native/temporaries.h. It works for every M, K, N. A factorization used at several levels appears once.
 * @throws AlphaTensorError INVALID_ARGUMENT naming `levels` if the code would be too large to compile
 */
export function temporariesSource(levels: readonly VerifiedFactorization[], dtype: DType): string {
  checkLevels(levels);
  const names = new Map<string, { name: string; plan: AlgorithmPlan; level: VerifiedFactorization }>();
  const order = levels.map((level) => {
    const key = termsKey(level);
    const known = names.get(key);
    if (known !== undefined) return known.name;
    const name = `algorithm_${names.size}`;
    names.set(key, { name, plan: planAlgorithm(level), level });
    return name;
  });
  const algorithms = [...names.values()];
  checkCodeSize(algorithms.map(({ plan }) => plan));

  const { real, gemm } = GEMM[dtype];
  return [
    `/* ${levels.map(({ size, rank }) => `${formatSize(size).slice(0, -1)};${rank}>`).join(' over ')}, ${dtype}, temporaries. */`,
    `#define AT_REAL ${real}`,
    `#define AT_GEMM ${gemm}`,
    '#include "temporaries.h"',
    '',
    ...algorithms.map(({ name, plan, level }) => algorithmSource(name, plan, level)),
    `static const at_algorithm *const levels[] = {${order.map((name) => `&${name}`).join(', ')}};`,
    `enum { LEVELS = ${levels.length} };`,
    '',
    'static size_t workspace_bytes(size_t m, size_t k, size_t n, size_t threads, size_t limit) {',
    '  (void)threads;',
    '  (void)limit;',
    '  return at_workspace(levels, LEVELS, m, k, n) * sizeof(at_real);',
    '}',
    '',
    'static void multiply(const at_runtime *runtime, size_t m, size_t k, size_t n, const void *a, size_t lda, const void *b,',
    '                     size_t ldb, void *c, size_t ldc, void *workspace, size_t limit) {',
    '  (void)limit;',
    '  at_multiply(runtime, levels, LEVELS, m, k, n, 1, a, lda, b, ldb, c, ldc, workspace);',
    '}',
    '',
    'const at_program_t at_program = {AT_ABI_VERSION, sizeof(at_real), workspace_bytes, multiply, NULL};',
    '',
  ].join('\n');
}

/** Tells whether `temporariesSource` takes an algorithm. */
export function fitsTemporaries(levels: readonly VerifiedFactorization[]): boolean {
  try {
    checkLevels(levels);
    // A factorization used at several levels appears once.
    const different = new Map(levels.map((level) => [termsKey(level), level]));
    checkCodeSize(Array.from(different.values(), planAlgorithm));
    return true;
  } catch (error) {
    if (!(error instanceof AlphaTensorError)) throw error;
    return false;
  }
}

function checkLevels({ length }: readonly VerifiedFactorization[]): void {
  if (length > CODE_LIMITS.maxLevels) throw tooLarge(`${length} recursion levels`, `${CODE_LIMITS.maxLevels}`);
}

function algorithmSource(name: string, plan: AlgorithmPlan, level: VerifiedFactorization): string {
  const { size, rank } = plan;
  const ints = (values: readonly number[]): string => `(const int[]){${values.join(', ')}}`;
  return [
    `/* ${formatSize(size)} in ${rank} products, ${contentHash(level).slice(0, 12)}; additions: ` +
      `A ${countAdditions(plan.a)}, B ${countAdditions(plan.b)}, C ${countAdditions(plan.c)}. */`,
    combineFunction(`${name}_a`, plan.a),
    combineFunction(`${name}_b`, plan.b),
    combineFunction(`${name}_c`, plan.c),
    `static const at_algorithm ${name} = {`,
    `    .n = ${size.n}, .m = ${size.m}, .p = ${size.p}, .rank = ${rank},`,
    `    .single_a = ${ints(plan.singleA)},`,
    `    .single_b = ${ints(plan.singleB)},`,
    `    .single_c = ${ints(plan.singleC)},`,
    `    .alpha = (const at_real[]){${plan.alpha.join(', ')}},`,
    `    .combine_a = ${name}_a, .combine_b = ${name}_b, .combine_c = ${name}_c};`,
    '',
  ].join('\n');
}

function checkCodeSize(plans: readonly AlgorithmPlan[]): void {
  for (const { rank } of plans) {
    if (rank > CODE_LIMITS.maxRank) throw tooLarge(`A level with ${rank} products`, `${CODE_LIMITS.maxRank}`);
  }
  const summands = plans.reduce((sum, { a, b, c }) => sum + countSummands(a) + countSummands(b) + countSummands(c), 0);
  if (summands > CODE_LIMITS.maxSummands) {
    throw tooLarge(`A program of ${summands} summands`, `${CODE_LIMITS.maxSummands}`);
  }
}

function tooLarge(what: string, limit: string): AlphaTensorError {
  return new AlphaTensorError(
    'INVALID_ARGUMENT',
    `${what} is too much to compile (at most ${limit}); use fewer levels or a smaller factorization.`,
    { field: 'levels' },
  );
}
