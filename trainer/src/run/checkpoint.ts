import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AlphaTensorError } from '@alphatensor-edge/shared';
import { z } from 'zod';
import { parseTrainingConfig, type TrainingConfig } from '../config.js';
import type { StoredWeight } from '../network/parameters.js';
import type { StoredFlips } from './flips-file.js';
import { type TrainingHistory, trainingHistory } from './history.js';
import { type NetworkProvenance, provenanceFields, withoutSentence } from './provenance.js';
import { readOlderReplay, readReplayLines, replayLines, type StoredReplay } from './replay-file.js';
import { decodeSafetensors, encodeSafetensors } from './safetensors.js';

/**
 * Holds a checkpoint. On disk it is a folder with `checkpoint.json` (configuration and history) and `weights.safetensors`. To resume a
 * run, it also needs `optimizer.safetensors` and `replay.jsonl`. To play, or to fine-tune from it, it does not.
 */
export interface Checkpoint extends NetworkProvenance {
  readonly config: TrainingConfig;
  /** Number of learner steps so far. */
  readonly step: number;
  readonly weights: readonly StoredWeight[];
  /** The orbits of the run's size that its walks found, so that the network may have been shown them. Absent in a run without walks. */
  readonly shownOrbits?: readonly string[] | undefined;
  /** How the network was trained; only an exported checkpoint has it. */
  readonly history?: TrainingHistory | undefined;
  readonly resume: ResumeState | undefined;
}

/** Holds what else a resumed run needs, to go on exactly as if it had not stopped. Its random numbers follow from the seed and the step. */
export interface ResumeState extends StoredReplay {
  readonly flips?: StoredFlips | undefined;
  readonly optimizer: OptimizerState;
  /** Seconds that the run has taken so far. */
  readonly seconds: number;
  /** The lowest rank that the run has found. */
  readonly bestRank: number | undefined;
  /** Number of games that the run has played so far, and of the solved ones among them. */
  readonly games: number;
  readonly solved: number;
  /** Whether the run stopped during the games that follow this step. Then these are played first. */
  readonly isRoundDue: boolean;
}

/** Holds the optimizer's state, which a resumed run needs besides the weights. */
export interface OptimizerState {
  readonly step: number;
  /** First and second moments of all weights, in their order. */
  readonly first: Float32Array;
  readonly second: Float32Array;
}

const METADATA = 'checkpoint.json';
const WEIGHTS = 'weights.safetensors';
const OPTIMIZER = 'optimizer.safetensors';
const REPLAY = 'replay.jsonl';
/** The name and form of the replay in older checkpoints. */
const OLDER_REPLAY = 'replay.json';

const metadata = z.object({
  format: z.literal(1),
  step: z.number(),
  seconds: z.number().optional(),
  bestRank: z.number().optional(),
  // Older checkpoints do not count games.
  games: z.number().default(0),
  solved: z.number().default(0),
  isRoundDue: z.boolean().default(false),
  ...provenanceFields,
  // Checkpoints of runs without walks, and older ones, lack these.
  shownOrbits: z.array(z.string()).optional(),
  history: trainingHistory.optional(),
  config: z.unknown(),
});

/**
 * Writes a checkpoint under another name and renames it, so that no reader ever sees half of one. An older one of the name is replaced.
 * What was written of one that fails is removed again, since a full disk needs the space.
 */
export async function saveCheckpoint(
  directory: string,
  checkpoint: Checkpoint,
  dtype: 'F32' | 'F16' = 'F32',
): Promise<void> {
  const aside = `${directory}.partial`;
  await rm(aside, { recursive: true, force: true });
  try {
    await mkdir(aside, { recursive: true });
    await writeParts(aside, checkpoint, dtype);
  } catch (error) {
    await rm(aside, { recursive: true, force: true }).catch(() => undefined);
    throw error;
  }
  // The old one is renamed before it is removed: otherwise a process killed here would leave half of it under its name.
  const replaced = `${directory}.replaced`;
  await rm(replaced, { recursive: true, force: true });
  if (existsSync(directory)) await rename(directory, replaced);
  await rename(aside, directory);
  await rm(replaced, { recursive: true, force: true });
}

async function writeParts(aside: string, checkpoint: Checkpoint, dtype: 'F32' | 'F16'): Promise<void> {
  const { config, step, weights, resume } = checkpoint;
  const head: z.input<typeof metadata> = {
    format: 1,
    step,
    seconds: resume?.seconds,
    bestRank: resume?.bestRank,
    games: resume?.games,
    solved: resume?.solved,
    isRoundDue: resume?.isRoundDue,
    demonstrations: checkpoint.demonstrations,
    grownFrom: checkpoint.grownFrom,
    insideSchoolbook: checkpoint.insideSchoolbook,
    history: checkpoint.history,
    shownOrbits: checkpoint.shownOrbits && [...checkpoint.shownOrbits],
    config,
  };
  await writeFile(join(aside, METADATA), `${JSON.stringify(head, null, 2)}\n`);
  await writeFile(join(aside, WEIGHTS), encodeSafetensors(weights, dtype));
  if (resume !== undefined) {
    const { first, second } = resume.optimizer;
    const moments = [
      { name: 'first', shape: [first.length], values: first },
      { name: 'second', shape: [second.length], values: second },
    ];
    await writeFile(join(aside, OPTIMIZER), encodeSafetensors(moments, 'F32'));
    await pipeline(Readable.from(replayLines(resume)), createWriteStream(join(aside, REPLAY)));
  }
}

