import { join } from 'node:path';
import { listNames, readCount, readText } from './system-files.js';

/**
 * Joules that all processor packages together have used since the meter was made; undefined once a counter cannot be read.
 * What a package uses is not told by process: whatever else runs meanwhile is in it, and neither memory outside the
 * package nor a graphics card is.
 */
export type EnergyMeter = () => number | undefined;

/** The package domains of RAPL on this device, or why their energy is unknown. */
export type EnergySource =
  | { readonly kind: 'packages'; readonly packages: readonly string[] }
  /** There are counters, but this user may not read them, or they say nothing sensible. */
  | { readonly kind: 'unreadable'; readonly packages: readonly string[] }
  | { readonly kind: 'absent' };

/** Where Linux shows RAPL, the energy counters of Intel's and AMD's processors (Documentation/power/powercap). */
const POWERCAP = '/sys/class/powercap';

/**
 * Zones of a whole package. Zones with a second number ("intel-rapl:0:0") are parts of one, "psys" is the whole
 * platform, and "intel-rapl-mmio:0" is a second view of a package: adding any of them would count the same energy twice.
 */
const ZONE = /^intel-rapl:\d+$/;
const PACKAGE = /^package-\d+/;

/** @param root the folder of the powercap zones; another one in tests */
export function findEnergy(root = POWERCAP): EnergySource {
  const packages = listNames(root)
    .filter((zone) => ZONE.test(zone) && PACKAGE.test(readText(join(root, zone, 'name'))))
    .map((zone) => join(root, zone));
  if (packages.length === 0) return { kind: 'absent' };
  // The sum of some of the packages would pass for that of all.
  const readable = packages.every((zone) => readMicrojoules(zone) !== undefined && wrapOf(zone) !== undefined);
  return { kind: readable ? 'packages' : 'unreadable', packages };
}

/**
 * A meter of this device's energy, or undefined where it is unknown. It must be read at least once in the time a counter
 * takes to wrap around, which is minutes at full load.
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

/** The counter's largest value, after which it starts at 0 again; undefined where that is not told. */
function wrapOf(zone: string): number | undefined {
  return readCount(join(zone, 'max_energy_range_uj')) || undefined;
}
