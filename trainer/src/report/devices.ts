import type { Device } from '@alphatensor-edge/proto';
import type { Sourced } from './sourced.js';

/** Describes a device that measured. */
export interface DeviceSummary {
  readonly id: string;
  /** The host's name. If two devices share it, an agent's name or a part of the id is added. */
  readonly name: string;
  /** The names that the user gave to the agents. */
  readonly agents: readonly string[];
  readonly device: Device;
}

/** Lists the devices behind the jobs, by name. */
export function devicesOf(jobs: readonly Sourced[]): DeviceSummary[] {
  const byId = new Map<string, { device: Device; agents: Set<string> }>();
  // In order of time, so that the latest description wins.
  for (const { row } of [...jobs].sort((a, b) => (a.row.createdAt < b.row.createdAt ? -1 : 1))) {
    const agents = byId.get(row.deviceId)?.agents ?? new Set<string>();
    byId.set(row.deviceId, { device: row.device, agents: agents.add(row.agent) });
  }
  const hosts = [...byId.values()].map(({ device }) => device.hostname);
  return [...byId]
    .map(([id, { device, agents }]): DeviceSummary => {
      // Agents that shared their work as one device (--pool).
      const pooled = id.split('+').length;
      if (pooled > 1) {
        const names = [...agents].sort();
        return { id, name: `${pooled} pooled devices (${names.join(', ')})`, agents: names, device };
      }
      const host = device.hostname || id;
      const shared = hosts.filter((name) => name === device.hostname).length > 1;
      // A name from the user tells devices on one host apart better than a part of the id.
      const given = [...agents].find((agent) => !agent.includes(':')) ?? `#${id.slice(0, 6)}`;
      return { id, name: shared ? `${host} ${given}` : host, agents: [...agents].sort(), device };
    })
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}
