import type { AgentPool } from './agent-pool.js';
import { equipmentOf } from './pool-device.js';

/** Says which agents share their work as one device, and which could. */
export function sharingLines({ devices, agents }: Pick<AgentPool, 'devices' | 'agents'>): string[] {
  const shared = devices.filter((device) => device.agents.length > 1);
  if (shared.length > 0) {
    return shared.map((device) => `${listed(device.agents)} have equal hardware and share their work as one device.`);
  }
  const alike = new Map<string, typeof agents>();
  for (const agent of agents) {
    const equipment = equipmentOf(agent.description);
    alike.set(equipment, [...(alike.get(equipment) ?? []), agent]);
  }
  return [...alike.values()]
    .filter(({ length }) => length > 1)
    .map(
      (equal) =>
        `${listed(equal)} say that they have equal hardware; each is measured by itself, unless --pool lets them share.`,
    );
}

function listed(agents: readonly { readonly name: string }[]): string {
  const names = agents.map(({ name }) => name);
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
