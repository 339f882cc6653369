import { describe, expect, it } from 'vitest';
import { findBackend } from '../../../../agent/src/backends/backends.js';
import { formatDiagnosis } from '../../../../agent/src/cli/doctor.js';
import { judge } from '../../../../agent/src/doctor/checks.js';
import type { Check, Findings } from '../../../../agent/src/doctor/diagnosis.js';
import { blasFinding, HEALTHY } from '../../../support/diagnosis.js';

// What the doctor says of made-up findings; that the findings are true is for agent-doctor.test.ts.

/** Those that are not ok. */
function complaints(changes: Partial<Findings>): Check[] {
  return judge({ ...HEALTHY, ...changes }).filter(({ status }) => status !== 'ok');
}

describe('the doctor', () => {
  it('has nothing to say against a healthy device, and looks at everything', () => {
    expect(complaints({})).toEqual([]);
    const text = judge(HEALTHY)
      .map(({ name, detail }) => `${name}: ${detail}`)
      .join('\n');
    for (const part of [
      'backend c-gcc: gcc 12.2.0',
      'BLAS OpenBLAS 0.3.21, the baseline: /lib/libopenblas.so.0 with Prescott kernels: f32 on 1 thread 90.0 GFLOP/s, 90 % of the peak',
      'BLAS BLIS 0.9.0: ',
      'caches: L1d 48 KiB and L2 1.3 MiB a core, L3 unknown',
      'vector instructions: avx2, 256 bits',
      'CPUs allowed: 4 (0-2, 5)',
      'memory: 8 GiB free of 16 GiB',
      'huge pages: madvise; 48 MiB granted',
      'load: 0.10 on 4 CPUs',
      'frequency governor: performance, 3000 MHz',
      'temperature: 45 °C before the tests, 60 °C after them',
      'thermal throttling: not during the tests; 3 times since the system started',
      'energy: reported by 1 processor package',
    ]) {
      expect(text).toContain(part);
    }
  });

  it('has a fix for every complaint, and none where all is well', () => {
    const { state, memory, processor } = HEALTHY;
    const sick: Partial<Findings> = {
      cache: { folder: '/cache', problem: 'EACCES: permission denied' },
      processor: { ...processor, vectorIsa: 'generic', vectorBits: null },
      memory: { ...memory, availableBytes: 2 ** 30, hugePages: 'never' },
      state: {
        ...state,
        governor: 'powersave',
        loadAverage: 3.5,
        temperatureAfterCelsius: 93,
        throttledMeanwhile: true,
      },
      blas: [],
    };
    const found = complaints(sick);
    expect(found.map(({ name, status }) => [name, status])).toEqual([
      ['cache', 'failed'],
      ['BLAS', 'warning'],
      ['vector instructions', 'warning'],
      ['memory', 'warning'],
      ['huge pages', 'warning'],
      ['load', 'warning'],
      ['frequency governor', 'warning'],
      ['temperature', 'warning'],
      ['thermal throttling', 'warning'],
    ]);
    for (const { status, fix } of judge({ ...HEALTHY, ...sick })) expect(fix === '').toBe(status === 'ok');
  });

  it('misses a compiler that was never installed only where no other C compiler works, and no other kind of backend', () => {
    const absent = (name: string): Findings['backends'][number] => {
      const install = findBackend(name)?.fixes[0];
      return { name, compiler: '', programs: [], problem: `it is not installed; ${install}.` };
    };
    const others = ['c-clang', 'cuda', 'jax'].map(absent);
    expect(complaints({ backends: [...HEALTHY.backends, ...others] })).toEqual([]);
    const [said] = judge({ ...HEALTHY, backends: [...HEALTHY.backends, ...others] }).filter(
      ({ name }) => name === 'backend c-clang',
    );
    expect(said.detail).toMatch(
      /^not there \(it is not installed\); it is not needed, and to have it, install it, for example/,
    );
    const gcc = absent('c-gcc');
    expect(complaints({ backends: [gcc, ...others] }).slice(0, 2)).toEqual([
      expect.objectContaining({ name: 'backend c-gcc', status: 'failed', fix: expect.stringMatching(/^Install it/) }),
      expect.objectContaining({ name: 'backend c-clang', status: 'failed' }),
    ]);
  });

  it('names an unusable folder once, not again for each backend', () => {
    const problem = 'No program can be run there; set TMPDIR to another.';
    const untried = [...HEALTHY.backends, { ...HEALTHY.backends[0], name: 'cuda' }].map((each) => ({
      ...each,
      problem,
    }));
    const blas = [blasFinding({ timings: [], problem: 'It was not tried, because no C compiler works.' })];
    const found = complaints({ temporary: { folder: '/noexec', problem }, backends: untried, blas });
    expect(found).toEqual([
      expect.objectContaining({ name: 'temporary files', detail: problem, fix: expect.stringContaining('TMPDIR') }),
      expect.objectContaining({ name: 'backends', status: 'failed', fix: expect.stringContaining('named above') }),
    ]);
  });

  it('tells what is unknown from what is well', () => {
    const unknown = {
      governor: null,
      frequencyMhz: null,
      temperatureCelsius: null,
      temperatureAfterCelsius: null,
      loadAverage: null,
      throttleCount: null,
      throttledMeanwhile: null,
      quotaStopsMeanwhile: null,
    };
    const checks = judge({ ...HEALTHY, state: unknown, energy: { counters: 'unreadable', packages: 2 } });
    for (const name of ['frequency governor', 'temperature', 'thermal throttling', 'load', 'energy']) {
      expect(checks.find((check) => check.name === name)).toMatchObject({
        status: 'ok',
        detail: expect.stringMatching(/^unknown/),
      });
    }
  });

  it('does not call CPUs allowed whose time a quota withholds', () => {
    const { processor, state } = HEALTHY;
    const [check] = complaints({
      processor: { ...processor, cpuQuota: 1 },
      state: { ...state, quotaStopsMeanwhile: 60 },
    });
    expect(check).toMatchObject({ name: 'CPUs allowed', status: 'warning' });
    expect(check.detail).toContain('with a CPU quota of 1, which stopped the tests in 60 periods');
    expect(check.fix).toContain('up to 1 thread');
    expect(
      complaints({ processor: { ...processor, cpuQuota: 4 }, state: { ...state, quotaStopsMeanwhile: 0 } }),
    ).toEqual([]);
  });

  it('warns of agents that cannot be seen, and says who measures now', () => {
    const holder = 'process 4711 (at-agent serve)';
    const [check] = complaints({ hostLock: { files: [], doubt: 'this agent runs in a container', holder } });
    expect(check).toMatchObject({ name: 'other agents', status: 'warning' });
    expect(check.detail).toBe(`may measure at the same time: this agent runs in a container; ${holder} measures now`);
    expect(check.fix).toContain('ALPHATENSOR_LOCK_DIR');
  });

  it('sends a compiler whose programs fail elsewhere than to the installation', () => {
    const problem = 'On small integers 3 elements of C are wrong.';
    const [check] = complaints({ backends: [{ ...HEALTHY.backends[0], problem }] });
    expect(check).toMatchObject({ status: 'failed', detail: problem });
    expect(check.fix).not.toContain('apt-get');
  });

  it('says that huge pages were asked for and not granted', () => {
    const [check] = complaints({ memory: { ...HEALTHY.memory, hugePageBytesGranted: 2 ** 20 } });
    expect(check).toMatchObject({ name: 'huge pages', detail: 'madvise; 1 MiB granted for matrices of 48 MiB' });
    expect(complaints({ memory: { ...HEALTHY.memory, hugePageBytesGranted: null } })).toEqual([]);
  });
});

