import { readdirSync, readFileSync } from 'node:fs';
import { arch, hostname, release, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Device } from '@alphatensor-edge/proto';
import { cpu, graphics, osInfo } from 'systeminformation';
import { cpuModel, vectorIsa } from '../toolchain/cpu.js';

/**
 * What this device is. Every field is copied by name, so that nothing the libraries find besides (serial numbers, UUIDs,
 * MAC addresses, user names) can leave the device. Takes about 0.1 s.
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
    ...caches(),
    vectorIsa: vectorIsa(),
    os: `${system.distro} ${system.release}`.trim(),
    kernel: release(),
    gpus: displays.controllers.map(({ vendor, model }) => `${vendor} ${model}`.trim()).filter((name) => name !== ''),
  };
}

/** Sizes of the caches that the first CPU sees, as the kernel lists them; absent where it does not. */
function caches(): Pick<Device, 'l1dCacheBytes' | 'l2CacheBytes' | 'l3CacheBytes'> {
  const folder = '/sys/devices/system/cpu/cpu0/cache';
  const sizes: Pick<Device, 'l1dCacheBytes' | 'l2CacheBytes' | 'l3CacheBytes'> = {};
  for (const name of list(folder).filter((entry) => entry.startsWith('index'))) {
    const bytes = parseSize(read(join(folder, name, 'size')));
    // Many ARM devices list a cache without its size.
    if (Number.isNaN(bytes)) continue;
    const level = read(join(folder, name, 'level'));
    if (level === '1' && read(join(folder, name, 'type')) === 'Data') sizes.l1dCacheBytes = bytes;
    if (level === '2') sizes.l2CacheBytes = bytes;
    if (level === '3') sizes.l3CacheBytes = bytes;
  }
  return sizes;
}

/** The kernel writes 32K or 16M. */
function parseSize(text: string): number {
  const unit = { K: 1024, M: 1024 ** 2, G: 1024 ** 3 }[text.at(-1) ?? ''] ?? 1;
  return Number.parseInt(text, 10) * unit;
}

/** Empty where there is no such file. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
