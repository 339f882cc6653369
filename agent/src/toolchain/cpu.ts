import { readFileSync } from 'node:fs';
import { arch, cpus } from 'node:os';

/** The vector instructions a compiler uses on this device: "avx512", "avx2", "avx", "sve", "neon" or "generic". */
export function vectorIsa(): string {
  const features = new Set(cpuFeatures().split(' '));
  if (features.has('avx512f')) return 'avx512';
  if (features.has('avx2')) return 'avx2';
  if (features.has('avx')) return 'avx';
  if (features.has('sve')) return 'sve';
  if (features.has('asimd') || arch() === 'arm64') return 'neon';
  return 'generic';
}

export function cpuModel(): string {
  return cpus()[0]?.model.trim() || 'unknown';
}

/** The processor's features as the kernel lists them, empty where it does not. */
export function cpuFeatures(): string {
  const line = read('/proc/cpuinfo').match(/^(?:flags|Features)\s*:\s*(.*)$/m);
  return line?.[1].trim() ?? '';
}

/**
 * CPUs for a measurement of so many threads, among those this process may use: the fastest kind of core, one CPU a core
 * while cores last, and the highest numbers first, since the lowest ones serve most interrupts. Fewer if there are fewer.
 */
export function pickCpus(threads: number): number[] {
  const seen = new Map<string, number>();
  const ranked = allowedCpus()
    .sort((a, b) => b - a)
    .map((cpu) => {
      const base = `/sys/devices/system/cpu/cpu${cpu}`;
      const core = read(`${base}/topology/thread_siblings_list`).trim() || String(cpu);
      const sibling = seen.get(core) ?? 0;
      seen.set(core, sibling + 1);
      return { cpu, sibling, capacity: Number(read(`${base}/cpu_capacity`)) || 0 };
    })
    .sort((a, b) => a.sibling - b.sibling || b.capacity - a.capacity);
  return ranked.slice(0, threads).map(({ cpu }) => cpu);
}

/** CPUs this process may run on. */
export function allowedCpus(): number[] {
  const list = read('/proc/self/status').match(/^Cpus_allowed_list:\s*(.*)$/m)?.[1];
  if (list === undefined) return cpus().map((_, index) => index);
  return list.split(',').flatMap((range) => {
    const [first, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
