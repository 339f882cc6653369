import { arch, cpus } from 'node:os';
import { join } from 'node:path';
import { allowedCpus, listNames, readText } from '@alphatensor-edge/shared';

/**
 * Names the vector instructions that a compiler uses on this device: "avx512", "avx2", "avx", "sve", "neon" or
 * "generic".
 */
export function vectorIsa(): string {
  const features = new Set(cpuFeatures().split(' '));
  if (features.has('avx512f')) return 'avx512';
  if (features.has('avx2')) return 'avx2';
  if (features.has('avx')) return 'avx';
  if (features.has('sve')) return 'sve';
  if (features.has('asimd') || arch() === 'arm64') return 'neon';
  return 'generic';
}

/**
 * Reads the sizes of the caches of the first CPU, bytes, as the kernel lists them. Sizes that it does not list are
 * absent.
 */
export function cacheSizes(): { l1dCacheBytes?: number; l2CacheBytes?: number; l3CacheBytes?: number } {
  const folder = '/sys/devices/system/cpu/cpu0/cache';
  const sizes: ReturnType<typeof cacheSizes> = {};
  for (const name of listNames(folder).filter((entry) => entry.startsWith('index'))) {
    const bytes = parseSize(readText(join(folder, name, 'size')));
    // Many ARM devices list a cache without its size.
    if (Number.isNaN(bytes)) continue;
    const level = readText(join(folder, name, 'level'));
    if (level === '1' && readText(join(folder, name, 'type')) === 'Data') sizes.l1dCacheBytes = bytes;
    if (level === '2') sizes.l2CacheBytes = bytes;
    if (level === '3') sizes.l3CacheBytes = bytes;
  }
  return sizes;
}

/** Parses a size as the kernel writes it, such as 32K or 16M. */
function parseSize(text: string): number {
  const unit = { K: 1024, M: 1024 ** 2, G: 1024 ** 3 }[text.at(-1) ?? ''] ?? 1;
  return Number.parseInt(text, 10) * unit;
}

/** Gives the width of the vector registers, bits. Undefined if the instruction set does not determine it. */
export function vectorBits(isa = vectorIsa()): number | undefined {
  return { avx512: 512, avx2: 256, avx: 256, neon: 128 }[isa];
}

/** Keeps the model. With many CPUs the kernel takes milliseconds to list them, and every job asks. */
let model: string | undefined;
let features: string | undefined;

/** Reads the processor's model. */
export function cpuModel(): string {
  model ??= cpus()[0]?.model.trim() || 'unknown';
  return model;
}

/** Reads the processor's features as the kernel lists them. Empty if it lists none. */
export function cpuFeatures(): string {
  features ??=
    readText('/proc/cpuinfo')
      .match(/^(?:flags|Features)\s*:\s*(.*)$/m)?.[1]
      .trim() ?? '';
  return features;
}

/**
 * Picks the CPUs for a measurement of `threads` threads from those this process may use. It prefers the fastest kind of
 * core, then one CPU of each core, then the highest numbers, because the lowest serve most interrupts. Gives fewer if
 * there are fewer.
 */
export function pickCpus(threads: number): number[] {
  const seen = new Map<string, number>();
  const ranked = allowedCpus()
    .sort((a, b) => b - a)
    .map((cpu) => {
      const base = `/sys/devices/system/cpu/cpu${cpu}`;
      const core = readText(`${base}/topology/thread_siblings_list`) || String(cpu);
      const sibling = seen.get(core) ?? 0;
      seen.set(core, sibling + 1);
      return { cpu, sibling, capacity: Number(readText(`${base}/cpu_capacity`)) || 0 };
    })
    .sort((a, b) => a.sibling - b.sibling || b.capacity - a.capacity);
  return ranked.slice(0, threads).map(({ cpu }) => cpu);
}
