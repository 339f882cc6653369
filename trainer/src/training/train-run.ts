import { beginning, noteSession, writeRunConfig } from '../run/config.js';
import { type MetricsLine, MetricsLog } from '../run/metrics.js';
import { inRunFolder } from '../run/state.js';
import type { FoundFactorization, StopConditions, TrainingOptions, TrainingResult } from './contract.js';
import type { TrainRun } from './reopen.js';
import { resumesHere } from './resume-words.js';
import { runTraining } from './train.js';
import { backendLines } from './words.js';

/** Holds the functions that tell the caller about a run. */
interface TrainRunHooks {
  /** Gets lines for people that say what runs. */
  onMessage(text: string): void;
  onMetrics(line: MetricsLine): void;
  onFactorization(found: FoundFactorization): void;
}

/** Sets how a run is trained and recorded. */
interface TrainRunOptions extends Pick<TrainingOptions, 'startGames'> {
  readonly runDir: string;
  /** Whether to resume the run in `runDir`. */
  readonly resume: boolean;
  readonly stop: StopConditions;
  /** What began this session, as a person would type it. */
  readonly commandLine: string;
  readonly signal: AbortSignal;
  readonly hooks: TrainRunHooks;
}

/**
 * Trains a run and records it in its folder.
 * @throws AlphaTensorError as runTraining; RESOURCE_EXHAUSTED if another process writes to the run
 */
export async function runTrain(
  { config, checkpoint }: TrainRun,
  { runDir, resume, stop, signal, hooks, startGames, commandLine }: TrainRunOptions,
): Promise<TrainingResult> {
  let metrics: MetricsLog | undefined;
  return await inRunFolder(runDir, { signal, budgetSeconds: stop.budgetSeconds, stage: 'training' }, async () =>
    runTraining(config, {
      runDir,
      signal,
      resume: resume && (await resumesHere(runDir, hooks.onMessage)),
      checkpoint,
      startGames,
      stop,
      hooks: {
        onStart: (info) => {
          for (const line of backendLines(info)) hooks.onMessage(line);
          if (resume) noteSession(runDir, commandLine);
          else {
            writeRunConfig(runDir, {
              command: 'train',
              size: config.size,
              alsoSizes: config.alsoSizes,
              preset: config.preset,
              seed: config.seed,
              tfBackend: info.backend.description,
              actBackend: info.acting.description,
              learnBackend: info.learning.description,
              playing: info.playing,
              commandLines: [commandLine],
              ...beginning(),
              checkpoint: checkpoint ?? null,
              demonstrations: info.demonstrations,
              grownFrom: info.grownFrom,
              insideSchoolbook: info.insideSchoolbook,
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
      },
    }),
  );
}
