import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { messageOf } from '@alphatensor-edge/shared';
import { refusal } from '../bench.js';
import type { Measured } from './devices.js';
import type { Result, Row, Scheme } from './run.js';

/** One arm with one seed. Files of older versions have no winners, and `late` alone of the result. */
export interface SavedRun
  extends Pick<Row, 'seed' | 'arm'>,
    Pick<Result, 'late'>,
    Partial<Omit<Result, 'late'>>,
    Partial<Omit<Row, 'seed' | 'arm'>> {}

/** The file that --save writes and `again` reads: what the games of the second half of each run ended with, and its fastest algorithms. */
export interface SavedRuns extends Measured {
  /** What the network was shown beside its own games; none in files of older versions. */
  readonly demonstrations?: readonly Scheme[];
  /** What else must be equal for runs to be compared; absent in files of older versions. */
  readonly experiment?: string;
  readonly runs: readonly SavedRun[];
}

/** Reads what --save wrote. @throws AlphaTensorError INVALID_ARGUMENT if there is no such file, or it is another one */
export function savedRuns(path: string): SavedRuns {
  const saved = savedRunsIfAny(path);
  if (saved === undefined) throw refusal(`"${path}" cannot be read: there is no such file.`);
  return saved;
}

/** Does the same; undefined if there is no such file. */
export function savedRunsIfAny(path: string): SavedRuns | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw refusal(`"${path}" cannot be read: ${messageOf(error)}.`);
  }
  const saved = parsed(text);
  if (saved === undefined) throw refusal(`"${path}" is not a file that npm run bench lambda -- --save wrote.`);
  return saved;
}

/** Writes the file whole, so that an interrupted write leaves the earlier one. */
export function saveRuns(path: string, saved: SavedRuns): void {
  writeFileSync(`${path}.new`, JSON.stringify(saved));
  renameSync(`${path}.new`, path);
}

function parsed(text: string): SavedRuns | undefined {
  try {
    const saved = JSON.parse(text) as SavedRuns | null;
    return Array.isArray(saved?.runs) ? (saved as SavedRuns) : undefined;
  } catch {
    return undefined;
  }
}

const PLACE = ['problem', 'depth', 'variant', 'backend'] as const;

/** What all files were measured as. @throws AlphaTensorError INVALID_ARGUMENT if they differ */
export function settingOf(files: readonly SavedRuns[]): Measured {
  const settings = files.map((file): Measured => {
    const { problem, depth, variant, backend } = file;
    return {
      problem,
      depth,
      ...(variant === undefined ? {} : { variant }),
      ...(backend === undefined ? {} : { backend }),
    };
  });
  const text = (one: Measured): string => JSON.stringify(PLACE.map((key) => one[key]));
  if (settings.some((one) => text(one) !== text(settings[0]))) {
    throw refusal('The files are of different problems, levels, variants or backends.');
  }
  return settings[0];
}