describe('a BLAS library', () => {
  const [one, double, all] = blasFinding().timings;

  it('below 80 % of the peak is complained of if it is the baseline, naming what it takes the processor for', () => {
    const slow = [one, { ...double, shareOfPeak: 0.79 }, all];
    const [check] = complaints({ blas: [blasFinding({ timings: slow })] });
    expect(check.detail).toContain('f64 on 1 thread 45.0 GFLOP/s, 79 % of the peak, below 80 %');
    expect(check.fix).toContain('Prescott');
    const other = slow.map((timing) => ({ ...timing, baseline: false }));
    expect(complaints({ blas: [blasFinding(), blasFinding({ timings: other })] })).toEqual([]);
  });

  it('that ignores that it may use one thread is found out', () => {
    const [check] = complaints({ blas: [blasFinding({ timings: [{ ...one, threadsUsed: 3.9 }, double, all] })] });
    expect(check.detail).toContain('used 3.90 threads although it was set to use 1');
    expect(check.fix).toContain('apt-get install');
  });

  it('that leaves threads unused is found out, unless the device was busy', () => {
    const blas = [blasFinding({ timings: [one, double, { ...all, threadsUsed: 1 }] })];
    expect(complaints({ blas })[0]).toMatchObject({
      detail: '/lib/libopenblas.so.0 used 1.00 of 4 threads',
      fix: expect.stringContaining('install a threaded one'),
    });
    const busy = { ...HEALTHY.state, loadAverage: 4 };
    expect(complaints({ blas, state: busy })[0].fix).toContain('run at-agent doctor again');
    // On one thread it only shows that others took the CPU, which is the load's to say.
    expect(complaints({ blas: [blasFinding({ timings: [{ ...one, threadsUsed: 0.5 }, double, all] })] })).toEqual([]);
  });

  it('faster than the peak shows that the peak was disturbed', () => {
    const [check] = complaints({ blas: [blasFinding({ timings: [{ ...one, shareOfPeak: 1.2 }, double, all] })] });
    expect(check.detail).toContain('which is impossible');
  });

  it('that beats the baseline is pointed out', () => {
    const none = { baseline: false };
    const timings = [
      { ...one, ...none },
      { ...double, gflops: 50, ...none },
      { ...all, gflops: 370, ...none },
    ];
    const [check] = complaints({ blas: [blasFinding(), blasFinding({ name: 'BLIS', timings })] });
    expect(check).toMatchObject({ name: 'BLAS BLIS 0.3.21', detail: expect.stringContaining('f64 on 1 thread 50.0') });
    // Another size is another product.
    const elsewhere = blasFinding({}, none).timings.with(2, { ...all, size: 2048, gflops: 1000, ...none });
    expect(complaints({ blas: [blasFinding(), blasFinding({ timings: elsewhere })] })).toEqual([]);
  });

  it('may be the baseline of one kind of products alone', () => {
    const ofDouble = [{ ...one, baseline: false }, double, { ...all, baseline: false }];
    const others = [one, { ...double, baseline: false, gflops: 30, shareOfPeak: 0.6 }, all];
    const findings = {
      ...HEALTHY,
      blas: [blasFinding({ timings: others }), blasFinding({ name: 'BLIS', timings: ofDouble })],
    };
    expect(judge(findings).flatMap(({ name, status }) => (name.startsWith('BLAS') ? [[name, status]] : []))).toEqual([
      ['BLAS OpenBLAS 0.3.21, the baseline for f32 on 1 thread and f32 on 4 threads', 'ok'],
      ['BLAS BLIS 0.3.21, the baseline for f64 on 1 thread', 'ok'],
    ]);
  });

  it('that is faster when told which kernels to run is told so, and what it does untold', () => {
    const asked = blasFinding({ environment: { OPENBLAS_CORETYPE: 'SkylakeX' } });
    const own = { configuration: 'OpenBLAS 0.3.21 DYNAMIC_ARCH Prescott MAX_THREADS=64', problem: '' };
    const timings = [{ ...one, gflops: 18, shareOfPeak: 0.18 }];
    const found = complaints({ blas: [{ ...asked, ownChoice: { ...own, timings } }] });
    expect(found).toEqual([
      {
        name: 'kernels of OpenBLAS 0.3.21',
        status: 'warning',
        detail:
          'OpenBLAS chooses its Prescott kernels on this processor, which reach 18 % of the peak; measurements here run it with OPENBLAS_CORETYPE=SkylakeX (90 %)',
        fix: 'Set it for your own programs too.',
      },
    ]);
    // Untold it may die.
    expect(complaints({ blas: [{ ...asked, ownChoice: { ...own, timings: [], problem: 'died' } }] })).toEqual([]);
    expect(judge({ ...HEALTHY, blas: [asked] }).map(({ detail }) => detail)).toContainEqual(
      expect.stringMatching(
        /^\/lib\/libopenblas\.so\.0 with OPENBLAS_CORETYPE=SkylakeX, Prescott kernels: f32 on 1 thread 90\.0/,
      ),
    );
  });

  it('that ALPHATENSOR_BLAS names wrongly is complained of', () => {
    const blasProblems = [{ detail: '/nope, which does not exist', fix: 'correct the path' }];
    expect(complaints({ blasProblems })).toEqual([
      {
        name: 'ALPHATENSOR_BLAS',
        status: 'warning',
        detail: 'names /nope, which does not exist',
        fix: 'Correct the path.',
      },
    ]);
  });

  it('that does not load is told apart from one that nobody could try', () => {
    const portable = blasFinding({ name: 'portable', thirdParty: false });
    const broken = blasFinding({ timings: [], problem: 'undefined symbol' });
    const found = complaints({ blas: [portable, broken] });
    expect(found[0]).toMatchObject({ status: 'warning', fix: expect.stringContaining('Reinstall') });
    expect(found[1].detail).toContain('no working library was found');

    const backends = [{ ...HEALTHY.backends[0], problem: 'gcc ended with exit code 1.' }];
    const untried = complaints({ backends, blas: [{ ...broken, problem: 'It was not tried.' }] });
    expect(untried.map(({ name }) => name)).toEqual(['backend c-gcc', 'BLAS OpenBLAS 0.3.21']);
    expect(untried[1].fix).toContain('C compiler');
  });
});

