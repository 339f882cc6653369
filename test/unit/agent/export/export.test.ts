import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cLibrary } from '../../../../agent/src/export/c-library.js';
import { assumedCrossover, type Measured, measuredCrossover } from '../../../../agent/src/export/crossover.js';
import type { LibraryOptions } from '../../../../agent/src/export/library.js';
import { measuredText } from '../../../../agent/src/export/readme.js';
import { errorGrowth } from '../../../../agent/src/plan/error-growth.js';
import { defaultKernelPlan } from '../../../../agent/src/plan/kernel-plan.js';
import { planPackedLevel } from '../../../../agent/src/plan/packed.js';
import { standard, strassen, winograd } from '../../../../shared/src/index.js';

function measured(size: number, low: number, threads = 1): Measured {
  const dimensions = { m: size, k: 2 * size, n: size };
  return {
    ...dimensions,
    dtype: 'f32',
    threads,
    estimate: low + 0.01,
    low,
    high: low + 0.02,
    against: 'OpenBLAS 0.3.21',
  };
}

describe('the table of what was measured', () => {
  it('says to set what the BLAS was measured with', () => {
    const told = { ...measured(512, 1.1), against: 'OpenBLAS 0.3.21 with OPENBLAS_CORETYPE=SkylakeX' };
    const text = measuredText([measured(1024, 1.1), told]);
    expect(text).toContain('| OpenBLAS 0.3.21 with OPENBLAS_CORETYPE=SkylakeX |');
    expect(text).toContain('Set it in the\nenvironment of your program too');
    expect(measuredText([measured(1024, 1.1)])).not.toContain('environment');
  });
});

describe('the crossover', () => {
  it('is the smallest measured size from which on it was always faster', () => {
    const { size, origin } = measuredCrossover([measured(1024, 1.1), measured(256, 1.2), measured(512, 0.99)]);
    expect(size).toBe(1024);
    expect(origin).toBe('Measured: from 1024 on it was faster than OpenBLAS 0.3.21, and at 512 it was not.');
  });

  it('must be faster with every number of threads', () => {
    expect(measuredCrossover([measured(512, 1.1), measured(512, 0.9, 2), measured(1024, 1.1, 2)]).size).toBe(1024);
  });

  it('does not exist where the largest size was not faster', () => {
    const { size, origin } = measuredCrossover([measured(512, 1.1), measured(2048, 1)]);
    expect(size).toBeUndefined();
    expect(origin).toBe('Measured: at 2048, the largest size, it was not faster than OpenBLAS 0.3.21.');
  });

  it('says so where nothing was measured', () => {
    expect(assumedCrossover({ n: 4, m: 2, p: 4 })).toEqual({
      size: 1024,
      origin: 'Not measured: blocks of at least 256 are assumed to be worth it.',
    });
  });
});

describe('the growth of errors', () => {
  // The stability factors of Ballard et al. 2016, table 1: 12 for Strassen's algorithm, 18 for Winograd's form of it.
  it('is that of the literature', () => {
    const growthOf = (...levels: Parameters<typeof planPackedLevel>[0][]): number =>
      errorGrowth(levels.map(planPackedLevel)).values;
    expect(growthOf(standard({ n: 2, m: 3, p: 2 }))).toBe(3);
    expect(growthOf(strassen())).toBe(12);
    expect(growthOf(winograd())).toBe(18);
    expect(growthOf(winograd(), strassen())).toBe(18 * 12);
  });
});

describe('an exported library', () => {
  const OPTIONS: LibraryOptions = {
    levels: [{ factorization: winograd(), origin: 'rl', notes: 'found in /home/someone/runs' }],
    name: 'layer',
    isa: 'auto',
    caches: {},
    crossovers: { f64: { size: undefined, origin: 'Measured: never.' } },
    measured: [],
    workspaceTimes: 1,
    version: '1.2.3',
  };

  it('has its own name, only the number formats asked for, and no word of where it was made', () => {
    const files = cLibrary(OPTIONS);
    expect([...files.keys()].filter((name) => name.startsWith('layer')).sort()).toEqual([
      'layer.h',
      'layer_config.h',
      'layer_f64.c',
      'layer_f64_plain.c',
    ]);
    for (const [name, text] of files) {
      expect(text, name).not.toMatch(/fastmm|\/(home|tmp|usr\/(?!local)|root|work)\//i);
      // What "make install" fills in stays.
      if (!name.startsWith('install/')) expect(text, name).not.toMatch(/@[A-Z]+@/);
    }
    expect(files.get('Makefile')).toContain('TYPES = f64\n');
    expect(files.get('layer_config.h')).toContain('#define LAYER_HAS_F32 0\n');
    expect(files.get('layer_config.h')).toContain('#define LAYER_CROSSOVER_F64 SIZE_MAX\n');
    expect(files.get('layer_f64.c')).toContain(
      '<2,2,2>, 7 products, origin rl; additions for A 4, B 4, C 7, error growth 2.65;',
    );
  });

  it('says in its README how much error to expect, and what was measured', () => {
    const problem = { m: 512, k: 512, n: 512, dtype: 'f64', threads: 1 } as const;
    const speedup = { estimate: 1.1, low: 1.05, high: 1.15, against: 'OpenBLAS 0.3.34' };
    const measured = [
      { ...problem, ...speedup, relativeError: 3e-15, baselineRelativeError: 1e-15 },
      { ...problem, ...speedup },
    ];
    const text = cLibrary({ ...OPTIONS, measured }).get('README.md');
    expect(text).toContain('the relative error is about 2.65 times that of a plain product');
    expect(text).toContain('| 1.100 [1.050, 1.150] | 3.0e-15, 3.0 times that of the BLAS |');
    expect(text).toContain('| 1.100 [1.050, 1.150] | unknown |');
  });

  it('has every header that one of its files includes', () => {
    const files = cLibrary(OPTIONS);
    const included = [...files].flatMap(([name, text]) =>
      [...text.matchAll(/#include "([^"]+)"/g)].map(([, header]) => join(dirname(name), header)),
    );
    expect(included).toContain('packed/micro_kernel.h');
    for (const header of included) expect([...files.keys()]).toContain(header);
  });

  it('leaves the register tile to the compiler, or has the one asked for', () => {
    const source = (isa: LibraryOptions['isa']): string => cLibrary({ ...OPTIONS, isa }).get('layer_f64.c') ?? '';
    const rowsOf = (isa: string): string => `#define AT_MR ${defaultKernelPlan(isa, {}, 8).mr}`;
    expect(source('auto').match(/#define AT_MR \d+/g)).toEqual(['avx512', 'avx2', 'neon', 'generic'].map(rowsOf));
    expect(source('avx2').match(/#define AT_MR \d+/g)).toEqual([rowsOf('avx2')]);
    expect(source('avx2')).toContain('#error "This library is for avx2: compile it with -march=haswell."');
    expect(source('generic')).not.toContain('#error');
  });

  it.each(['', 'Layer', '9th', 'a-b', 'test', 'packed', 'at', 'at_x', 'cblas', 'x'.repeat(41)])(
    'is not called "%s"',
    (name) => {
      expect(() => cLibrary({ ...OPTIONS, name })).toThrow(/choose a C identifier/);
    },
  );

  it('is not written where it would take too long to compile', () => {
    const levels = Array.from({ length: 4 }, () => OPTIONS.levels[0]);
    expect(() => cLibrary({ ...OPTIONS, levels })).toThrow('A program of 2401 products is too much to compile');
  });
});
