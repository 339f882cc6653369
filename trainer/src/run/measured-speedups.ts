import { join } from 'node:path';
import { blasName } from '@alphatensor-edge/proto';
import { AlphaTensorError, contentHash, loadFactorization } from '@alphatensor-edge/shared';
import type { MeasurementRow, ProblemSpec } from '../fleet/measurement.js';
import { MEASUREMENTS_FILE, MeasurementStore } from '../fleet/measurement-store.js';

/** Holds a speed-up at one problem, in the form that `at-agent export --measured` reads. */
interface MeasuredSpeedup extends ProblemSpec {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
  /** The baseline that it was compared with. */
  readonly against: string;
}

/**
 * Reads from a run the speed-ups of one algorithm on one device.
 * @param sources the algorithms of its recursion levels, outermost first; a single one is repeated `levels` times
 * @throws AlphaTensorError INVALID_ARGUMENT if the run has several devices and none is named, NOT_FOUND if there is no speed-up
 */
export async function measuredSpeedups(
  run: string,
  sources: readonly string[],
  { levels: repeat, agent }: { readonly levels: number; readonly agent?: string | undefined },
): Promise<MeasuredSpeedup[]> {
  const hashes = await Promise.all(
    sources.map(async (source) => contentHash((await loadFactorization(source)).factorization)),
  );
  const levels = hashes.length === 1 ? Array.from({ length: repeat }, () => hashes[0]) : hashes;
  const rows = readRows(join(run, MEASUREMENTS_FILE)).filter(
    (row) =>
      row.algorithm.levels.join() === levels.join() &&
      row.variant === 'packed' &&
      row.outcome.measurement?.speedup &&
      // A crossover is for all layouts, and named for A and B as they are.
      row.problem.transposed === undefined &&
      (agent === undefined || row.agent === agent),
  );
  const agents = [...new Set(rows.map((row) => row.agent))];
  if (agents.length > 1) {
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      `${run} has measurements of ${agents.join(', ')}; choose one with --agent.`,
      { field: '--agent' },
    );
  }
  if (rows.length === 0) {
    throw new AlphaTensorError(
      'NOT_FOUND',
      `${run} has no measurement of this algorithm${agent === undefined ? '' : ` on ${agent}`} with the variant packed; leave out --measurements, or measure it first.`,
      { field: '--measurements' },
    );
  }
  return rows.flatMap(({ problem, outcome: { measurement, environment } }) => {
    if (!measurement?.speedup) return [];
    const blas = environment?.blas;
    const against = blas?.thirdParty ? blasName(blas) : 'the portable GEMM';
    return { ...problem, ...measurement.speedup, against };
  });
}

function readRows(file: string): MeasurementRow[] {
  const store = MeasurementStore.openReadOnly(file);
  try {
    return store.all();
  } finally {
    store.close();
  }
}
