import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AlphaTensorError } from '@alphatensor-edge/shared';
import { sync as writeFileAtomicSync } from 'write-file-atomic';
import { z } from 'zod';
import { tuneSettings } from '../tune/settings.js';
import { PROGRAM_VERSION } from '../version.js';
import { finetuneSettings } from './finetune-settings.js';
import { CONFIG, writing } from './folder.js';
import { withoutSentence } from './provenance.js';

// `config.json`: what a run was started with and what really ran, as its command writes it, resumes it and a report reads it.

const size = z.object({ n: z.number(), m: z.number(), p: z.number() });
const names = z.array(z.string()).readonly();

/** What runs of all commands have in common; older ones lack some of it. */
const anyRun = z.object({
  command: z.string().optional(),
  size: size.optional(),
  preset: z.string().nullish(),
  seed: z.union([z.number(), z.string()]).optional(),
  /** The TensorFlow.js backend that really ran. */
  tfBackend: z.string().nullish(),
  /** ISO 8601, UTC. */
  startedAt: z.string().optional(),
  version: z.string().optional(),
  /** The checkpoint the run started from. */
  checkpoint: z.string().nullish(),
  /** Known algorithms that went into the network or the run; empty: from scratch; absent: unknown. */
  demonstrations: names.optional(),
  /** Factorizations of smaller sizes that went into the network. */
  grownFrom: names.optional(),
  /** Whether games began inside the schoolbook algorithm. */
  insideSchoolbook: z.boolean().optional(),
});
export type RunConfig = z.infer<typeof anyRun>;

/** What each command adds, without which it cannot go on. `training` is the resolved TrainingConfig; see parseTrainingConfig. */
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
    size,
    arithmetic: z.enum(['standard', 'modulo-2']),
    /** `standard`, `grow` or a file. */
    from: z.string(),
    seed: z.number(),
    /** How often the run was begun or resumed. */
    sessions: z.number(),
    startedAt: z.string(),
    version: z.string(),
    demonstrations: names,
  }),
  refine: anyRun.extend({
    command: z.literal('refine'),
    /** Files, entries of an archive, or known names. */
    from: names,
    seed: z.number(),
    /** Nonzeros as a multiple of what each began with. */
    maxNonzeros: z.number(),
    /** Whether pairs of products were flipped, which leads to other orbits. */
    flips: z.boolean(),
    sessions: z.number(),
    startedAt: z.string(),
    version: z.string(),
    demonstrations: names,
  }),
  /** The algorithms lie beside it. */
  tune: anyRun.extend({ command: z.literal('tune'), tune: tuneSettings }),
};
export type RunCommand = keyof typeof byCommand;
export type SavedRun<C extends RunCommand> = z.output<(typeof byCommand)[C]>;

/** Tells when a run begins, and with which version. */
export function beginning(): { startedAt: string; version: string } {
  return { startedAt: new Date().toISOString(), version: PROGRAM_VERSION };
}

/** Writes what a run was started with. @throws AlphaTensorError RESOURCE_EXHAUSTED */
export function writeRunConfig<C extends RunCommand>(
  runDir: string,
  config: { readonly command: C } & z.input<(typeof byCommand)[C]>,
): void {
  writing(runDir, () => writeFileAtomicSync(join(runDir, CONFIG), `${JSON.stringify(config, null, 2)}\n`));
}

/**
 * Reads what a run of `command` was started with, to go on with it.
 * @throws AlphaTensorError NOT_FOUND without a run, UNSUPPORTED_FORMAT if it is damaged, INVALID_ARGUMENT for another command's
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

/** Reads what all runs have in common, of whichever command and version. @throws Error if it is damaged */
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
