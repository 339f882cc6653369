import { arch, release, totalmem, type } from 'node:os';
import { cpuModel } from '@alphatensor-edge/agent/device/cpu.js';
import { readHugePages } from '@alphatensor-edge/agent/device/environment.js';
import type { CacheSizes } from '@alphatensor-edge/agent/plan/kernel-plan.js';
import { AGENT_VERSION } from '@alphatensor-edge/agent/version.js';
import type { Target } from './target.js';

/** What a rate depends on. */
export interface MachineDescription extends CacheSizes {
  readonly cpuModel: string;
  readonly architecture: string;
  readonly vectorIsa: string;
  readonly memoryBytes: number;
  readonly hugePages: string | null;
  readonly os: string;
  readonly kernel: string;
  readonly agent: string;
  readonly node: string;
}

export function describeMachine({ vectorIsa, caches }: Target): MachineDescription {
  return {
    cpuModel: cpuModel(),
    architecture: arch(),
    vectorIsa,
    ...caches,
    memoryBytes: totalmem(),
    hugePages: readHugePages() ?? null,
    os: type(),
    kernel: release(),
    agent: AGENT_VERSION,
    node: process.version,
  };
}
