import { workspaceBoundText } from '@alphatensor-edge/shared';
import {
  chooseBackends,
  formatChoice,
  requireDataTypes,
  requireTransposed,
  requireVariant,
} from '../fleet/backend-choice.js';
import { maxErrorText } from '../fleet/error-bound.js';
import { connectAgents } from '../fleet/session.js';
import { beginning, writeRunConfig } from '../run/config.js';
import type { FinetuneSettings } from '../run/finetune-settings.js';
import { type MetricsLine, MetricsLog } from '../run/metrics.js';
import type { FoundFactorization } from './contract.js';
import { type FinetuneResult, finetune } from './finetune.js';
import { localNeighbour } from './local-moves.js';
import type { FinetuneRun } from './reopen.js';
import { resumesHere } from './resume-words.js';
import { backendLines } from './words.js';

/** Holds the functions that tell the caller about a fine-tuning run. */
export interface FinetuneRunHooks {
  /** Called when the agents are connected and training begins. */
  onConnected(): void;
  /** Gets lines for people that say what runs and what was lost. */
  onMessage(text: string): void;
  onMetrics(line: MetricsLine): void;
  onFactorization(found: FoundFactorization): void;
  /** Called during the measurements for the report: `done` of `total` are made. */
  onReportProgress(done: number, total: number, what: string): void;
}

/** Sets how a fine-tuning run is trained and recorded. */
interface FinetuneRunOptions {
  readonly runDir: string;
  /** Seconds of this call; undefined for a run that goes on until it is stopped. */
  readonly budget: number | undefined;
  /** Whether to resume the run in `runDir`. */
  readonly resume: boolean;
  readonly signal: AbortSignal;
  readonly hooks: FinetuneRunHooks;
}

/**
 * Connects to the agents, fine-tunes, measures what the report needs, and records all of it in the run folder.
 * @throws AlphaTensorError as connectAgents, chooseBackends and finetune
 */
export async function runFinetune(
  { config, settings }: FinetuneRun,
  { runDir, budget, resume, signal, hooks }: FinetuneRunOptions,
): Promise<FinetuneResult> {
  const pool = await connectAgents(settings.agents, { share: settings.pool, onMessage: hooks.onMessage });
  // Without problems nothing is measured, so no backend is needed.
  const timed = [...settings.problems, ...settings.reportProblems];
  const measures = timed.length > 0;
  hooks.onConnected();
  let metrics: MetricsLog | undefined;
  try {
    const { variant } = settings;
    const backend = measures ? chooseBackends(pool, settings.backends ?? []) : 'none';
    if (measures) requireDataTypes(pool, backend, timed);
    if (measures && variant !== undefined) requireVariant(pool, backend, variant);
    if (measures) requireTransposed(pool, backend, variant, timed);
    const chosen = formatChoice(backend);
    return await finetune(config, {
      runDir,
      pool,
      signal,
      resume: resume && (await resumesHere(runDir, hooks.onMessage)),
      lambda: settings.lambda,
      maxError: settings.maxError,
      maxWorkspace: settings.maxWorkspace,
      problems: settings.problems.map((problem, index) => ({ problem, weight: settings.problemWeights?.[index] ?? 1 })),
      reportProblems: settings.reportProblems,
      depth: settings.depth,
      rewardProtocol: settings.rewardProtocol,
      reportProtocol: settings.reportProtocol,
      reportedCount: settings.reportedCount,
      backend,
      variant,
      neighbourhood: settings.localMoves ? localNeighbour : undefined,
      checkpoint: settings.checkpoint,
      stop: { budgetSeconds: budget },
      hooks: {
        onStart: (info) => {
          for (const line of backendLines(info)) hooks.onMessage(line);
          hooks.onMessage(measures ? measuringWords(settings, chosen) : 'measuring nothing');
          if (!resume) {
            writeRunConfig(runDir, {
              command: 'finetune',
              size: config.size,
              preset: config.preset,
              seed: config.seed,
              tfBackend: info.backend.description,
              actBackend: info.acting.description,
              learnBackend: info.learning.description,
              ...beginning(),
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
          hooks.onMetrics(line);
        },
        onFactorization: hooks.onFactorization,
        onFailure: (message) => hooks.onMessage(`warning: ${message}`),
        onReportProgress: hooks.onReportProgress,
      },
    });
  } finally {
    pool.close();
  }
}

function measuringWords(
  { agents, variant, lambda, maxError = null, maxWorkspace }: FinetuneSettings,
  backends: readonly string[],
): string {
  const built = variant === undefined ? '' : `, variant ${variant}`;
  return `measuring on ${agents.join(', ')} with ${backends.join(', ')}${built}, lambda ${lambda}, max-error ${maxErrorText(maxError)}, max-workspace ${workspaceBoundText(maxWorkspace)}`;
}
