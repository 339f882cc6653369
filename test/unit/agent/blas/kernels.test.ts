import { describe, expect, it } from 'vitest';
import { kernelSettings, runsKernels } from '../../../../agent/src/blas/kernels.js';
import { faster, type TimedBlas } from '../../../../agent/src/blas/ranking.js';
import { blasKernels, blasName, blasText } from '../../../../proto/src/index.js';

const AVX512 = 'fpu sse2 fma avx avx2 avx512f avx512dq avx512cd avx512bw avx512vl';
const OPENBLAS = (kernels: string) => `OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH NO_AFFINITY ${kernels} MAX_THREADS=64`;

describe('the kernels to ask a library for', () => {
  const asked = (name: string, features: string) =>
    kernelSettings(name, features).map(({ environment, kernels }) => [environment, kernels]);

  it('are those for the widest vectors first, in the words of the library', () => {
    expect(asked('OpenBLAS', AVX512)).toEqual([
      [{ OPENBLAS_CORETYPE: 'SkylakeX' }, 'SkylakeX'],
      [{ OPENBLAS_CORETYPE: 'Haswell' }, 'Haswell'],
    ]);
    expect(asked('OpenBLAS', 'sse2 avx avx2 fma')).toEqual([[{ OPENBLAS_CORETYPE: 'Haswell' }, 'Haswell']]);
    expect(asked('BLIS', AVX512)).toEqual([
      [{ BLIS_ARCH_TYPE: '0' }, 'skx'],
      [{ BLIS_ARCH_TYPE: 'skx' }, 'skx'],
      [{ BLIS_ARCH_TYPE: '3' }, 'haswell'],
      [{ BLIS_ARCH_TYPE: 'haswell' }, 'haswell'],
    ]);
  });

  it('are none that the processor could not run, and none of a library that knows no such question', () => {
    // Knights Landing has AVX-512 without the parts that these kernels use.
    expect(asked('OpenBLAS', 'avx avx2 fma avx512f avx512cd avx512er avx512pf')).toEqual(asked('OpenBLAS', 'avx2 fma'));
    expect(asked('OpenBLAS', 'sse2 avx')).toEqual([]);
    expect(asked('BLIS', 'fp asimd sve')).toEqual([]);
    expect(asked('OpenBLAS', '')).toEqual([]);
    for (const name of ['MKL', 'BLAS', 'portable']) expect(asked(name, AVX512)).toEqual([]);
  });

  it('are told from others in what the library says of itself', () => {
    expect(runsKernels(OPENBLAS('SkylakeX'), 'SkylakeX')).toBe(true);
    expect(runsKernels(OPENBLAS('SKYLAKEX'), 'SkylakeX')).toBe(true);
    expect(runsKernels(OPENBLAS('Prescott'), 'SkylakeX')).toBe(false);
    expect(runsKernels('haswell', 'haswell')).toBe(true);
    expect(runsKernels('', 'haswell')).toBe(false);
  });
});

describe('a library with its own kernels and with others', () => {
  const timed = (environment: Record<string, string>, milliseconds: number, samples = 12): TimedBlas => ({
    blas: { name: 'OpenBLAS', version: '1', library: 'l', configuration: '', thirdParty: true, environment },
    seconds: Array(samples).fill(milliseconds / 1000),
  });
  const setting = { OPENBLAS_CORETYPE: 'SkylakeX' };

  it('runs with what is really faster', () => {
    const own = timed({}, 60);
    expect(faster({ own })).toBe(own);
    const asked = timed(setting, 13);
    expect(faster({ own, asked })).toBe(asked);
    for (const milliseconds of [58, 60, 300]) {
      expect(faster({ own, asked: timed(setting, milliseconds) })).toBe(own);
    }
  });

  it('does not run with what it died of even once, but may where it dies of its own choice', () => {
    const own = timed({}, 60);
    expect(faster({ own, asked: timed(setting, 13, 8) })).toBe(own);
    const asked = timed(setting, 13);
    expect(faster({ own: timed({}, 0, 0), asked })).toBe(asked);
  });

  it('is called by both', () => {
    expect(blasName(timed({}, 1).blas)).toBe('OpenBLAS 1');
    expect(blasName(timed(setting, 1).blas)).toBe('OpenBLAS 1 with OPENBLAS_CORETYPE=SkylakeX');
    expect(blasName({ name: 'XLA dot', version: '' })).toBe('XLA dot');
  });

  it('is shown with the kernels that it says it runs', () => {
    const kernels = (name: string, configuration: string) => blasKernels({ name, configuration });
    expect(kernels('OpenBLAS', OPENBLAS('Prescott'))).toBe('Prescott');
    expect(kernels('OpenBLAS', 'OpenBLAS 0.3.9 Zen SINGLE_THREADED')).toBe('Zen');
    expect(kernels('BLIS', 'haswell')).toBe('haswell');
    expect(kernels('BLIS', '')).toBe('');
    // The end of what MKL says of itself, with and without what was found beside it.
    expect(kernels('MKL', 'Version 2026.2-Product Build 20260915 for Intel(R) 64 architecture applications')).toBe('');
    expect(kernels('MKL', 'for Intel(R) 64 architecture applications avx512')).toBe('avx512');
    expect(kernels('cuBLAS', 'operands as they are')).toBe('');
    const { blas } = timed(setting, 1);
    expect(blasText(blas)).toBe('OpenBLAS 1 with OPENBLAS_CORETYPE=SkylakeX');
    expect(blasText({ ...blas, environment: {}, configuration: OPENBLAS('Zen') })).toBe('OpenBLAS 1 (Zen kernels)');
  });
});
