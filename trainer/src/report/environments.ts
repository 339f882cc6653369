import type { Environment } from '@alphatensor-edge/proto';
import type { ReportRow } from './row.js';

/** Holds the part of an environment that stays the same between measurements. The rest is in each row's conditions. */
export interface EnvironmentSummary {
  /** `E1`, `E2`, …; rows refer to it. */
  readonly id: string;
  readonly deviceId: string;
  readonly environment: Environment;
}

/** Numbers the distinct environments in the order in which they appear. */
export class Environments {
  readonly list: EnvironmentSummary[] = [];
  readonly #idByText = new Map<string, string>();

  idOf({ environment, deviceId }: ReportRow): string | null {
    if (environment === null) return null;
    const lasting = lastingPart(environment);
    const text = JSON.stringify([deviceId, lasting]);
    const known = this.#idByText.get(text);
    if (known !== undefined) return known;
    const id = `E${this.list.length + 1}`;
    this.#idByText.set(text, id);
    this.list.push({ id, deviceId, environment: lasting });
    return id;
  }
}

/** Removes from an environment the fields that change between measurements. */
function lastingPart(environment: Environment): Environment {
  const { frequencyMhz, temperatureCelsius, loadAverage, throttled, ...lasting } = environment;
  return { ...lasting, pinnedCpus: [], startedAt: '' };
}
