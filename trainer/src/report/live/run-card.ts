import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Environment } from '@alphatensor-edge/proto';
import { formatSize, type RatioEstimate } from '@alphatensor-edge/shared';
import { boundedEnvironment } from '../../fleet/bounded-environment.js';
import { type MeasurementRow, problemWords } from '../../fleet/measurement.js';
import { checkedRow } from '../../fleet/outcome-check.js';
import { lastChange, runVersion } from '../../run/changes.js';
import { CONFIG } from '../../run/folder.js';
import { type RunData, readRun } from '../../run/reader.js';
import { type RunState, readRunState } from '../../run/state.js';
import { PLOTTED, type Series, seriesOf } from '../progress.js';

/** Holds what the list of runs shows of one. Of its measurements only what is shown is checked, so that many runs are listed at once. */
export interface RunCard {
  readonly name: string;
  readonly state: RunState;
  /** The command that made it; undefined: unknown. */
  readonly kind: string | undefined;
  readonly size: string | undefined;
  readonly startedAt: string | undefined;
  readonly changedAt: Date;
  readonly bestRank: number | undefined;
  /** The fastest that is called faster. */
  readonly best: { readonly speedup: RatioEstimate; readonly what: string } | undefined;
  /** The agents that measured, as they were given. */
  readonly agents: readonly string[];
  /** Host names of the devices that measured. */
  readonly devices: readonly string[];
  readonly jobs: number;
  /** The last job of each device. */
  readonly lastJobs: readonly LastJob[];
  /** The first of the best rank, the mean reward and the policy loss that changed over time; undefined: none did. */
  readonly spark: Spark | undefined;
}

interface LastJob extends Pick<MeasurementRow, 'agent' | 'deviceId' | 'createdAt'> {
  /** Undefined: unknown. */
  readonly environment: Environment | undefined;
}

interface Spark {
  /** What it shows, such as `Best rank found`. */
  readonly title: string;
  readonly points: Series['points'];
}

/** The quantities that a small line can show, the most telling first. */
const SPARKS = ['bestRank', 'meanReward', 'policyLoss'];

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
    // Jobs are only added. Where they are gone, the store could not be read for a moment, as when its writer closes it.
    const isCutOff =
      known !== undefined && card.jobs === 0 && known.card.jobs > 0 && known.card.startedAt === card.startedAt;
    if (!isCutOff) this.#known.set(name, { version, card });
    return { ...(isCutOff ? known.card : card), state: readRunState(path) };
  }
}

function cardFrom(path: string): Omit<RunCard, 'state'> {
  const { config, metrics, measurements, factorizations } = readCautiously(path);
  const series = seriesOf(metrics);
  const ranks = series.find(({ key }) => key === 'bestRank')?.points ?? [];
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
      ({ agent, deviceId, createdAt, outcome }) => ({
        ...{ agent, deviceId, createdAt },
        environment: environmentOf(outcome),
      }),
    ),
    spark: sparkOf(series),
  };
}

function sparkOf(all: readonly Series[]): Spark | undefined {
  const changing = all.filter(({ points }) => points.some(([, value]) => value !== points[0][1]));
  const shown = SPARKS.flatMap((key) => changing.find((series) => series.key === key) ?? [])[0];
  const title = PLOTTED.find(({ key }) => key === shown?.key)?.title;
  return shown === undefined || title === undefined ? undefined : { title, points: shown.points };
}

/** Reads a run; one that cannot be read counts as empty here, and its own page says why. */
function readCautiously(path: string): Pick<RunData, 'config' | 'metrics' | 'measurements' | 'factorizations'> {
  try {
    return readRun(path, { asStored: true });
  } catch {
    return { config: undefined, metrics: [], measurements: [], factorizations: [] };
  }
}

/** Gives what an unchecked row was measured under; undefined where it is not in order. */
function environmentOf({ environment }: MeasurementRow['outcome']): Environment | undefined {
  try {
    return environment ? boundedEnvironment(environment) : undefined;
  } catch {
    return undefined;
  }
}

/** Finds the fastest claim. Of the rows as they are stored, only those that would be it are checked. */
function bestOf(rows: readonly MeasurementRow[]): RunCard['best'] {
  const speedupOf = ({ outcome: { measurement } }: MeasurementRow): number =>
    measurement?.fasterThanBaseline ? (measurement.speedup?.estimate ?? 0) : 0;
  const claimed = rows.filter((row) => speedupOf(row) > 0).sort((a, b) => speedupOf(b) - speedupOf(a));
  for (const row of claimed) {
    const { outcome, algorithm, problem } = checkedRow(row);
    const { measurement } = outcome;
    if (measurement?.fasterThanBaseline && measurement.speedup) {
      return { speedup: measurement.speedup, what: `${algorithm.label} at ${problemWords(problem)}` };
    }
  }
  return undefined;
}
