import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Size, sameSize } from '@alphatensor-edge/shared';
import { z } from 'zod';
import type { ExploreProgress, FoundByFlips } from '../explore/run.js';
import { appendMetrics, METRICS, mendMetrics } from './metrics.js';

/** Between two lines of metrics.jsonl, unless something is found. */
const METRICS_SECONDS = 10;

/** What a flip graph search writes to metrics.jsonl: seconds and flips of all sessions together. */
export class ExploreMetrics {
  readonly #runDir: string;
  readonly #wanted: Size | undefined;
  readonly #before: { readonly time: number; readonly flips: number };
  #written = Number.NEGATIVE_INFINITY;
  #best = Number.POSITIVE_INFINITY;

  /** @param wanted the size whose rank counts; undefined: all are wanted, and no rank is written */
  constructor(runDir: string, wanted: Size | undefined) {
    this.#wanted = wanted;
    this.#runDir = runDir;
    mendMetrics(runDir);
    this.#before = lastMetrics(runDir);
  }

  /** Writes a line now and then. */
  onProgress(now: ExploreProgress): void {
    if (now.seconds - this.#written >= METRICS_SECONDS) this.#append(now);
  }

  /** Writes a line at once for the wanted size, unless it was lifted from one that is written already. */
  onFound({ size, rank, lifted, seconds, flips }: FoundByFlips): void {
    if (lifted || this.#wanted === undefined || !sameSize(size, this.#wanted)) return;
    this.#best = Math.min(this.#best, rank);
    this.#append({ seconds, flips, bestRank: this.#best });
  }

  #append({ seconds, flips, bestRank }: Pick<ExploreProgress, 'seconds' | 'flips' | 'bestRank'>): void {
    this.#written = seconds;
    appendMetrics(this.#runDir, {
      time: this.#before.time + seconds,
      flips: this.#before.flips + flips,
      flipsPerSecond: flips / seconds,
      bestRank,
    });
  }
}

/** Reads seconds and flips of all sessions before, as far as they were recorded. */
function lastMetrics(runDir: string): { time: number; flips: number } {
  const path = join(runDir, METRICS);
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : [];
  for (const line of lines.reverse()) {
    try {
      return z.object({ time: z.number(), flips: z.number() }).parse(JSON.parse(line));
    } catch {
      // Empty, or cut off when the run was killed: the one before is whole.
    }
  }
  return { time: 0, flips: 0 };
}
