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
  const stops = quotaStops(before, after) ?? 0;
  const isStopped = onCpu && stops > 0;
  if (isStopped) {
    flags.push(
      `a CPU quota of ${after.cpuQuota} stopped the program in ${stops} periods: the times are its, not the processor's`,
    );
  }
  if (onCpu && threads === 1) {
    const share = cpuShare(rounds);
    // Where a quota stopped the program, nobody can tell how much others took.
    if (share < MIN_CPU_SHARE && !isStopped) flags.push(`other processes took ${percent(1 - share)} of the CPU`);
  }
  if (throttled(before, after) === true) flags.push('the CPU was throttled during the measurement');
  if (exactRange === 0) {
    flags.push('checked only within a tolerance: these coefficients allow no exact check');
  }
  return flags;
}

/** Counts the periods between two states in which a CPU quota stopped the agent's group. Undefined without a quota. */
export function quotaStops(before: DeviceState, after: DeviceState): number | undefined {
  if (before.quotaThrottles === undefined || after.quotaThrottles === undefined) return undefined;
  return after.quotaThrottles - before.quotaThrottles;
}

/** Tells whether throttling was counted between two states. Undefined if the device does not count it. */
export function throttled(before: DeviceState, after: DeviceState): boolean | undefined {
  if (before.throttleCount === undefined || after.throttleCount === undefined) return undefined;
  return after.throttleCount > before.throttleCount;
}
