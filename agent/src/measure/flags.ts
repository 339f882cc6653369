import { percent } from '@alphatensor-edge/shared';
import type { DeviceState } from '../device/environment.js';
import { cpuShare } from './figures.js';
import type { Rounds } from './rounds.js';

/** The share of the CPU that a one-threaded measurement must have had to itself. */
const MIN_CPU_SHARE = 0.95;

/** Holds what the flags of a measurement depend on. */
interface Circumstances {
  readonly rounds: Rounds;
  /** Number of threads that were asked for. */
  readonly threads: number;
  /** Whether this device's processor multiplied. */
  readonly onCpu: boolean;
  /** Largest entries of the exact check; 0 if there was none. */
  readonly exactRange: number;
  readonly before: DeviceState;
  readonly after: DeviceState;
}

/** Writes what a reader must know before believing the figures and only the device sees, in one clause each. */
export function flagsOf({ rounds, threads, onCpu, exactRange, before, after }: Circumstances): string[] {
  const flags: string[] = [];
  if (onCpu && threads === 1) {
    const share = cpuShare(rounds);
    if (share < MIN_CPU_SHARE) flags.push(`other processes took ${percent(1 - share)} of the CPU`);
  }
  if (throttled(before, after) === true) flags.push('the CPU was throttled during the measurement');
  if (exactRange === 0) {
    flags.push('checked only within a tolerance: these coefficients allow no exact check');
  }
  return flags;
}

/** Tells whether throttling was counted between two states. Undefined if the device does not count it. */
export function throttled(before: DeviceState, after: DeviceState): boolean | undefined {
  if (before.throttleCount === undefined || after.throttleCount === undefined) return undefined;
  return after.throttleCount > before.throttleCount;
}
