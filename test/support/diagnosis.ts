import type { BlasFinding, BlasTiming, Findings } from '../../agent/src/doctor/diagnosis.js';

/** A library that reaches 90 % of the peak and uses what it may, with what a test wants to differ. */
export function blasFinding(changes: Partial<BlasFinding> = {}, timing: Partial<BlasTiming> = {}): BlasFinding {
  const each = (one: Pick<BlasTiming, 'dtype' | 'threadsAllowed' | 'gflops'>): BlasTiming => ({
    ...one,
    size: 1024,
    threadsUsed: one.threadsAllowed,
    peakGflops: one.gflops / 0.9,
    shareOfPeak: 0.9,
    baseline: true,
    ...timing,
  });
  return {
    name: 'OpenBLAS',
    version: '0.3.21',
    library: '/lib/libopenblas.so.0',
    configuration: 'OpenBLAS 0.3.21 DYNAMIC_ARCH Prescott',
    thirdParty: true,
    environment: {},
    ownChoice: null,
    timings: [
      each({ dtype: 'f32', threadsAllowed: 1, gflops: 90 }),
      each({ dtype: 'f64', threadsAllowed: 1, gflops: 45 }),
      each({ dtype: 'f32', threadsAllowed: 4, gflops: 360 }),
    ],
    problem: '',
    ...changes,
  };
}

/** A device on which everything is as it should be. */
export const HEALTHY: Findings = {
  agentVersion: '0.1.0',
  processor: {
    model: 'Test CPU',
    architecture: 'x64',
    vectorIsa: 'avx2',
    vectorBits: 256,
    allowedCpus: [0, 1, 2, 5],
    cpuQuota: null,
    l1dCacheBytes: 48 * 1024,
    l2CacheBytes: 1.25 * 1024 ** 2,
    l3CacheBytes: null,
  },
  memory: {
    totalBytes: 16 * 1024 ** 3,
    availableBytes: 8 * 1024 ** 3,
    hugePages: 'madvise',
    hugePageBytesGranted: 48 * 1024 ** 2,
    matrixBytes: 48 * 1024 ** 2,
  },
  state: {
    governor: 'performance',
    frequencyMhz: 3000,
    temperatureCelsius: 45,
    temperatureAfterCelsius: 60,
    loadAverage: 0.1,
    throttleCount: 3,
    throttledMeanwhile: false,
    quotaStopsMeanwhile: null,
  },
  energy: { counters: 'readable', packages: 1 },
  hostLock: { files: ['/tmp/alphatensor-edge-measuring.lock'], doubt: '', holder: '' },
  temporary: { folder: '/tmp', problem: '' },
  cache: { folder: '/cache', problem: '' },
  backends: [
    {
      name: 'c-gcc',
      compiler: 'gcc 12.2.0',
      programs: [
        { variant: 'temporaries', dtype: 'f32', compileSeconds: 0.5, relativeError: 1e-7, problem: '' },
        { variant: 'temporaries', dtype: 'f64', compileSeconds: 0.5, relativeError: 1e-16, problem: '' },
      ],
      problem: '',
    },
  ],
  blasProblems: [],
  blas: [
    blasFinding(),
    blasFinding({ name: 'BLIS', version: '0.9.0', library: '/lib/libblis.so.4' }, { baseline: false }),
  ],
};
