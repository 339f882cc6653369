import { availableMemory } from '@alphatensor-edge/agent/device/available-memory.js';
import { pickCpus } from '@alphatensor-edge/agent/device/cpu.js';
import { readDeviceState } from '@alphatensor-edge/agent/device/environment.js';
import { checkResults, RUNS_OF_CHECK } from '@alphatensor-edge/agent/measure/correctness.js';
import { excessOf, memoryLimit, memoryNeed, memoryShortage } from '@alphatensor-edge/agent/measure/memory.js';
import { cpuSecondsFor, patienceFor } from '@alphatensor-edge/agent/measure/patience.js';
import { MIN_WARMUP_RUNS, resolveProtocol } from '@alphatensor-edge/agent/measure/protocol.js';
import { timeRounds } from '@alphatensor-edge/agent/measure/rounds.js';
import { exactRange } from '@alphatensor-edge/agent/plan/exact-range.js';
import { ELEMENT_BYTES } from '@alphatensor-edge/agent/plan/plan.js';
import { matrixBytes } from '@alphatensor-edge/agent/plan/workspace.js';
import { type HarnessOptions, type Phases, withHarness } from '@alphatensor-edge/agent/process/harness.js';
import { boundBytes } from '@alphatensor-edge/shared';
import { type Fitting, judge, type Library, type Problem } from './judge.js';
import type { Settings } from './options.js';
import { problemText } from './problems.js';
import type { Built } from './programs.js';
import type { LeftOut, Row } from './report.js';
import type { Target } from './target.js';

const MAX_ROUNDS = 30;
const SAMPLE_SECONDS = 0.03;
const RELATIVE_HALF_WIDTH = 0.003;
/** Address space for a further library and the buffers that it keeps. */
const LIBRARY_BYTES = 2 * 1024 ** 3;
/** Sides that the agent's own bound on processor time is made for. */
const SIDES_OF_BOUND = 3;

/** Checks and times all libraries and programs on one problem, in one child: on the same matrices, pages and threads. */
export async function measureRow(
  problem: Problem,
  built: readonly Built[],
  target: Target,
  settings: Settings,
  signal: AbortSignal,
): Promise<Row> {
  const cpus = pickCpus(problem.threads);
  if (cpus.length < problem.threads)
    return { ...problem, outcome: 'UNAVAILABLE', reason: `There are ${cpus.length} CPUs.` };
  const shortage = memoryShortage(memoryNeed(problem, []), availableMemory());
  if (shortage !== undefined) return { ...problem, outcome: 'OUT_OF_MEMORY', reason: shortage };

  const { fitting, leftOut } = sortOut(problem, built);
  const libraries = target.blas.map(
    (library, index): Library => ({ ...library, side: index === 0 ? 'B' : `${index}` }),
  );
  const sides = [...libraries, ...fitting].map(({ side }) => side);
  const protocol = {
    ...resolveProtocol(null, problem.dtype),
    minSampleSeconds: SAMPLE_SECONDS,
    minRounds: settings.minRounds,
    maxRounds: Math.max(settings.minRounds, MAX_ROUNDS),
    budgetSeconds: settings.budgetSeconds,
    targetRelativeHalfWidth: RELATIVE_HALF_WIDTH,
    seed: settings.seed,
  };
  const patience = patienceFor(problem);
  const need = memoryNeed(
    problem,
    fitting.map(({ workspaceBytes }) => workspaceBytes),
  );
  const child: HarnessOptions = {
    harness: target.harness,
    blas: libraries[0],
    dimensions: problem,
    dtype: problem.dtype,
    seed: settings.seed,
    memoryBytes: memoryLimit(need, problem.threads) + (libraries.length - 1) * LIBRARY_BYTES,
    cpuSeconds: Math.ceil((sides.length / SIDES_OF_BOUND) * cpuSecondsFor(problem.threads, protocol, patience)),
    cpus,
    programs: Object.fromEntries(fitting.map(({ side, path }) => [side, path])),
    workspaceLimits: Object.fromEntries(fitting.map(({ side, workspaceLimit }) => [side, workspaceLimit])),
    libraries: Object.fromEntries(libraries.slice(1).map((library) => [library.side, library])),
    startSeconds: patience.start,
    signal,
  };
  const range = Math.min(
    exactRange(1, problem.k, problem.k, problem.dtype),
    ...fitting.map(({ program }) => program.exactRange(problem)),
  );
  return withHarness(child, async (harness) => {
    const { hugePageKilobytes, workspaceBytes } = await harness.introduction();
    const before = readDeviceState(cpus);
    const verdict = await checkResults(harness, sides.slice(1), range, protocol, patience);
    if (!verdict.ok) {
      const who = [...libraries, ...fitting].find(({ side }) => side === verdict.who)?.name;
      throw new Error(`${who} on ${problemText(problem)}: ${verdict.message}`);
    }
    const rounds = await timeRounds(harness, {
      sides: Object.fromEntries(sides.map((side) => [side, side])),
      judged: judgedOf(fitting),
      protocol,
      patience,
      baselineSeconds: verdict.baselineSeconds,
      warmupRuns: Math.max(1, MIN_WARMUP_RUNS - RUNS_OF_CHECK),
      onProgress: () => {},
    });
    const phases: Record<string, Phases> = {};
    for (const { side } of fitting) {
      const runs = Math.ceil(SAMPLE_SECONDS / rounds.seconds[side][0]);
      phases[side] = await harness.phases(side, runs, patience.runs(verdict.baselineSeconds, runs));
    }
    return {
      ...problem,
      outcome: 'MEASURED',
      rounds: rounds.seconds.B.length,
      stopReason: rounds.stopReason,
      peakGflops: rounds.peakGflops,
      exactCheckRange: range,
      hugePageKilobytes,
      workspaceBytes,
      before,
      after: readDeviceState(cpus),
      ...judge(problem, { libraries, fitting, leftOut, rounds, errors: verdict.relativeErrors, phases }, settings),
    };
  });
}

/** What fits into the memory, and what does not or could not be had. What fits shares one workspace. */
function sortOut(
  problem: Problem,
  built: readonly Built[],
): { readonly fitting: readonly Fitting[]; readonly leftOut: readonly LeftOut[] } {
  const available = availableMemory();
  const fitting: Fitting[] = [];
  const leftOut: LeftOut[] = [];
  for (const each of built) {
    if (!('program' in each)) {
      leftOut.push({ name: each.name, outcome: 'UNAVAILABLE', reason: each.reason });
      continue;
    }
    const workspaceLimit = boundBytes(each.bound, matrixBytes(problem, ELEMENT_BYTES[problem.dtype]));
    const workspaceBytes = each.program.workspaceBytes(problem, problem.threads, workspaceLimit);
    const shortage =
      excessOf(workspaceBytes, workspaceLimit) ?? memoryShortage(memoryNeed(problem, [workspaceBytes]), available);
    if (shortage === undefined) fitting.push({ ...each, workspaceBytes, workspaceLimit });
    else leftOut.push({ name: each.name, outcome: 'OUT_OF_MEMORY', reason: shortage });
  }
  return { fitting, leftOut };
}

/** The last pair of programs of the two commits decides when enough is known; without one, the baseline and the last program. */
function judgedOf(fitting: readonly Fitting[]): readonly [string, string] {
  const sides = fitting.map(({ side }) => side);
  const pair = fitting.findLast(({ earlierSide }) => earlierSide !== undefined && sides.includes(earlierSide));
  if (pair?.earlierSide !== undefined) return [pair.earlierSide, pair.side];
  return ['B', sides.at(-1) ?? 'B'];
}
