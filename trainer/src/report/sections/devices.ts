import { type Markup, markup } from '../markup.js';
import type { Report } from '../model.js';
import { deviceFacts, environmentFacts, type Facts } from '../words.js';
import { facts } from './parts.js';

/** Describes the devices. Of a device's later environments it shows only what differs from its first. */
export function devicesSection(report: Report): Markup | null {
  if (report.devices.length === 0) return null;
  return markup`${report.devices.map((device) => {
    const [first, ...others] = report.environments.filter(({ deviceId }) => deviceId === device.id);
    if (first === undefined) return markup`<h3>${device.name}</h3>${facts(deviceFacts(device))}`;
    const known = environmentFacts(first.environment);
    return markup`<h3>${device.name}</h3>${facts(deviceFacts(device))}
<h4 id="${first.id}">Environment ${first.id}</h4>${facts(known)}${others.map(
      ({ id, environment }) =>
        markup`<h4 id="${id}">Environment ${id}<small> as ${first.id}, but for</small></h4>${facts(differences(environmentFacts(environment), known))}`,
    )}`;
  })}`;
}

function differences(all: Facts, known: Facts): Facts {
  const words = new Map(known);
  const different = all.filter(([name, value]) => words.get(name) !== value);
  const absent = known
    .filter(([name]) => !all.some(([other]) => other === name))
    .map(([name]) => [name, 'none'] as const);
  return [...different, ...absent];
}
