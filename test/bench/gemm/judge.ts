import { estimateRatio, type Rounds } from '@alphatensor-edge/agent/measure/rounds.js';
import { ELEMENT_BYTES, type ProblemShape } from '@alphatensor-edge/agent/plan/plan.js';
import { matrixBytes } from '@alphatensor-edge/agent/plan/workspace.js';
import type { Phases } from '@alphatensor-edge/agent/process/harness.js';
import type { Blas, Interval } from '@alphatensor-edge/proto';
import { median } from '@alphatensor-edge/shared';
import type { Settings } from './options.js';
import { boundText, type Compiled } from './programs.js';
import type { Judged, LeftOut, ProgramFigures } from './report.js';

export type Problem = ProblemShape & { readonly threads: number };
export type Library = Blas & { readonly side: string };
export type Fitting = Compiled & { readonly workspaceBytes: number; readonly workspaceLimit?: number | undefined };

/** What was measured of one problem, by side. */
export interface Samples {
  readonly libraries: readonly Library[];
  readonly fitting: readonly Fitting[];
  readonly leftOut: readonly LeftOut[];
  readonly rounds: Pick<Rounds, 'seconds' | 'cpuSeconds' | 'peakGflops'>;
  readonly errors: Readonly<Record<string, number>>;
  readonly phases: Readonly<Record<string, Phases>>;
}

/** The relative error, as a multiple of the baseline's own, that so many levels may have. */
const ERROR_FACTORS: readonly (number | undefined)[] = [undefined, 5, 12, 30];

/** Makes rates, ratios over the fastest library of this problem and over the earlier commit's program, errors and shares. */
export function judge(
  problem: Problem,
  { libraries, fitting, leftOut, rounds, errors, phases }: Samples,
  { clock: wanted, seed, maxError }: Pick<Settings, 'clock' | 'seed' | 'maxError'>,
): Judged {
  const clock = problem.threads === 1 ? wanted : 'wall';
  const times = clock === 'cpu' ? rounds.cpuSeconds : rounds.seconds;
  // On one thread processor time leaves out what other processes took of the CPU; on several, idle threads would count as busy.
  const ratedBy = problem.threads === 1 ? rounds.cpuSeconds : rounds.seconds;
  const gflopsOf = (side: string): number => (2 * problem.m * problem.k * problem.n) / median(ratedBy[side]) / 1e9;
  const best = libraries.reduce((a, b) => (median(times[b.side]) < median(times[a.side]) ? b : a));
  const own = fitting.find(({ levels, isEarlier }) => !isEarlier && isPlain(levels))?.side;
  const leastError = Math.min(errors[best.side], ...(own === undefined ? [] : [errors[own]]));
  const ratio = (side: string, over: string): Interval => estimateRatio(times[over], times[side], seed);
  const common = (side: string) => ({
    gflops: gflopsOf(side),
    shareOfPeak: gflopsOf(side) / rounds.peakGflops,
    relativeError: errors[side],
    seconds: rounds.seconds[side],
    cpuSeconds: rounds.cpuSeconds[side],
  });
  const programs = fitting.map(
    ({
      name,
      side,
      isEarlier,
      earlierSide,
      bound,
      levels,
      growth,
      program,
      workspaceBytes,
      compileSeconds,
    }): ProgramFigures => {
      const errorFactor = errors[side] / errors[best.side];
      const errorOverLeast = errors[side] / leastError;
      const limit = isPlain(levels) ? undefined : ERROR_FACTORS[levels.length];
      const { total, pack, multiply, combine } = phases[side];
      return {
        name,
        isEarlier,
        levels,
        kernel: program.kernel,
        workspaceBytes,
        workspaceBound: bound === undefined ? undefined : boundText(bound),
        workspaceShare: workspaceBytes / matrixBytes(problem, ELEMENT_BYTES[problem.dtype]),
        compileSeconds,
        ratio: ratio(side, best.side),
        shareOfIdeal: own === undefined ? undefined : scaled(ratio(side, own), 1 / idealOf(levels)),
        // The earlier program may have had no place in the memory.
        overEarlier: earlierSide !== undefined && earlierSide in times ? ratio(side, earlierSide) : undefined,
        growth,
        errorFactor,
        errorOverLeast,
        isOverMaxError: maxError !== undefined && errorOverLeast > maxError,
        errorFactorLimit: limit ?? null,
        isOverErrorLimit: limit !== undefined && errorFactor > limit,
        shares: { pack: pack / total, multiply: multiply / total, combine: combine / total },
        ...common(side),
      };
    },
  );
  return {
    clock,
    baseline: best.library,
    libraries: libraries.map(({ side, ...library }) => ({ ...library, ...common(side) })),
    programs,
    leftOut,
  };
}

type Levels = Compiled['levels'];

/** Whether it is the plain product, such as own. */
function isPlain(levels: Levels): boolean {
  return levels.every(({ rank }) => rank === 1);
}

/** n m p / R over all levels: how many times fewer multiplications than the plain product. */
function idealOf(levels: Levels): number {
  return levels.reduce((product, { n, m, p, rank }) => (product * n * m * p) / rank, 1);
}

function scaled({ estimate, low, high, ...rest }: Interval, factor: number): Interval {
  return { ...rest, estimate: estimate * factor, low: low * factor, high: high * factor };
}
