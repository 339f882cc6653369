import { pickCpus } from '../device/cpu.js';
import { type EnergyMeter, openEnergyMeter } from '../device/energy.js';
import { cpuSecondsFor, type Patience, patienceFor } from '../measure/patience.js';
import type { Built } from './build.js';

/** Holds the bounds within which a job is measured, and the instruments. */
export interface Setup {
  readonly patience: Patience;
  /** Processor time after which the child ends itself. */
  readonly cpuSeconds: number;
  /** CPUs of the threads. */
  readonly cpus: readonly number[];
  /** Present if the energy is to be recorded and the device tells it. */
  readonly energy: EnergyMeter | undefined;
}

/** Chooses the setup for a job. */
export function setupFor({ job, toolchain }: Built): Setup {
  const { problem, protocol, compileTimeoutSeconds } = job;
  const patience = patienceFor(problem);
  const isScript = typeof toolchain.harness !== 'string';
  return {
    // A child that is a script compiles before its first answer.
    patience: isScript ? { ...patience, start: patience.start + compileTimeoutSeconds } : patience,
    cpuSeconds: cpuSecondsFor(problem.threads, protocol, patience),
    cpus: pickCpus(problem.threads),
    // In a short burst the counters, which move once a millisecond, say little.
    energy: protocol.minMeasuringSeconds > 0 ? openEnergyMeter() : undefined,
  };
}
