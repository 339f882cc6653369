import { rankBlas } from '../blas/libraries.js';
import { cProgram, isVariant, TRANSPOSED_VARIANTS, VARIANTS } from '../codegen/c/variant.js';
import { cacheSizes, vectorIsa } from '../device/cpu.js';
import type { Backend } from './backend.js';
import { C_COMPILERS, compileHarness, compileProgram, probeCompiler } from './c-compiler.js';

/** Lists `c-gcc` and `c-clang`: generated C in the compiled child, against the BLAS of the device that is the fastest for the problem. */
export const C_BACKENDS: readonly Backend[] = Object.entries(C_COMPILERS).map(([name, { fix }]) => ({
  name,
  variants: VARIANTS,
  dtypes: ['f32', 'f64'],
  transposedVariants: TRANSPOSED_VARIANTS,
  fixes: [fix],
  find: async (signal) => {
    const probe = await probeCompiler(name);
    if (!probe.ok) return probe;
    const { compiler } = probe;
    const harness = await compileHarness(compiler, signal);
    const blas = await rankBlas(harness);
    return {
      ok: true,
      toolchain: {
        compiler,
        harness,
        blas,
        blasFor: (kind) => rankBlas(harness, kind),
        controlSize: 1024,
        compile: (source, options) => compileProgram(compiler, source, options),
      },
    };
  },
  program: (variant, levels, dtype, kernel) =>
    cProgram(
      isVariant(variant) ? variant : VARIANTS[0],
      levels,
      dtype === 'f64' ? 'f64' : 'f32',
      { vectorIsa: vectorIsa(), caches: cacheSizes() },
      kernel,
    ),
}));
