import { LOCK_FIX, type LockReach } from '../../process/lock-reach.js';
import { type Check, type EnergyFinding, ok, type ProcessorFinding, type StateFinding } from '../diagnosis.js';

/** The number of runnable processes for each CPU from which measurements get noisy. */
const BUSY_LOAD = 0.5;
/** A temperature near which processors slow down: most do from somewhere between 85 and 100 degrees. */
const HOT_CELSIUS = 85;

/** Tells whether other processes disturb measurements. */
export function isBusy({ loadAverage }: StateFinding, { allowedCpus }: ProcessorFinding): boolean {
  return (loadAverage ?? 0) > BUSY_LOAD * allowedCpus.length;
}

/** Says whether agents that cannot be seen from here may measure at the same time, and who measures now. */
export function checkOtherAgents({ files, doubt, holder }: LockReach): Check {
  const name = 'other agents';
  const now = holder === '' ? '' : `; ${holder} measures now`;
  if (doubt === '') return ok(name, `take turns through ${files.join(' and ')}${now}`);
  return { name, status: 'warning', detail: `may measure at the same time: ${doubt}${now}`, fix: LOCK_FIX };
}

/** Judges the load. */
export function checkLoad(state: StateFinding, processor: ProcessorFinding): Check {
  const cpus = processor.allowedCpus.length;
  const detail = `${state.loadAverage?.toFixed(2) ?? 'unknown'} on ${cpus} ${cpus === 1 ? 'CPU' : 'CPUs'}`;
  if (!isBusy(state, processor)) return ok('load', detail);
  return {
    name: 'load',
    status: 'warning',
    detail,
    fix: 'Other processes are busy: stop them, or measurements take longer and have wider intervals.',
  };
}

/** Judges the frequency governor. */
export function checkGovernor({ governor, frequencyMhz }: StateFinding): Check {
  const now = frequencyMhz === null ? '' : `, ${Math.round(frequencyMhz)} MHz before the tests`;
  const detail = `${governor ?? 'unknown: the system does not show it (usual in a virtual machine)'}${now}`;
  if (governor === null || governor === 'performance') return ok('frequency governor', detail);
  return {
    name: 'frequency governor',
    status: 'warning',
    detail,
    fix: 'For steadier figures use the governor "performance", for example with "cpupower frequency-set -g performance".',
  };
}

/** Judges the temperature after the tests. */
export function checkTemperature({ temperatureCelsius, temperatureAfterCelsius }: StateFinding): Check {
  if (temperatureCelsius === null || temperatureAfterCelsius === null) {
    return ok('temperature', 'unknown: the system does not show it (usual in a virtual machine)');
  }
  const detail = `${temperatureCelsius.toFixed(0)} °C before the tests, ${temperatureAfterCelsius.toFixed(0)} °C after them`;
  if (temperatureAfterCelsius < HOT_CELSIUS) return ok('temperature', detail);
  return {
    name: 'temperature',
    status: 'warning',
    detail,
    fix: 'Processors slow down when hot: improve the cooling, or let the device cool down before measuring.',
  };
}

/** Judges whether the processor was throttled during the tests. */
export function checkThrottling({ throttleCount, throttledMeanwhile }: StateFinding): Check {
  const name = 'thermal throttling';
  if (throttleCount === null) return ok(name, 'unknown: the system does not count it (usual in a virtual machine)');
  const detail = `${throttleCount} times since the system started`;
  if (throttledMeanwhile !== true) return ok(name, `not during the tests; ${detail}`);
  return {
    name,
    status: 'warning',
    detail: `during the tests; ${detail}`,
    fix: 'Improve the cooling or the power supply; measurements during which it happens are flagged.',
  };
}

/** Says whether sustained measurements can record energy. */
export function checkEnergy({ counters, packages }: EnergyFinding): Check {
  const known = {
    readable: `reported by ${packages} processor ${packages === 1 ? 'package' : 'packages'} (RAPL), for sustained measurements`,
    unreadable: 'unknown: /sys/class/powercap/intel-rapl:*/energy_uj can be read only by root',
    absent: 'unknown: the system shows no counters (RAPL)',
  };
  return ok('energy', known[counters]);
}
