import { createHash } from 'node:crypto';
import { homedir, hostname } from 'node:os';
import type { MeasurementRow } from '../fleet/measurement.js';
import type { RunData } from '../run/reader.js';

/** Shorter names are also parts of words, and tell nobody much. */
const SHORTEST_NAME = 3;

/**
 * Leaves out of runs what names machines and people: host names, the names and addresses of agents, and folders. A run becomes `run 1`
 * and a device `device A`; its random id becomes another that is the same in every report, so that reports still merge.
 */
export function withoutNames(runs: readonly RunData[]): RunData[] {
  const rows = runs.flatMap(({ measurements }) => measurements);
  const ids = [...new Set(rows.map(({ deviceId }) => deviceId))].sort();
  const lettered = (row: MeasurementRow): string => letterOf(ids.indexOf(row.deviceId));
  const named = new Map([
    [hostname(), 'the trainer'],
    [homedir(), '~'],
    ...rows.flatMap((row) => [
      [row.device.hostname, `device ${lettered(row)}`] as const,
      [row.agent, `device ${lettered(row)}`] as const,
      [row.deviceId, otherId(row.deviceId)] as const,
    ]),
  ]);
  const texts = [...named].filter(([name]) => name.length >= SHORTEST_NAME).sort(([a], [b]) => b.length - a.length);
  const replace = (text: string): string => texts.reduce((left, [name, other]) => replaceName(left, name, other), text);
  const hidden = (row: MeasurementRow): MeasurementRow => {
    const { device, ...rest } = deep(row, replace) as MeasurementRow;
    // Also where the name is too short to be told from a part of a word.
    return { ...rest, agent: `device ${lettered(row)}`, device: { ...device, hostname: `device ${lettered(row)}` } };
  };
  return runs.map(({ folder: _, algorithms, measurements, config, ...run }, index) => ({
    ...(deep(run, replace) as Omit<RunData, 'algorithms' | 'measurements' | 'config'>),
    name: `run ${index + 1}`,
    config: deep(config, (text) => replace(withoutFolders(text))) as RunData['config'],
    measurements: measurements.map(hidden),
    // The coefficients are kept as they are.
    algorithms: new Map(
      [...algorithms].map(([hash, { factorization, ...about }]) => [
        hash,
        { ...(deep(about, replace) as typeof about), factorization },
      ]),
    ),
  }));
}

/** Gives another id for a device, the same in every report. */
function otherId(deviceId: string): string {
  return createHash('sha256').update(deviceId).digest('hex').slice(0, 32);
}

/** Replaces a name where it stands alone, not inside a longer word. */
function replaceName(text: string, name: string, other: string): string {
  if (!text.includes(name)) return text;
  const pattern = name.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  return text.replace(new RegExp(`(?<![A-Za-z0-9])${pattern}(?![A-Za-z0-9])`, 'g'), () => other);
}

/** Keeps the last part of a path, such as a checkpoint's name. */
function withoutFolders(text: string): string {
  return text.replace(/^.*[/\\](?=[^/\\])/, '');
}

function deep(value: unknown, replace: (text: string) => string): unknown {
  if (typeof value === 'string') return replace(value);
  if (Array.isArray(value)) return value.map((each) => deep(each, replace));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, deep(each, replace)]));
}

/** Names the devices A, B, …, Z, AA, … */
function letterOf(index: number): string {
  const letter = String.fromCharCode(65 + (index % 26));
  return index < 26 ? letter : letterOf(Math.floor(index / 26) - 1) + letter;
}
