import { release, type } from 'node:os';
import type { Blas, Environment, Outcome } from '@alphatensor-edge/proto';
import { present } from '@alphatensor-edge/shared';
import type { Toolchain } from '../backends/backend.js';
import { cpuModel, vectorIsa } from '../device/cpu.js';
import { threadsUsed } from '../measure/figures.js';
import { throttled } from '../measure/flags.js';
import type { KernelPlan } from '../plan/kernel-plan.js';
import type { Introduction } from '../process/harness.js';
import { AGENT_VERSION } from '../version.js';
import type { Timed } from './time.js';

/** Describes the circumstances in which a job was timed. */
export function environmentOf({
  job,
  toolchain,
  programs: { candidate },
  cpus,
  introduction,
  startedAt,
  rounds,
  before,
  after,
}: Timed): Environment {
  const { compiler } = toolchain;
  const { accelerator, hugePageKilobytes } = introduction;
  const { governor, frequencyMhz, temperatureCelsius, loadAverage } = after;
  const state = { governor, frequencyMhz, temperatureCelsius, loadAverage };
  return {
    agentVersion: AGENT_VERSION,
    backend: job.backend,
    variant: candidate?.variant ?? job.variant,
    compiler: compiler.version,
    compilerFlags: compiler.flags.join(' '),
    blas: blasThatRan(toolchain, introduction),
    baselineThreads: accelerator === '' ? threadsUsed(rounds) : 0,
    cpuModel: cpuModel(),
    vectorIsa: vectorIsa(),
    os: type(),
    kernel: release(),
    pinnedCpus: [...cpus],
    ...present({ ...state, throttled: throttled(before, after), kernelPlan: candidate?.kernel }),
    pagePolicy: pagePolicy(hugePageKilobytes),
    startedAt,
    accelerator,
  };
}

/**
 * Describes the baseline as the compiled child found it, which may differ from the ranking: a library can be replaced while the agent
 * runs. Other children call their libraries by other names.
 */
function blasThatRan({ harness, blas: [ranked] }: Toolchain, { version, configuration }: Introduction): Blas {
  return typeof harness === 'string' ? { ...ranked, version, configuration } : ranked;
}

/** Reads the kernel plan that a job was timed with. Undefined if its programs have none to choose. */
export function kernelPlanIn({ environment }: Pick<Outcome, 'environment'>): KernelPlan | undefined {
  const found = environment?.kernelPlan;
  if (!found) return undefined;
  return { ...found, streamAboveBytes: Number(found.streamAboveBytes), nearBytes: Number(found.nearBytes) };
}

function pagePolicy(hugePageKilobytes: number): string {
  if (hugePageKilobytes < 0) return 'transparent huge pages requested';
  return `transparent huge pages requested, ${Math.round(hugePageKilobytes / 1024)} MiB granted`;
}
