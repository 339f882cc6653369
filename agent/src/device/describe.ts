import { arch, hostname, release, totalmem } from 'node:os';
import type { Device } from '@alphatensor-edge/proto';
import { cpuQuota, present } from '@alphatensor-edge/shared';
import { cpu, graphics, osInfo } from 'systeminformation';
import { cacheSizes, cpuModel, vectorIsa } from './cpu.js';

/**
 * Describes this device. Every field is copied by name, so that nothing else that the libraries find (serial numbers,
 * UUIDs, MAC addresses, user names) can leave the device. Takes about 0.1 s.
 */
export async function describeDevice(): Promise<Device> {
  const [processor, system, displays] = await Promise.all([cpu(), osInfo(), graphics()]);
  return {
    hostname: hostname(),
    cpuModel: cpuModel(),
    architecture: arch(),
    physicalCores: processor.physicalCores,
    logicalCores: processor.cores,
    memoryBytes: totalmem(),
    ...cacheSizes(),
    vectorIsa: vectorIsa(),
    ...present({ cpuQuota: cpuQuota() }),
    os: `${system.distro} ${system.release}`.trim(),
    kernel: release(),
    gpus: displays.controllers.map(({ vendor, model }) => `${vendor} ${model}`.trim()).filter((name) => name !== ''),
  };
}
