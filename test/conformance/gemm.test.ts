import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it, type TestContext } from 'vitest';
import { nativeFlags } from '../../agent/src/backends/c-compiler.js';
import { type CProgram, cProgram } from '../../agent/src/codegen/c/variant.js';
import { cpuFeatures, vectorIsa } from '../../agent/src/device/cpu.js';
import type { KernelPlan } from '../../agent/src/plan/kernel-plan.js';
import { type DType, ELEMENT_BYTES } from '../../agent/src/plan/plan.js';
import { standard, strassen, type VerifiedFactorization, winograd } from '../../shared/src/index.js';
import { SHAPES, withDenominator } from '../support/conformance-cases.js';
import { edgeShapes } from '../support/edge-shapes.js';
import { assembly, type CrossCompiler, tryGemm, whyAbsent } from '../support/gemm-driver.js';

// at_gemm of packed programs, with transposes, leading dimensions, alpha and beta, for several processors and kernel plans,
// against the definition of the product. The driver tries all of that in one process, so that each program is compiled once.

const CACHES = { l1dCacheBytes: 32 * 1024, l2CacheBytes: 512 * 1024 };
const NEVER = Number.MAX_SAFE_INTEGER;
const DTYPES = ['f32', 'f64'] as const;

const DEEP_AND_LONG = [
  { m: 2047, k: 3, n: 5 },
  { m: 3, k: 2047, n: 5 },
  { m: 5, k: 3, n: 2047 },
  // Nothing to add up.
  { m: 3, k: 0, n: 4 },
];

async function expectRight(compiler: CrossCompiler, program: CProgram, context: TestContext): Promise<void> {
  const absent = await whyAbsent(compiler);
  if (absent !== undefined) context.skip(absent);
  const kernel = program.kernel as KernelPlan;
  const shapes = [...SHAPES, ...DEEP_AND_LONG, ...edgeShapes(program.levels, kernel, program.dtype)];
  expect(await tryGemm(compiler, program, shapes, 2)).toBe(`${shapes.length * 16} products are right\n`);
}

/** Kernel plans that suit nothing: KC in lines of the depth, tiles in register tiles. */
interface OddPlan {
  readonly name: string;
  readonly mr: number;
  readonly lines: number;
  readonly kcLines: number;
  readonly tile: readonly [down: number, across: number];
  readonly streamAboveBytes: number;
  readonly nearBytes?: number;
}

const ODD_PLANS: readonly OddPlan[] = [
  { name: 'a single row', mr: 1, lines: 1, kcLines: 1, tile: [1, 1], streamAboveBytes: 0 },
  {
    name: 'tiles of one register tile, never streaming',
    mr: 3,
    lines: 2,
    kcLines: 1,
    tile: [1, 1],
    streamAboveBytes: NEVER,
  },
  { name: 'flat tiles', mr: 8, lines: 3, kcLines: 2, tile: [1, 5], streamAboveBytes: 0 },
  { name: 'tall tiles', mr: 14, lines: 2, kcLines: 3, tile: [4, 1], streamAboveBytes: NEVER },
  {
    name: 'near tiles where the depth is short',
    mr: 4,
    lines: 1,
    kcLines: 2,
    tile: [9, 9],
    streamAboveBytes: NEVER,
    nearBytes: NEVER,
  },
  { name: 'more rows than a pass of B has', mr: 20, lines: 1, kcLines: 2, tile: [2, 2], streamAboveBytes: 0 },
  // Whether the packed operands are over the limit depends on the shape.
  { name: 'streaming what is large', mr: 5, lines: 4, kcLines: 64, tile: [100, 100], streamAboveBytes: 16_384 },
];

function oddPlan({ mr, lines, kcLines, tile, streamAboveBytes, nearBytes = 0 }: OddPlan, dtype: DType): KernelPlan {
  const line = 64 / ELEMENT_BYTES[dtype];
  const columns = lines * line;
  return {
    mr,
    lines,
    kc: kcLines * line,
    tileRows: tile[0] * mr,
    tileColumns: tile[1] * columns,
    streamAboveBytes,
    nearBytes,
  };
}

/** Levels that differ in kind: a power of two of blocks, all dimensions different, coefficients that are not whole. */
const LEVELS: readonly (readonly VerifiedFactorization[])[] = [
  [strassen()],
  [standard({ n: 3, m: 2, p: 1 }), winograd()],
  [withDenominator(winograd(), 3)],
];

describe('at_gemm on this processor', () => {
  ODD_PLANS.forEach((plan, index) => {
    // The sources are the same for both compilers and differ in one name for the number formats: they take turns.
    const command = ['gcc', 'clang'][index % 2];
    const dtype = DTYPES[(index >> 1) % 2];
    const levels = LEVELS[index % LEVELS.length];
    it(`is right with ${plan.name}, ${dtype}, ${command}`, async (context) => {
      const target = { vectorIsa: vectorIsa(), caches: CACHES };
      const flag = process.arch === 'x64' ? '-march=native' : '-mcpu=native';
      const program = cProgram('packed', levels, dtype, target, oddPlan(plan, dtype));
      await expectRight({ command, flags: ['-O2', flag] }, program, context);
    });
  });
});

/** A processor that is not this one, or this one without its newer instructions. */
interface Processor {
  readonly name: string;
  readonly isa: string;
  /** What this processor must have to run the program, as /proc/cpuinfo names it. */
  readonly features: readonly string[];
  readonly compilers: readonly CrossCompiler[];
  /** The instruction that ends an update of a sum. */
  readonly sum: RegExp;
  readonly vectorsPerLine: number;
}

