import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { formatSize, type RatioEstimate } from '@alphatensor-edge/shared';
import { type MeasurementRow, problemWords } from '../../fleet/measurement.js';
import { lastChange, runVersion } from '../../run/changes.js';
import { CONFIG } from '../../run/folder.js';
import { type RunData, readRun } from '../../run/reader.js';
import { type RunState, readRunState } from '../../run/state.js';
import { seriesOf } from '../progress.js';

/** Holds what the list of runs shows of one. It takes the agents' own figures, so that many runs are listed at once. */
export interface RunCard {
  readonly name: string;
  readonly state: RunState;
  /** The command that made it; undefined: unknown. */
  readonly kind: string | undefined;
  readonly size: string | undefined;
  readonly startedAt: string | undefined;
  readonly changedAt: Date;
  readonly bestRank: number | undefined;
  /** The fastest that its agent calls faster. */
  readonly best: { readonly speedup: RatioEstimate; readonly what: string } | undefined;
  /** The agents that measured, as they were given. */
  readonly agents: readonly string[];
  /** Host names of the devices that measured. */
  readonly devices: readonly string[];
  readonly jobs: number;
  /** The last job of each device. */
  readonly lastJobs: readonly Pick<MeasurementRow, 'deviceId' | 'createdAt' | 'outcome'>[];
  /** The best rank over time, or else the mean reward; empty if neither changed. */
  readonly spark: readonly (readonly [seconds: number, value: number])[];
}

/** Lists the runs below a folder, newest first. A run is read again only if its files changed. */
export class RunList {
  readonly #folder: string;
  readonly #known = new Map<string, { readonly version: string; readonly card: Omit<RunCard, 'state'> }>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  #names(): string[] {
    if (!existsSync(this.#folder)) return [];
    return readdirSync(this.#folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && existsSync(join(this.#folder, entry.name, CONFIG)))
      .map(({ name }) => name);
  }

  /** Lists the folders of the runs. */
  paths(): string[] {
    return this.#names().map((name) => join(this.#folder, name));
  }

  /** Gives the folder of a run; undefined if there is none of that name. */
  pathOf(name: string): string | undefined {
    return this.#names().includes(name) ? join(this.#folder, name) : undefined;
  }

  cards(): RunCard[] {
    return this.#names()
      .map((name) => this.#cardOf(name))
      .sort((a, b) => (b.startedAt ?? '').localeCompare(a.startedAt ?? '') || a.name.localeCompare(b.name));
  }

  #cardOf(name: string): RunCard {
    const path = join(this.#folder, name);
    const version = runVersion(path);
    const known = this.#known.get(name);
    const card = known?.version === version ? known.card : cardFrom(path);
    this.#known.set(name, { version, card });
    return { ...card, state: readRunState(path) };
  }
}

function cardFrom(path: string): Omit<RunCard, 'state'> {
  const { config, metrics, measurements, factorizations } = readCautiously(path);
  const series = seriesOf(metrics);
  const pointsOf = (key: string) => series.find((one) => one.key === key)?.points ?? [];
  const ranks = pointsOf('bestRank');
  const kept = factorizations.map(({ rank }) => rank);
  return {
    name: basename(path),
    kind: config?.command,
    size: config?.size && formatSize(config.size),
    startedAt: config?.startedAt,
    changedAt: lastChange(path),
    bestRank: ranks.at(-1)?.[1] ?? (kept.length > 0 ? Math.min(...kept) : undefined),
    best: bestOf(measurements),
    agents: [...new Set(measurements.map(({ agent }) => agent))],
    devices: [...new Set(measurements.map(({ device }) => device.hostname))],
    jobs: measurements.length,
    lastJobs: [...new Map(measurements.map((row) => [row.deviceId, row])).values()].map(
      ({ deviceId, createdAt, outcome: { measurement: _, ...outcome } }) => ({ deviceId, createdAt, outcome }),
    ),
    spark: [ranks, pointsOf('meanReward')].find(changes) ?? [],
  };
}

/** Tells whether a series is worth a line. */
function changes(points: RunCard['spark']): boolean {
  return points.some(([, value]) => value !== points[0][1]);
}

/** Reads a run; one that cannot be read counts as empty here, and its own page says why. */
function readCautiously(path: string): Pick<RunData, 'config' | 'metrics' | 'measurements' | 'factorizations'> {
  try {
    return readRun(path);
  } catch {
    return { config: undefined, metrics: [], measurements: [], factorizations: [] };
  }
}

function bestOf(rows: readonly MeasurementRow[]): RunCard['best'] {
  const claimed = rows.flatMap(({ outcome: { measurement }, problem, algorithm }) =>
    measurement?.fasterThanBaseline && measurement.speedup
      ? [{ speedup: measurement.speedup, what: `${algorithm.label} at ${problemWords(problem)}` }]
      : [],
  );
  return claimed.sort((a, b) => b.speedup.estimate - a.speedup.estimate)[0];
}