/**
 * Reads a checkpoint.
 * @throws AlphaTensorError NOT_FOUND if the folder holds none, UNSUPPORTED_FORMAT if it is damaged, INVALID_ARGUMENT if its
 *   configuration is wrong
 */
export async function loadCheckpoint(directory: string): Promise<Checkpoint> {
  if (!existsSync(join(directory, METADATA))) {
    throw new AlphaTensorError(
      'NOT_FOUND',
      `"${directory}" holds no checkpoint; give a folder with ${METADATA} and ${WEIGHTS}.`,
      { field: 'checkpoint' },
    );
  }
  const head = metadata.safeParse(await readJson(directory, METADATA));
  if (!head.success) throw damaged(directory, METADATA, head.error);
  const { step, seconds, bestRank, games, solved, isRoundDue, shownOrbits, history } = head.data;
  const { demonstrations, grownFrom, insideSchoolbook } = withoutSentence(head.data);
  const provenance = { demonstrations, grownFrom, insideSchoolbook };
  const config = parseTrainingConfig(head.data.config);
  const weights = decodeSafetensors(await read(directory, WEIGHTS));
  if (!existsSync(join(directory, OPTIMIZER))) {
    return { config, step, ...provenance, weights, shownOrbits, history, resume: undefined };
  }
  const moments = new Map(
    decodeSafetensors(await read(directory, OPTIMIZER)).map(({ name, values }) => [name, values]),
  );
  const [first, second] = [moments.get('first'), moments.get('second')];
  if (first === undefined || second === undefined) throw damaged(directory, OPTIMIZER);
  return {
    config,
    step,
    ...provenance,
    weights,
    shownOrbits,
    history,
    resume: {
      optimizer: { step, first, second },
      ...(await readReplay(directory, config, shownOrbits)),
      seconds: seconds ?? 0,
      bestRank,
      games,
      solved,
      isRoundDue,
    },
  };
}

/** Copies a checkpoint in half precision, without what is needed only to resume, and says how it was trained. */
export async function exportCheckpoint(from: string, to: string, history?: TrainingHistory): Promise<void> {
  await saveCheckpoint(to, { ...(await loadCheckpoint(from)), history, resume: undefined }, 'F16');
}

/** Names the folder of a step's checkpoint inside a run. The names sort by step. */
export function checkpointPath(runDirectory: string, step: number): string {
  return join(runDirectory, 'checkpoints', `step-${String(step).padStart(9, '0')}`);
}

/** Finds the newest complete checkpoint of a run. @throws AlphaTensorError NOT_FOUND if there is none */
export async function newestCheckpoint(runDirectory: string): Promise<string> {
  const names = await checkpointNames(runDirectory);
  const newest = names.at(-1);
  if (newest === undefined) {
    throw new AlphaTensorError(
      'NOT_FOUND',
      `"${runDirectory}" has no checkpoint to resume from; start the run again without --resume.`,
      { field: 'run-dir' },
    );
  }
  return join(runDirectory, 'checkpoints', newest);
}

/** Gives the step of the newest complete checkpoint of a run; 0 if it has none. */
export async function newestStep(runDirectory: string): Promise<number> {
  return Number((await checkpointNames(runDirectory)).at(-1)?.slice('step-'.length) ?? 0);
}

/** Tells whether a run has a checkpoint to resume from. */
export async function hasCheckpoint(runDirectory: string): Promise<boolean> {
  return (await checkpointNames(runDirectory)).length > 0;
}

/** Removes all but the newest `keep` checkpoints of a run, and half-written ones that a killed process left. */
export async function rotateCheckpoints(runDirectory: string, keep: number): Promise<void> {
  const folder = join(runDirectory, 'checkpoints');
  const kept = new Set((await checkpointNames(runDirectory)).slice(-keep));
  for (const name of await readdir(folder)) {
    if (name.startsWith('step-') && !kept.has(name)) await rm(join(folder, name), { recursive: true, force: true });
  }
}

async function checkpointNames(runDirectory: string): Promise<string[]> {
  const folder = join(runDirectory, 'checkpoints');
  if (!existsSync(folder)) return [];
  return (await readdir(folder)).filter((name) => /^step-\d+$/.test(name)).sort();
}

async function readReplay(
  directory: string,
  config: TrainingConfig,
  shown: readonly string[] = [],
): Promise<Pick<ResumeState, 'played' | 'best' | 'flips'>> {
  const isOlder = existsSync(join(directory, OLDER_REPLAY));
  try {
    if (isOlder) return readOlderReplay(await readJson(directory, OLDER_REPLAY), config);
    const lines = createInterface({
      input: createReadStream(join(directory, REPLAY)),
      crlfDelay: Number.POSITIVE_INFINITY,
    });
    const { flips, ...replay } = await readReplayLines(lines, config);
    return flips === undefined ? replay : { ...replay, flips: { ...flips, shown } };
  } catch (cause) {
    throw damaged(directory, isOlder ? OLDER_REPLAY : REPLAY, cause);
  }
}

async function read(directory: string, file: string): Promise<Uint8Array> {
  try {
    return await readFile(join(directory, file));
  } catch (cause) {
    throw damaged(directory, file, cause);
  }
}

async function readJson(directory: string, file: string): Promise<unknown> {
  const bytes = await read(directory, file);
  try {
    return JSON.parse(Buffer.from(bytes).toString());
  } catch (cause) {
    throw damaged(directory, file, cause);
  }
}

function damaged(directory: string, file: string, cause?: unknown): AlphaTensorError {
  return new AlphaTensorError(
    'UNSUPPORTED_FORMAT',
    `${file} of the checkpoint "${directory}" is missing or damaged; use another checkpoint.`,
    { cause },
  );
}
