import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  contentHash,
  DISPATCH_FORMAT,
  DISPATCH_VERSION,
  type DispatchEntry,
  type DispatchTable,
  type FactorizationRecord,
  loadFactorization,
  saveFactorization,
  standard,
} from '@alphatensor-edge/shared';
import writeFileAtomic from 'write-file-atomic';
import type { AgentPool } from '../fleet/agent-pool.js';
import { MEASUREMENTS_FILE, MeasurementStore } from '../fleet/measurement-store.js';
import { type ReportPaths, writeReport } from '../report/write.js';
import { candidatesFor } from '../tune/candidates.js';
import { ALGORITHMS_FOLDER, algorithmFile, dispatchEntry } from '../tune/dispatch.js';
import { type Tuned, tuneProblem } from '../tune/tune.js';
import { formatProblem } from './options.js';
import { note, print, progress } from './output.js';
import type { TuneSettings } from './tune-settings.js';

export interface TuneResult {
  readonly runDir: string;
  readonly dispatch: string;
  readonly report: ReportPaths;
  readonly entries: readonly DispatchEntry[];
  /** Problems that were not measured to the end. */
  readonly unfinished: number;
  /** Measurements that came to no outcome. */
  readonly failures: number;
}

/** Everything that may be in a table, so that a run needs nothing but its folder. */
export async function saveAlgorithms(runDir: string, records: readonly FactorizationRecord[]): Promise<void> {
  mkdirSync(join(runDir, ALGORITHMS_FOLDER), { recursive: true });
  const own: FactorizationRecord = { factorization: standard({ n: 1, m: 1, p: 1 }), origin: 'imported' };
  for (const record of [...records, own]) {
    await saveFactorization(join(runDir, algorithmFile(contentHash(record.factorization))), record);
  }
}

/** Searches one problem after the other, and writes the table and the report of what there is when `signal` ends it. */
export async function runTune(
  runDir: string,
  settings: TuneSettings,
  pool: AgentPool,
  signal: AbortSignal,
): Promise<TuneResult> {
  const { problems, backend, variant, secondsForEach } = settings;
  const records = await readAlgorithms(runDir);
  const store = MeasurementStore.open(join(runDir, MEASUREMENTS_FILE));
  const bar = progress('tuning');
  const tuned: Tuned[] = [];
  let failures = 0;
  try {
    for (const [index, problem] of problems.entries()) {
      const candidates = candidatesFor(records, problem, settings);
      note(`${formatProblem(problem)}: ${candidates.length} candidates and the own GEMM`);
      tuned.push(
        await tuneProblem(candidates, problem, {
          ...{ pool, store, backend, variant, signal },
          tunePlans: settings.tunePlans,
          seed: settings.seed,
          ...(secondsForEach === undefined ? {} : { secondsForEach }),
          onProgress: (fraction, what) =>
            bar.update((index + fraction) / problems.length, `${formatProblem(problem)}: ${what}`),
          onFailure: (message) => {
            failures++;
            note(`warning: ${message}`);
          },
        }),
      );
    }
    bar.update(1, 'done');
  } finally {
    bar.stop();
    store.close();
  }
  const table = dispatchTable(settings, pool, tuned);
  const dispatch = join(runDir, 'dispatch.json');
  await writeFileAtomic(dispatch, `${JSON.stringify(table, null, 2)}\n`);
  const report = await writeReport([runDir], join(runDir, 'report'));
  const unfinished = tuned.filter(({ rows }) => rows === undefined).length;
  return { runDir, dispatch, report, entries: table.entries, unfinished, failures };
}

function dispatchTable(
  { agent, backend, variant }: TuneSettings,
  pool: AgentPool,
  tuned: readonly Tuned[],
): DispatchTable {
  const { description } = pool.agents[0];
  const last = tuned.flatMap(({ rows }) => rows ?? []).findLast(({ outcome }) => outcome.environment);
  const withoutMarks = <T extends object>(message: T): Record<string, unknown> =>
    // proto-loader marks optional fields by a second one, `_name`.
    Object.fromEntries(Object.entries(message).filter(([name]) => !name.startsWith('_')));
  return {
    format: DISPATCH_FORMAT,
    version: DISPATCH_VERSION,
    createdAt: new Date().toISOString(),
    device: { agent, deviceId: description.deviceId, ...withoutMarks(description.device ?? {}) },
    backend,
    variant,
    environment: last?.outcome.environment ? withoutMarks(last.outcome.environment) : null,
    entries: tuned.map(({ problem, rows }) => dispatchEntry(problem, rows)),
  };
}

async function readAlgorithms(runDir: string): Promise<FactorizationRecord[]> {
  const folder = join(runDir, ALGORITHMS_FOLDER);
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return Promise.all(names.sort().map((name) => loadFactorization(join(folder, name))));
}

export function printTable({ entries, dispatch, report }: TuneResult): void {
  for (const { problem, winner, reason } of entries) {
    const what =
      winner === null
        ? 'the baseline'
        : `${winner.label}, ${winner.speedup.estimate.toFixed(3)}x [${winner.speedup.low.toFixed(3)}, ${winner.speedup.high.toFixed(3)}] of ${winner.against}`;
    const flags = winner === null || winner.flags.length === 0 ? '' : ` [${winner.flags.join('; ')}]`;
    print(`${formatProblem(problem)}: ${what}. ${reason}${flags}`);
  }
  print(`dispatch  ${dispatch}`);
  print(`report    ${report.html}`);
}
