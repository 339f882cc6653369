import { join } from 'node:path';
import type { TrainingConfig } from '../config.js';
import { flipNeighbour } from '../explore/neighbour.js';
import { chooseBackends, formatChoice, requireDataTypes, requireVariant } from '../fleet/backend-choice.js';
import { buildReport, type Report, readRun } from '../report/model.js';
import { type ReportPaths, writeReport } from '../report/write.js';
import { hasCheckpoint } from '../run/checkpoint.js';
import { writeRunConfig } from '../run/folder.js';
import { MetricsLog } from '../run/metrics.js';
import { type FinetuneResult, finetune } from '../training/finetune.js';
import { type Neighbourhood, symmetricNeighbour } from '../training/local-moves.js';
import type { FinetuneSettings } from './finetune-settings.js';
import { connectAgents } from './fleet-session.js';
import { note, progress } from './output.js';
import { backendLines, foundLine, PROGRAM_VERSION, TrainingProgress } from './training-output.js';

export interface FinetuneRun {
  readonly result: FinetuneResult;
  readonly report: Report;
  readonly paths: ReportPaths;
}

/** Where local moves go: a symmetry, or a few flips. */
const neighbourhood: Neighbourhood = (from, random) => {
  if (random.bernoulli(0.5)) return symmetricNeighbour(from, random);
  const factorization = flipNeighbour(from, 1 + random.int(MAX_FLIPS), random);
  return factorization && { factorization, origin: 'flip-graph' };
};
const MAX_FLIPS = 4;

/** Fine-tunes, measures and writes the report, with progress on standard error: what `finetune` and `quickstart` share. */
export async function runFinetune(
  config: TrainingConfig,
  settings: FinetuneSettings,
  {
    runDir,
    budget,
    resume,
    signal,
  }: { runDir: string; budget: number | undefined; resume: boolean; signal: AbortSignal },
): Promise<FinetuneRun> {
  const pool = await connectAgents(settings.agents);
  // Without problems nothing is measured, so that no backend is needed.
  const timed = [...settings.problems, ...settings.reportProblems];
  const measures = timed.length > 0;
  const training = new TrainingProgress(progress('fine-tuning'), { budgetSeconds: budget });
  let metrics: MetricsLog | undefined;
  let measuring: ReturnType<typeof progress> | undefined;
  try {
    const backend = measures ? chooseBackends(pool, settings.backends ?? []) : 'none';
    if (measures) requireDataTypes(pool, backend, timed);
    if (measures && settings.variant !== undefined) requireVariant(pool, backend, settings.variant);
    const chosen = formatChoice(backend);
    const result = await finetune(config, {
      runDir,
      pool,
      signal,
      // A run that was stopped before its first checkpoint begins anew.
      resume: resume && (await hasCheckpoint(runDir)),
      lambda: settings.lambda,
      problems: settings.problems.map((problem, index) => ({ problem, weight: settings.problemWeights?.[index] ?? 1 })),
      reportProblems: settings.reportProblems,
      depth: settings.depth,
      rewardProtocol: settings.rewardProtocol,
      reportProtocol: settings.reportProtocol,
      reportedCount: settings.reportedCount,
      backend,
      ...(settings.variant === undefined ? {} : { variant: settings.variant }),
      ...(settings.localMoves ? { neighbourhood } : {}),
      ...(settings.checkpoint === undefined ? {} : { checkpoint: settings.checkpoint }),
      stop: budget === undefined ? {} : { budgetSeconds: budget },
      hooks: {
        onStart: (info) => {
          for (const line of backendLines(info)) note(line);
          note(
            measures
              ? `measuring on ${settings.agents.join(', ')} with ${chosen.join(', ')}${settings.variant === undefined ? '' : `, variant ${settings.variant}`}, lambda ${settings.lambda}`
              : 'measuring nothing',
          );
          if (!resume) {
            writeRunConfig(runDir, {
              command: 'finetune',
              size: config.size,
              preset: config.preset,
              seed: config.seed,
              tfBackend: info.backend.description,
              startedAt: new Date().toISOString(),
              version: PROGRAM_VERSION,
              checkpoint: settings.checkpoint ?? null,
              demonstrations: info.demonstrations,
              grownFrom: info.grownFrom,
              insideSchoolbook: info.insideSchoolbook,
              finetune: { ...settings, backends: chosen },
              training: config,
            });
          }
          metrics = new MetricsLog(runDir, info.step);
        },
        onMetrics: (line, calibration) => {
          metrics?.append(line, calibration);
          training.update(line);
        },
        onFactorization: (found) => {
          if (found.isNew) training.remark(foundLine(found));
        },
        onFailure: (message) => note(`warning: ${message}`),
        onReportProgress: (done, total, what) => {
          if (measuring === undefined) {
            training.stop();
            measuring = progress('measuring');
          }
          measuring.update(done / total, what);
        },
      },
    });
    training.stop();
    measuring?.stop();
    const paths = await writeReport([runDir], join(runDir, 'report'));
    return { result, report: buildReport([readRun(runDir)]), paths };
  } finally {
    training.stop();
    measuring?.stop();
    pool.close();
  }
}
