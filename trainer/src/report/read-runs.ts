import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { type RunData, readRun } from '../run/reader.js';
import { unpackRuns } from './carried.js';

/**
 * Reads runs from their folders, and from pages that carry them.
 * @throws AlphaTensorError NOT_FOUND if a folder holds no run, UNSUPPORTED_FORMAT if a page carries none
 */
export function readRuns(sources: readonly string[]): RunData[] {
  return sources.flatMap((source) =>
    existsSync(source) && statSync(source).isFile()
      ? unpackRuns(readFileSync(source, 'utf8'), basename(source))
      : [readRun(source)],
  );
}
