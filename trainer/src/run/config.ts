import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AlphaTensorError, ARITHMETICS } from '@alphatensor-edge/shared';
import { sync as writeFileAtomicSync } from 'write-file-atomic';
import { z } from 'zod';
import { SYMMETRIES } from '../explore/symmetry.js';
import { tuneSettings } from '../tune/settings.js';
import { PROGRAM_VERSION } from '../version.js';
import { finetuneSettings } from './finetune-settings.js';
import { CONFIG, writing } from './folder.js';
import { withoutSentence } from './provenance.js';

// `config.json` says what a run was started with and which backend it used. The command writes it and resumes from it; a report reads it.

const size = z.object({ n: z.number(), m: z.number(), p: z.number() });
const names = z.array(z.string()).readonly();

/** Describes the fields that runs of all commands share, and what a report says of some. Older runs lack some of them. */
export const anyRun = z.object({
  command: z.string().optional(),
  size: size.optional(),
  preset: z.string().nullish(),
  seed: z.union([z.number(), z.string()]).optional(),
  /** The TensorFlow.js backend that ran. */
  tfBackend: z.string().nullish(),
  /** What games were played through. */
  actBackend: z.string().nullish(),
  /** What gradients were computed through. */
  learnBackend: z.string().nullish(),
  /** Who played and when. */
  playing: z.string().nullish(),
  /** The command line of each session of a training run; older runs lack it. */
  commandLines: names.optional(),
  /** ISO 8601, UTC. */
  startedAt: z.string().optional(),
  version: z.string().optional(),
  /** The checkpoint that the run started from. */
  checkpoint: z.string().nullish(),
  /** Known algorithms that the network or the run was given. Empty means from scratch; absent means unknown. */
  demonstrations: names.optional(),
  /** Factorizations of smaller sizes that the network was trained with. */
  grownFrom: names.optional(),
  /** Whether games began inside the schoolbook algorithm. */
  insideSchoolbook: z.boolean().optional(),
  /** What a fine-tuning or a tuning run was asked of errors and memory. */
  finetune: finetuneSettings.in.pick({ maxError: true, maxWorkspace: true }).optional(),
  tune: z.object({ maxError: z.number().nullish(), workspaceTimes: z.number().nullish() }).optional(),
});
/** Holds the fields that runs of all commands share. */
export type RunConfig = z.infer<typeof anyRun>;

/**
 * Describes the fields of each command's runs. A run without them cannot be resumed. `training` is the resolved TrainingConfig; see
 * parseTrainingConfig.
 */
const byCommand = {
  train: anyRun.extend({
    command: z.literal('train'),
    checkpoint: z.string().nullable(),
    alsoSizes: z.array(size).optional(),
    training: z.unknown(),
  }),
  finetune: anyRun.extend({
    command: z.literal('finetune'),
    startedAt: z.string(),
    finetune: finetuneSettings,
    training: z.unknown(),
  }),
  explore: anyRun.extend({
    command: z.literal('explore'),
    /** Absent if all sizes of a pool are wanted. */
    size: size.optional(),
    /** What the walks keep; older runs, which lack it, kept nothing. */
    symmetry: z.enum(SYMMETRIES).optional(),
    /** The sizes of its pool; absent if it has none. */
    pool: z.array(size).readonly().optional(),
    arithmetic: z.enum(ARITHMETICS),
    /** `standard`, `grow`, `pool` or a file. */
    from: z.string(),
    seed: z.number(),
    /** How many times the run was started or resumed. */
    sessions: z.number(),
    startedAt: z.string(),
    version: z.string(),
    demonstrations: names,
  }),
  refine: anyRun.extend({
    command: z.literal('refine'),
    /** The sources: files, entries of an archive, or names of known algorithms. */
    from: names,
    seed: z.number(),
    /** The most nonzeros, as a multiple of those of the source. */
    maxNonzeros: z.number(),
    /** Whether pairs of products were flipped, which leads to other orbits. */
    flips: z.boolean(),
    sessions: z.number(),
    startedAt: z.string(),
    version: z.string(),
    demonstrations: names,
  }),
  /** The algorithms that the run tries are in files of the run folder. */
  tune: anyRun.extend({ command: z.literal('tune'), tune: tuneSettings }),
};
/** Names a command that writes a run folder. */
export type RunCommand = keyof typeof byCommand;
/** Tells whether a command writes a run folder, and so can go on with it. */
export function isRunCommand(command: string | undefined): command is RunCommand {
  return command !== undefined && Object.hasOwn(byCommand, command);
}
/** Holds the fields of a command's run. */
export type SavedRun<C extends RunCommand> = z.output<(typeof byCommand)[C]>;

/** Gives the time at which a run begins, now, and the program's version. */
export function beginning(): { startedAt: string; version: string } {
  return { startedAt: new Date().toISOString(), version: PROGRAM_VERSION };
}

/** Writes what a run was started with. @throws AlphaTensorError RESOURCE_EXHAUSTED if the folder cannot be written */
export function writeRunConfig<C extends RunCommand>(
  runDir: string,
  config: { readonly command: C } & z.input<(typeof byCommand)[C]>,
): void {
  writing(runDir, () => writeFileAtomicSync(join(runDir, CONFIG), `${JSON.stringify(config, null, 2)}\n`));
}

/** Adds the command line of a session that goes on with a run. @throws AlphaTensorError as reopenRun and writeRunConfig */
export function noteSession(runDir: string, commandLine: string): void {
  const path = join(runDir, CONFIG);
  const config = readJson(path) as { commandLines?: readonly string[] };
  const commandLines = [...(config.commandLines ?? []), commandLine];
  writing(runDir, () => writeFileAtomicSync(path, `${JSON.stringify({ ...config, commandLines }, null, 2)}\n`));
}

/**
 * Reads what a run of `command` was started with, to resume it.
 * @throws AlphaTensorError NOT_FOUND if there is no run, UNSUPPORTED_FORMAT if its file is damaged, INVALID_ARGUMENT if it is a run of
 *   another command
 */
export function reopenRun<C extends RunCommand>(runDir: string, command: C): SavedRun<C> {
  const path = join(runDir, CONFIG);
  if (!existsSync(path)) {
    throw new AlphaTensorError('NOT_FOUND', `${runDir} holds no run to resume; start one without --resume.`, {
      field: '--run-dir',
    });
  }
  const saved = byCommand[command].safeParse(readJson(path));
  if (saved.success) return withoutSentence(saved.data) as SavedRun<C>;
  throw new AlphaTensorError(
    'INVALID_ARGUMENT',
    `${runDir} is not a run of at-trainer ${command}; resume it with the command that began it.`,
    { field: '--run-dir' },
  );
}

/** Reads the fields that runs of all commands and versions share. @throws Error if the file is missing or damaged */
export function readRunConfig(runDir: string): RunConfig {
  return withoutSentence(anyRun.parse(JSON.parse(readFileSync(join(runDir, CONFIG), 'utf8'))));
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new AlphaTensorError('UNSUPPORTED_FORMAT', `${path} is damaged; start a new run from its checkpoints.`, {
      cause,
    });
  }
}