/** A vector and the stack in one instruction. */
const SPILL = /^(?=.*(?:%rsp|\[sp)).*(?:%[xyz]mm|\b[qdv]\d)/;

/** One vector register to another. */
const MOVE = /^\s+v?mov[au]p[sd]\s+%[xyz]mm\d+,\s*%[xyz]mm\d+$/;

const x86 = (...flags: string[]): CrossCompiler[] =>
  ['gcc', 'clang'].map((command) => ({ command, flags: ['-O3', ...flags] }));

const PROCESSORS: readonly Processor[] = [
  {
    name: 'AVX-512',
    isa: 'avx512',
    features: ['avx512f', 'fma'],
    compilers: x86('-mavx512f', '-mfma'),
    sum: /vfmadd\d+p/,
    vectorsPerLine: 1,
  },
  {
    name: 'AVX2',
    isa: 'avx2',
    features: ['avx2', 'fma'],
    compilers: x86('-mavx2', '-mfma'),
    sum: /vfmadd\d+p/,
    vectorsPerLine: 2,
  },
  { name: 'AVX', isa: 'avx', features: ['avx'], compilers: x86('-mavx'), sum: /vaddp/, vectorsPerLine: 2 },
  { name: 'SSE2', isa: 'generic', features: [], compilers: x86('-march=x86-64'), sum: /addp/, vectorsPerLine: 4 },
  {
    name: 'NEON',
    isa: 'neon',
    features: [],
    compilers: [
      { command: 'aarch64-linux-gnu-gcc', flags: ['-O3', '-static'], emulator: 'qemu-aarch64' },
      { command: 'clang', flags: ['-O3', '-static', '--target=aarch64-linux-gnu'], emulator: 'qemu-aarch64' },
    ],
    sum: /fmla/,
    vectorsPerLine: 4,
  },
];

for (const { name, isa, features, compilers, sum, vectorsPerLine } of PROCESSORS) {
  const target = { vectorIsa: isa, caches: CACHES };
  compilers.forEach((compiler, index) => {
    const dtype = DTYPES[index];
    const what = `at_gemm for ${name}, ${dtype}, ${compiler.command}`;

    it(`${what}, is right`, async (context) => {
      const missing = features.filter((feature) => !cpuFeatures().split(' ').includes(feature));
      context.skip(missing.length > 0, `this processor has no ${missing.join(' and no ')}`);
      await expectRight(compiler, cProgram('packed', [winograd()], dtype, target), context);
    });

    // The register tiles of plan/kernel-plan.ts are as large as this allows.
    it(`${what}, keeps its sums in registers`, async (context) => {
      const absent = await whyAbsent(compiler);
      if (absent !== undefined) context.skip(absent);
      const program = cProgram('packed', [standard({ n: 1, m: 1, p: 1 })], dtype, target);
      const { mr, lines } = program.kernel as KernelPlan;
      const sums = mr * lines * vectorsPerLine;
      const loop = kernelLoop(await assembly(compiler, program), sum, sums);
      const steps = loop.filter((line) => sum.test(line)).length / sums;
      expect(Number.isInteger(steps)).toBe(true);
      // What is put aside once in a loop of many steps costs nothing.
      expect(loop.filter((line) => SPILL.test(line)).length).toBeLessThan(steps);
      // Without a fused multiply-add a product is made in a copy.
      if (features.includes('fma')) expect(loop.filter((line) => MOVE.test(line)).length).toBeLessThan(steps);
    });
  });
}

describe.skipIf(process.arch !== 'x64')('the multiply-add peak', () => {
  it.each(['gcc', 'clang'])('is that of whole AVX-512 vectors with the agent’s flags, %s', async (command) => {
    const flags = nativeFlags(command).map((flag) => (flag === '-march=native' ? '-march=skylake-avx512' : flag));
    const source = fileURLToPath(new URL('../../agent/native/peak.c', import.meta.url));
    const { stdout } = await promisify(execFile)(command, [...flags, '-S', '-o', '-', source]);
    const updates = stdout.split('\n').filter((line) => /vfmadd\d+p/.test(line));
    expect(updates.length).toBeGreaterThanOrEqual(2 * 24);
    expect(updates.filter((line) => !line.includes('%zmm'))).toEqual([]);
  });
});

/**
 * The loop of the micro-kernel for whole register tiles and whole lines of the depth: the shortest one of its function
 * with at least so many lines like `wanted` that asks for data ahead.
 */
function kernelLoop(text: string, wanted: RegExp, atLeast: number): string[] {
  const lines = text.slice(text.search(/^at_micro_kernel_full:/m)).split('\n');
  const labels = new Map<string, number>();
  let shortest: string[] = [];
  for (const [index, line] of lines.entries()) {
    if (/^\s*\.size\s+at_micro_kernel_full/.test(line)) break;
    const label = /^(\.L\w+):/.exec(line)?.[1];
    if (label !== undefined) labels.set(label, index);
    // A branch back to a label that has been passed.
    const first = labels.get(/^\s+[a-z][\w.]*\s+(?:.*,\s*)?(\.L\w+)\s*$/.exec(line)?.[1] ?? '');
    if (first === undefined) continue;
    const loop = lines.slice(first, index + 1);
    if (loop.filter((inside) => wanted.test(inside)).length < atLeast) continue;
    if (!loop.some((inside) => /prefetch|prfm/.test(inside))) continue;
    if (shortest.length === 0 || loop.length < shortest.length) shortest = loop;
  }
  expect(shortest).not.toEqual([]);
  return shortest;
}
