import type { Interval, Measurement, Outcome } from '@alphatensor-edge/proto';

/** Changes an honest answer into one that cannot be true. */
export type Lie = (honest: Outcome) => Outcome;

const interval = (estimate: number): Interval => ({ estimate, low: estimate, high: estimate });

function measuring(change: (measurement: Measurement) => Partial<Measurement>): Lie {
  return (honest) => {
    const { measurement } = honest;
    if (!measurement) throw new Error('only what was measured can be lied about');
    return { ...honest, measurement: { ...measurement, ...change(measurement) } };
  };
}

const first = (value: number, samples: readonly number[]): number[] => [value, ...samples.slice(1)];

/** What a lying agent answers, and why the trainer refuses it. Two outcomes of one job are a lie of the stream's. */
export const LIES: readonly (readonly [name: string, lie: Lie, reason: RegExp])[] = [
  ...[Number.NaN, Number.POSITIVE_INFINITY, -3, 0].map(
    (value) => [`a speed-up of ${value}`, measuring(() => ({ speedup: interval(value) })), /^its speedup is /] as const,
  ),
  [
    'a speed-up of 1e12',
    measuring(() => ({ speedup: interval(1e12) })),
    /^the agent reported a speed-up of 1\.0e\+12 .*, but its samples give [^,]*\.$/,
  ],
  ['no samples', measuring(() => ({ baselineSeconds: [], candidateSeconds: [], ownGemmSeconds: [] })), /has 0 rounds/],
  [
    'too few samples',
    measuring((said) => ({
      baselineSeconds: said.baselineSeconds.slice(0, 2),
      candidateSeconds: said.candidateSeconds.slice(0, 2),
      ownGemmSeconds: [],
    })),
    /has 2 rounds/,
  ],
  [
    'uneven samples',
    measuring(({ candidateSeconds }) => ({ candidateSeconds: candidateSeconds.slice(1) })),
    /samples of the baseline, but/,
  ],
  ...[Number.NaN, Number.POSITIVE_INFINITY, -3, 0].map(
    (value) =>
      [
        `a sample of ${value}`,
        measuring(({ candidateSeconds }) => ({ candidateSeconds: first(value, candidateSeconds) })),
        /^a sample of its candidate is /,
      ] as const,
  ),
  [
    'samples that no device reaches',
    measuring(({ candidateSeconds }) => ({
      candidateSeconds: candidateSeconds.map((seconds) => seconds / 1e12),
      speedup: null,
    })),
    /less than the multiplications take/,
  ],
  ['MEASURED without a measurement', (honest) => ({ ...honest, measurement: null }), /without a measurement/],
  ['another job', (honest) => ({ ...honest, jobId: 'another' }), /for another job, "another"/],
  ['no kind', (honest) => ({ ...honest, kind: 'OUTCOME_KIND_UNSPECIFIED' }), /no kind/],
  ['an unknown kind', (honest) => ({ ...honest, kind: 99 as never }), /no kind/],
  ['an error of NaN', measuring(() => ({ relativeError: Number.NaN })), /relativeError is NaN/],
  ['a peak of NaN', measuring(() => ({ peakGflops: Number.NaN })), /peakGflops is NaN/],
  ['an endless control', measuring(() => ({ aaControl: interval(Number.POSITIVE_INFINITY) })), /aaControl is Infinity/],
  ['another seed', measuring(({ protocol }) => ({ protocol: protocol && { ...protocol, seed: 987 } })), /seed is 987/],
  ['a negative time to compile', (honest) => ({ ...honest, compileSeconds: -1 }), /compileSeconds is -1/],
];
