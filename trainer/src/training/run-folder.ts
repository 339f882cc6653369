import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AlphaTensorError, messageOf, type Size } from '@alphatensor-edge/shared';
import { sync as writeFileAtomicSync } from 'write-file-atomic';
import type { MetricsLine } from './train.js';

const CONFIG = 'config.json';
const METRICS = 'metrics.jsonl';

/** `runs/2026-11-23-2x2x2`, the folder of a run that was given none; numbered if that one exists. */
export function defaultRunDir({ n, m, p }: Size, now = new Date()): string {
  const name = join('runs', `${now.toISOString().slice(0, 10)}-${n}x${m}x${p}`);
  for (let number = 1; ; number++) {
    const path = number === 1 ? name : `${name}-${number}`;
    if (!existsSync(path)) return path;
  }
}

/**
 * Makes the folder of a new run.
 * @throws AlphaTensorError INVALID_ARGUMENT if it holds something already, RESOURCE_EXHAUSTED if it cannot be written
 */
export function createRunFolder(runDir: string): void {
  if (existsSync(runDir) && readdirSync(runDir).length > 0) {
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      `${runDir} is not empty; go on with the run in it with --resume, or choose another --run-dir.`,
      { field: '--run-dir' },
    );
  }
  writing(runDir, () => mkdirSync(runDir, { recursive: true }));
}

/** What the run was started with and what really ran. */
export function writeRunConfig(runDir: string, config: unknown): void {
  writing(runDir, () => writeFileAtomicSync(join(runDir, CONFIG), `${JSON.stringify(config, null, 2)}\n`));
}

/** @throws AlphaTensorError NOT_FOUND or UNSUPPORTED_FORMAT */
export function readRunConfig(runDir: string): unknown {
  const path = join(runDir, CONFIG);
  if (!existsSync(path)) {
    throw new AlphaTensorError('NOT_FOUND', `${runDir} holds no run to resume; start one without --resume.`, {
      field: '--run-dir',
    });
  }
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new AlphaTensorError('UNSUPPORTED_FORMAT', `${path} is damaged; start a new run from its checkpoints.`, {
      cause,
    });
  }
}

export function appendMetrics(runDir: string, line: MetricsLine): void {
  writing(runDir, () => appendFileSync(join(runDir, METRICS), `${JSON.stringify(line)}\n`));
}

function writing(runDir: string, write: () => void): void {
  try {
    write();
  } catch (cause) {
    throw new AlphaTensorError(
      'RESOURCE_EXHAUSTED',
      `${runDir} cannot be written (${messageOf(cause)}); free space or choose another --run-dir.`,
      { cause },
    );
  }
}
