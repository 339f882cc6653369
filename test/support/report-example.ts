import type { Device } from '../../proto/src/index.js';
import { contentHash, strassen, winograd } from '../../shared/src/index.js';
import { references } from '../../trainer/src/fleet/algorithms.js';
import type { AlgorithmRef, MeasurementRow } from '../../trainer/src/fleet/measurement.js';
import type { RunData } from '../../trainer/src/run/reader.js';
import { cube, LAPTOP, measurementRow, SERVER } from './report-rows.js';

// Three devices as a reader meets them: one where a found algorithm wins, one where a known one does, one where nothing is claimed.

const BOARD: Device = {
  ...LAPTOP,
  hostname: 'camera-7',
  cpuModel: 'Example Cortex-A55',
  memoryBytes: 2 * 2 ** 30,
  l1dCacheBytes: 32 * 1024,
  l2CacheBytes: 128 * 1024,
  l3CacheBytes: 512 * 1024,
};
/** What a core of each can do at most, GFLOP/s. */
const PEAKS = new Map([
  [SERVER, 150],
  [LAPTOP, 38],
  [BOARD, 14],
]);
const REFERENCES = references().map(({ algorithm }) => algorithm);

/** How fast each algorithm is made on a device: the ratio at 1024 and what doubling the size adds. */
const SPEEDS: readonly (readonly [
  device: Device,
  agent: string,
  byLabel: Readonly<Record<string, readonly [number, number]>>,
])[] = [
  [SERVER, 'server', { Strassen: [1.06, 0.06], 'Strassen²': [1.02, 0.12], Winograd: [1.07, 0.06], found: [1.1, 0.1] }],
  [
    LAPTOP,
    'laptop',
    { Strassen: [1.03, 0.05], 'Strassen²': [0.97, 0.11], Winograd: [1.09, 0.08], found: [1.04, 0.05] },
  ],
  [BOARD, 'camera', { Strassen: [0.93, 0.02], 'Strassen²': [0.85, 0.03], Winograd: [0.95, 0.03], found: [0.95, 0.03] }],
];

/** Workspace beside A, B and C, in matrices of the problem's size: sums of blocks of the levels, beside the packing's few MiB. */
const WORKSPACE: Readonly<Record<string, number>> = { Strassen: 0.75, 'Strassen²': 0.94, Winograd: 0.5, found: 0.75 };
const PACKING_BYTES = 1.5 * 2 ** 20;

const GROWTH: Readonly<Record<string, number>> = { Strassen: 2, 'Strassen²': 4, Winograd: 2.65, found: 2.2 };

/** A found algorithm, as different from others as `index`. */
export function foundAlgorithm(index: number): AlgorithmRef {
  const hash = index.toString(16).padStart(6, '0').repeat(11).slice(0, 64);
  return { ...REFERENCES[1], role: 'found', origin: 'rl', levels: [hash], label: `<2,2,2;7> ${hash.slice(0, 6)}` };
}

/** @param found how many equivalent algorithms the search of each device found */
export function exampleRuns({ sizes = [1024, 2048, 4096], found = 6 } = {}): RunData[] {
  let seed = 0;
  return SPEEDS.map(([device, agent, byLabel], place) => {
    const measurements: MeasurementRow[] = [];
    const peakGflops = PEAKS.get(device) as number;
    let seconds = 0;
    const own = Array.from({ length: found }, (_, index) => foundAlgorithm(0xa00000 + place * 0x1000 + index * 7));
    for (const n of sizes) {
      for (const algorithm of [...REFERENCES, ...own]) {
        seed++;
        const kind = algorithm.role === 'found' ? 'found' : algorithm.label;
        const [at, more] = byLabel[kind] ?? [1, 0];
        // Compiling, checking and warming up, then 24 rounds of three programs.
        seconds += 20 + (72 * 2 * n ** 3) / (peakGflops * 1e9);
        const matrix = 4 * n * n;
        const growth = GROWTH[kind] ?? 1;
        const speedup =
          at + more * Math.log2(n / 1024) - (algorithm.role === 'found' ? 0.004 * own.indexOf(algorithm) : 0);
        measurements.push(
          measurementRow({
            ...{ algorithm, problem: cube(n), device, agent, seed, speedup, noise: 0.012, variant: 'packed' },
            ...{ peakGflops, createdAt: new Date(Date.UTC(2026, 0, 2, 3) + 1000 * seconds).toISOString() },
            workspaceBytes:
              algorithm.levels.length === 0 ? 0 : Math.round(PACKING_BYTES + (WORKSPACE[kind] ?? 0) * matrix),
            measurement: {
              relativeError: 1.9e-7 * growth * (1 + (seed % 5) / 50),
              ...(algorithm.levels.length > 0 ? { growth, predictedRelativeError: 2e-7 * growth } : {}),
              flags: seed % 4 === 0 ? [`other processes took ${seed % 7} % of the CPU`] : [],
            },
          }),
        );
      }
    }
    const metrics = Array.from({ length: 200 }, (_, i) => ({
      ...{ time: i * 3, step: i, games: 4 * i, solved: 2 * i, gamesPerSecond: 1.3, evaluationsPerSecond: 1015 },
      ...{ policyLoss: 3 - i / 100, valueLoss: 1 / (i + 1), bestRank: i < 30 ? 8 : 7, meanReward: -9 + i / 100 },
    }));
    return {
      name: agent,
      folder: `runs/${agent}`,
      config: {
        command: 'finetune',
        size: { n: 2, m: 2, p: 2 },
        seed: 7,
        startedAt: '2026-01-02T03:00:00.000Z',
        demonstrations: [],
      },
      ...{ metrics, measurements, notes: [] },
      factorizations: own.map(({ levels, rank, nonzeros, size }) => ({
        ...{ hash: levels[0], file: `${levels[0].slice(0, 16)}.json`, size, rank, nonzeros },
        ...{ arithmetic: 'standard' as const, origin: 'rl' as const },
      })),
      algorithms: new Map(
        [strassen(), winograd()].map((factorization) => [
          contentHash(factorization),
          { factorization, origin: 'imported' as const },
        ]),
      ),
    };
  });
}
