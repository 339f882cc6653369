import { loadavg } from 'node:os';
import { join } from 'node:path';
import { cpuQuota, listNames, mean, quotaThrottles, readText } from '@alphatensor-edge/shared';

/** Holds the state of the device at one moment. Absent values are unknown. */
export interface DeviceState {
  readonly governor?: string | undefined;
  readonly frequencyMhz?: number | undefined;
  readonly temperatureCelsius?: number | undefined;
  /** Runnable processes, mean over a minute. */
  readonly loadAverage?: number | undefined;
  /** Number of times the given CPUs were throttled since the system started. */
  readonly throttleCount?: number | undefined;
  /** CPUs' time that a control group grants this process. Absent: no quota. */
  readonly cpuQuota?: number | undefined;
  /** Number of periods in which that quota stopped its group since it was made. */
  readonly quotaThrottles?: number | undefined;
}

const CPU = '/sys/devices/system/cpu';

/** Matches the kinds of sensors that report the processor's temperature. */
const CPU_SENSORS = /^(x86_pkg_temp|cpu[-_]?thermal|soc[-_]?thermal|coretemp|k10temp|zenpower)/i;

/** Reads the state of the given CPUs from a few files, each in well under a millisecond. */
export function readDeviceState(cpus: readonly number[]): DeviceState {
  const perCpu = (path: string): number[] =>
    cpus.map((cpu) => readNumber(join(CPU, `cpu${cpu}`, path))).filter((value) => value !== undefined);
  const frequencies = perCpu('cpufreq/scaling_cur_freq');
  const throttles = [
    ...perCpu('thermal_throttle/core_throttle_count'),
    ...perCpu('thermal_throttle/package_throttle_count'),
  ];
  return {
    governor: readText(join(CPU, `cpu${cpus[0]}`, 'cpufreq/scaling_governor')) || undefined,
    // The kernel counts in kHz. A virtual machine has no such file, and its figure in /proc/cpuinfo is a constant.
    frequencyMhz: frequencies.length > 0 ? mean(frequencies) / 1000 : undefined,
    temperatureCelsius: readTemperature(),
    loadAverage: loadavg()[0],
    cpuQuota: cpuQuota(),
    quotaThrottles: quotaThrottles(),
    throttleCount: throttles.length > 0 ? throttles.reduce((a, b) => a + b, 0) : undefined,
  };
}

/** Reads the kernel's choice for transparent huge pages: "always", "madvise" or "never". */
export function readHugePages(): string | undefined {
  return readText('/sys/kernel/mm/transparent_hugepage/enabled').match(/\[(\w+)\]/)?.[1];
}

/** Reads the hottest of the processor's sensors, degrees Celsius, from a few files in well under a millisecond. @returns undefined: unknown */
export function readTemperature(): number | undefined {
  const found: number[] = [];
  for (const zone of listNames('/sys/class/thermal')) {
    const base = join('/sys/class/thermal', zone);
    if (CPU_SENSORS.test(readText(join(base, 'type')))) found.push(readNumber(join(base, 'temp')) ?? Number.NaN);
  }
  for (const monitor of listNames('/sys/class/hwmon')) {
    const base = join('/sys/class/hwmon', monitor);
    if (CPU_SENSORS.test(readText(join(base, 'name')))) {
      found.push(readNumber(join(base, 'temp1_input')) ?? Number.NaN);
    }
  }
  const known = found.filter(Number.isFinite);
  // The kernel counts in thousandths of a degree.
  return known.length > 0 ? Math.max(...known) / 1000 : undefined;
}

function readNumber(path: string): number | undefined {
  const value = Number(readText(path) || Number.NaN);
  return Number.isFinite(value) ? value : undefined;
}
