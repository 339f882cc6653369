import type { Device } from '@alphatensor-edge/proto';
import { formatList } from './format.js';
import type { Sourced } from './sourced.js';

/** Describes a device that measured. */
export interface DeviceSummary {
  readonly id: string;
  /** `laptop (edge-arm)`: the agent's name, as commands take it, and the host's. Without a name of its own, a host that others share gets a part of the id. */
  readonly name: string;
  /** The names that the user gave to the agents. */
  readonly agents: readonly string[];
  readonly device: Device;
}

/** Lists the devices behind the jobs, in the order of the runs that they come from, then by name. The jobs are in that order of runs. */
export function devicesOf(jobs: readonly Sourced[]): DeviceSummary[] {
  const byId = new Map<string, { device: Device; agents: Set<string> }>();
  // In order of time, so that the latest description wins.
  for (const { row } of [...jobs].sort((a, b) => (a.row.createdAt < b.row.createdAt ? -1 : 1))) {
    const agents = byId.get(row.deviceId)?.agents ?? new Set<string>();
    byId.set(row.deviceId, { device: row.device, agents: agents.add(row.agent) });
  }
  const runs = [...new Set(jobs.map(({ runs: [first] }) => first))];
  // The last entry for a device wins, so the jobs go backwards: that of its first run.
  const runOf = new Map([...jobs].reverse().map(({ row, runs: [first] }) => [row.deviceId, runs.indexOf(first)]));
  const order = ({ id }: DeviceSummary): number => runOf.get(id) ?? 0;
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
      // An agent that is given by its address has no name of its own.
      const given = [...agents].filter((agent) => !agent.includes(':')).sort();
      const unnamed = shared ? `${host} #${id.slice(0, 6)}` : host;
      const named = given.length === 0 ? unnamed : `${formatList(given)} (${host})`;
      return { id, name: given.join() === host ? host : named, agents: [...agents].sort(), device };
    })
    .sort((a, b) => order(a) - order(b) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}