describe('the doctor’s output', () => {
  const diagnosis = { formatVersion: 2, canMeasure: true, ...HEALTHY, checks: judge(HEALTHY) } as const;

  it('has a table of the libraries, aligned, with the peak below', () => {
    const lines = formatDiagnosis(diagnosis).split('\n');
    const start = lines.findIndex((line) => line.startsWith('GFLOP/s'));
    expect(lines.slice(start, start + 4)).toEqual([
      'GFLOP/s (share of peak)  f32, 1 thread         f64, 1 thread         f32, 4 threads         threads used',
      'OpenBLAS 0.3.21          90.0 (90 %) baseline  45.0 (90 %) baseline  360.0 (90 %) baseline  1.00 of 1, 4.00 of 4',
      'BLIS 0.9.0               90.0 (90 %)           45.0 (90 %)           360.0 (90 %)           1.00 of 1, 4.00 of 4',
      'multiply-add peak        100.0                 50.0                  400.0',
    ]);
    expect(lines.at(-1)).toBe('This device can measure: 16 checks ok, 0 with a warning, 0 failed.');
  });

  it('leaves out what was not timed, and the table where nothing was', () => {
    const blas = [blasFinding(), blasFinding({ name: 'broken', timings: blasFinding().timings.slice(0, 1) })];
    expect(formatDiagnosis({ ...diagnosis, blas })).toMatch(/^broken .* 90\.0 \(90 %\) baseline +- +- +1\.00 of 1$/m);
    const untimed = [blasFinding({ timings: [], problem: 'It was not tried.' })];
    expect(formatDiagnosis({ ...diagnosis, blas: untimed })).not.toContain('GFLOP/s (share');
  });
});
