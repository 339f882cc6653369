import { constants } from 'node:fs';
import { access, mkdir, readFile } from 'node:fs/promises';
import { freemem } from 'node:os';
import type { Backend } from '@alphatensor-edge/proto';
import { messageOf } from '@alphatensor-edge/shared';
import { readDeviceState } from '../measure/environment.js';
import { describeBackends } from '../toolchain/backends.js';
import { cacheFolder } from '../toolchain/cache.js';
import { allowedCpus, vectorIsa } from '../toolchain/cpu.js';

/** One thing that was looked at. */
export interface Check {
  readonly name: string;
  /** `warning`: works, but the figures may suffer. */
  readonly status: 'ok' | 'warning' | 'failed';
  /** What was found. */
  readonly detail: string;
  /** What to do about it; empty when ok. */
  readonly fix: string;
}

export interface Diagnosis {
  /** Whether at least one backend can measure against a vendor's BLAS or, failing that, at all. */
  readonly canMeasure: boolean;
  readonly checks: readonly Check[];
}

/** Memory for a float32 product of 4096 with two levels, bytes. */
const COMFORTABLE_MEMORY = 1.5 * 1024 ** 3;
/** Runnable processes for each CPU from which measurements get noisy. */
const BUSY_LOAD = 0.5;

/** Looks at everything a measurement needs on this device. Changes nothing but the cache of compiled programs. */
export async function diagnose(): Promise<Diagnosis> {
  const backends = await describeBackends();
  const checks = [
    ...backends.map(checkBackend),
    checkBlas(backends),
    await checkCache(),
    await checkHugePages(),
    checkMemory(),
    ...checkState(),
    checkVectors(),
  ];
  return { canMeasure: backends.some(({ available }) => available), checks };
}

function checkBackend({ name, available, reason, compiler }: Backend): Check {
  if (available) return ok(`backend ${name}`, compiler);
  return { name: `backend ${name}`, status: 'failed', detail: 'not available', fix: reason };
}

function checkBlas(backends: readonly Backend[]): Check {
  const libraries = backends.find(({ available }) => available)?.blas ?? [];
  const [best] = libraries;
  if (best?.vendor) {
    return ok(
      'BLAS',
      libraries.map(({ name, version, library }) => `${name} ${version} (${library})`).join(', best first; then '),
    );
  }
  return {
    name: 'BLAS',
    status: 'warning',
    detail: 'no BLAS library was found; measurements use the portable GEMM and claim no speed-up',
    fix: 'Install one, for example with "apt-get install libopenblas0-pthread", or name its file in ALPHATENSOR_BLAS.',
  };
}

async function checkCache(): Promise<Check> {
  const folder = cacheFolder();
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await access(folder, constants.W_OK);
    return ok('cache', folder);
  } catch (error) {
    const fix = 'Make the folder writable, or name another one in ALPHATENSOR_CACHE_DIR.';
    return { name: 'cache', status: 'failed', detail: messageOf(error), fix };
  }
}

async function checkHugePages(): Promise<Check> {
  const text = await readFile('/sys/kernel/mm/transparent_hugepage/enabled', 'utf8').catch(() => '');
  const chosen = text.match(/\[(\w+)\]/)?.[1];
  if (chosen === 'always' || chosen === 'madvise') return ok('huge pages', chosen);
  return {
    name: 'huge pages',
    status: 'warning',
    detail: chosen ?? 'unknown',
    fix: 'Large products run faster with "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled" (as root).',
  };
}

function checkMemory(): Check {
  const available = freemem();
  const detail = `${(available / 1024 ** 3).toFixed(1)} GiB free`;
  if (available >= COMFORTABLE_MEMORY) return ok('memory', detail);
  return { name: 'memory', status: 'warning', detail, fix: 'Large problems will be refused; free some memory.' };
}

function checkState(): Check[] {
  const cpus = allowedCpus();
  const { governor, loadAverage = 0 } = readDeviceState(cpus);
  const load: Check =
    loadAverage <= BUSY_LOAD * cpus.length
      ? ok('load', loadAverage.toFixed(2))
      : {
          name: 'load',
          status: 'warning',
          detail: `${loadAverage.toFixed(2)} on ${cpus.length} CPUs`,
          fix: 'Other processes are busy; measurements take longer and their intervals get wider.',
        };
  if (governor === undefined || governor === 'performance') return [load];
  return [
    load,
    {
      name: 'frequency governor',
      status: 'warning',
      detail: governor,
      fix: 'For steadier figures choose the governor "performance", for example with "cpupower frequency-set -g performance".',
    },
  ];
}

function checkVectors(): Check {
  const isa = vectorIsa();
  if (isa !== 'generic') return ok('vector instructions', isa);
  return {
    name: 'vector instructions',
    status: 'warning',
    detail: isa,
    fix: 'None this version knows; it works, slowly.',
  };
}

function ok(name: string, detail: string): Check {
  return { name, status: 'ok', detail, fix: '' };
}
