import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  compose,
  type FactorizationRecord,
  formatSize,
  laderman,
  loadFactorization,
  type Size,
  sameSize,
  saveFactorization,
  strassen,
  type VerifiedFactorization,
  winograd,
} from '@alphatensor-edge/shared';
import { presetForSize } from '@alphatensor-edge/trainer/presets.js';
import { loadCheckpoint, newestCheckpoint } from '@alphatensor-edge/trainer/run/checkpoint.js';
import { runTraining } from '@alphatensor-edge/trainer/training/train.js';
import { refusal } from '../bench.js';
import { tfBackend } from '../common/options.js';
import { CHECKPOINT_222 } from '../common/paths.js';

export const url = import.meta.url;

/** What all arms of an experiment begin with. */
export interface Start {
  readonly checkpoint: string;
  /** Files of algorithms that the network is shown; none for <2,2,2>, and for a network that its own walks taught. */
  readonly demonstrations: readonly string[];
}

/** What the start of a size without a checkpoint is made from. */
export interface Making {
  readonly size: Size;
  /** Names or files of demonstrations; none: what the project knows of the size without looking anything up. */
  readonly demonstrations: readonly string[];
  readonly steps: number;
  readonly seed: number;
  readonly tfBackend: string;
  /** Keeps what was made; it is used again. */
  readonly folder: string;
}

const S2: Size = { n: 2, m: 2, p: 2 };

/** Tells whether a network of the size is kept. */
export function hasCheckpoint(size: Size): boolean {
  return sameSize(size, S2);
}

/** The kept network of <2,2,2>. */
export const KEPT: Start = { checkpoint: CHECKPOINT_222, demonstrations: [] };

/**
 * Makes the network that all arms of a size begin with: it learns from demonstrations and synthetic games alone, without a game of its own
 * and without a latency. Everything that comes of it is "from demonstrations".
 */
export async function work({ size, demonstrations, steps, seed, tfBackend: backend, folder }: Making): Promise<Start> {
  mkdirSync(folder, { recursive: true });
  const files = demonstrations.length > 0 ? [...demonstrations] : await ownDemonstrations(size, folder);
  const runDir = join(folder, 'network');
  const isMade = existsSync(join(runDir, 'checkpoints'));
  const config = presetForSize('lean', size);
  await runTraining(
    {
      ...config,
      seed,
      tfBackend: tfBackend(backend),
      demonstrations: { ...config.demonstrations, files },
      acting: { ...config.acting, games: 0, insideGames: 0 },
      checkpoints: { ...config.checkpoints, everySteps: 50 },
    },
    { runDir, resume: isMade, stop: { maxSteps: steps } },
  );
  const checkpoint = await newestCheckpoint(runDir);
  return { checkpoint, demonstrations: files };
}

/** Algorithms of the size that follow from Strassen's, Winograd's and Laderman's, by their names; undefined where none does. */
export function knownAlgorithms(size: Size): Readonly<Record<string, VerifiedFactorization>> | undefined {
  const [s, w] = [strassen(), winograd()];
  const known: Record<string, Readonly<Record<string, VerifiedFactorization>>> = {
    '<3,3,3>': { laderman: laderman() },
    '<4,4,4>': { 'strassen-strassen': compose(s, s), 'winograd-winograd': compose(w, w) },
  };
  return known[formatSize(size)];
}

/** Writes the known algorithms of the size as files. */
async function ownDemonstrations(size: Size, folder: string): Promise<string[]> {
  const ofSize = knownAlgorithms(size);
  if (ofSize === undefined) {
    throw refusal(`No algorithm of ${formatSize(size)} is at hand to begin from; give --demonstrations NAME,….`);
  }
  const files: string[] = [];
  for (const [name, factorization] of Object.entries(ofSize)) {
    const file = join(folder, `${name}.json`);
    const record: FactorizationRecord = { factorization, origin: name.includes('-') ? 'composed' : 'imported' };
    if (!existsSync(file)) await saveFactorization(file, record);
    files.push(file);
  }
  return files;
}

/** The network of a training that showed what its own walks found. */
export function ofTraining(checkpoint: string): Start {
  return { checkpoint, demonstrations: [] };
}

/** Gives what the network was shown of the size: the files, or what the walks of its training show at the end. */
export async function demonstrated({ checkpoint, demonstrations }: Start): Promise<VerifiedFactorization[]> {
  if (demonstrations.length > 0) {
    return Promise.all(demonstrations.map(async (file) => (await loadFactorization(file)).factorization));
  }
  const { config, resume } = await loadCheckpoint(checkpoint);
  if (resume?.flips === undefined) return [];
  const { walked, neighbours } = resume.flips;
  const shown = [...walked, ...neighbours].map(({ factorization }) => factorization);
  const ofSize = shown.filter(({ size }) => sameSize(size, config.size));
  const lowest = Math.min(...ofSize.map(({ rank }) => rank));
  return ofSize.filter(({ rank }) => rank === lowest);
}
