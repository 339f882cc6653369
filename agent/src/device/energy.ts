import { join } from 'node:path';
import { listNames, readCount, readText } from '@alphatensor-edge/shared';

/**
 * Reads the joules that all processor packages together have used since the meter was made. Undefined once a counter
 * cannot be read. The counters do not tell processes apart: everything else that runs is included. Memory outside the
 * package and graphics cards are not.
 */
export type EnergyMeter = () => number | undefined;

/** Holds the package domains of RAPL on this device, or why their energy is unknown. */
type EnergySource =
  | { readonly kind: 'packages'; readonly packages: readonly string[] }
  /** There are counters, but this user may not read them or their values make no sense. */
  | { readonly kind: 'unreadable'; readonly packages: readonly string[] }
  | { readonly kind: 'absent' };

/** Tells where Linux shows RAPL, the energy counters of Intel's and AMD's processors (Documentation/power/powercap). */
const POWERCAP = '/sys/class/powercap';

/**
 * Matches the zones of whole packages. A zone with a second number ("intel-rapl:0:0") is a part of one, "psys" is the
 * whole platform, and "intel-rapl-mmio:0" is a second view of a package. Adding any of these would count the same
 * energy twice.
 */
const ZONE = /^intel-rapl:\d+$/;
const PACKAGE = /^package-\d+/;

/**
 * Finds the energy counters.
 * @param root the folder of the powercap zones; another one in tests
 */
export function findEnergy(root = POWERCAP): EnergySource {
  const packages = listNames(root)
    .filter((zone) => ZONE.test(zone) && PACKAGE.test(readText(join(root, zone, 'name'))))
    .map((zone) => join(root, zone));
  if (packages.length === 0) return { kind: 'absent' };
  // The sum of only some packages would look like that of all.
  const readable = packages.every((zone) => readMicrojoules(zone) !== undefined && wrapOf(zone) !== undefined);
  return { kind: readable ? 'packages' : 'unreadable', packages };
}

/**
 * Opens a meter of this device's energy. Undefined if its energy is unknown. It must be read before a counter wraps
 * around, which takes minutes at full load.
 */
export function openEnergyMeter(root = POWERCAP): EnergyMeter | undefined {
  const source = findEnergy(root);
  if (source.kind !== 'packages') return undefined;
  const counters = source.packages.map((zone) => ({ zone, wrap: wrapOf(zone) ?? 0, last: readMicrojoules(zone) ?? 0 }));
  let total: number | undefined = 0;
  return () => {
    for (const counter of counters) {
      const now = readMicrojoules(counter.zone);
      if (now === undefined || total === undefined) {
        total = undefined;
        break;
      }
      total += now >= counter.last ? now - counter.last : counter.wrap - counter.last + now;
      counter.last = now;
    }
    return total === undefined ? undefined : total / 1e6;
  };
}

function readMicrojoules(zone: string): number | undefined {
  return readCount(join(zone, 'energy_uj'));
}

/** Reads the counter's largest value, after which it starts again at 0. Undefined if the system does not tell it. */
function wrapOf(zone: string): number | undefined {
  return readCount(join(zone, 'max_energy_range_uj')) || undefined;
}
