import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Blas } from '@alphatensor-edge/proto';
import { z } from 'zod';
import { cpuFeatures, cpuModel } from '../device/cpu.js';
import { listNames } from '../device/system-files.js';
import { cachedFile } from '../process/cache.js';
import { runProgram } from '../process/process.js';
import { rankLibraries } from './ranking.js';

/**
 * Matches the file names of libraries worth trying. Those with 64-bit integers ("64" in the name) have another
 * interface.
 */
const OPTIMIZED = /^lib(openblas|blis|mkl_rt|flexiblas)(?!.*64)[^/]*\.so(\.\d+)*$/;
/** Matches whatever the system calls its BLAS. It is tried only if none of the above is there. */
const GENERIC = /^lib(cblas|blas)\.so(\.\d+)*$/;

/** Lists folders of libraries that the linker's cache does not list. */
const FOLDERS = ['/opt/intel/oneapi/mkl/latest/lib', '/opt/OpenBLAS/lib', '/usr/local/lib'];

/** Describes the project's own GEMM, for devices without a BLAS. */
const PORTABLE: Blas = {
  name: 'portable',
  version: '',
  library: 'portable',
  configuration: '',
  thirdParty: false,
  environment: {},
};

/**
 * Numbers the way in which the ranking is made and kept. Raise it with every change, so that older rankings are not
 * used.
 */
const RANKING_FORMAT = 3;

let ranking: Promise<Blas[]> | undefined;

/**
 * Ranks the BLAS libraries that work on this device, each as it is fastest, the fastest first (ranking.ts). If there is
 * none, it gives the portable GEMM alone. The ranking is kept in the cache until a library comes, goes or changes, so
 * that all measurements of a device compare with the same one.
 */
export function rankBlas(harness: string): Promise<Blas[]> {
  ranking ??= keptRanking(harness);
  return ranking;
}

const rankingSchema = z.array(
  z.object({
    name: z.string(),
    version: z.string(),
    library: z.string(),
    configuration: z.string(),
    thirdParty: z.boolean(),
    environment: z.record(z.string(), z.string()),
  }),
);

async function keptRanking(harness: string): Promise<Blas[]> {
  const libraries = await findLibraries();
  const files = await Promise.all(
    libraries.map(async (path) => {
      const { size, mtimeMs } = await stat(path);
      return [path, size, mtimeMs];
    }),
  );
  const key = createHash('sha256')
    .update(JSON.stringify([RANKING_FORMAT, cpuModel(), cpuFeatures(), files]))
    .digest('hex');
  const { path } = await cachedFile(`${key}.blas.json`, async (output) =>
    writeFile(output, JSON.stringify(await findAndRank(harness, libraries))),
  );
  return rankingSchema.parse(JSON.parse(await readFile(path, 'utf8')));
}

async function findAndRank(harness: string, libraries: readonly string[]): Promise<Blas[]> {
  const optimized = libraries.filter(isOptimized);
  for (const candidates of [optimized, libraries.filter((path) => GENERIC.test(fileName(path)))]) {
    const ranked = await rankLibraries(harness, candidates, cpuFeatures());
    if (ranked.length > 0) return ranked;
  }
  return [PORTABLE];
}

/** Tells whether a library's name is that of an optimized BLAS. Any other is tried only if none of these works. */
export function isOptimized(path: string): boolean {
  return OPTIMIZED.test(fileName(path));
}

/**
 * Finds the paths of shared libraries that may be a BLAS, each file once, those of ALPHATENSOR_BLAS (paths separated by
 * ":") first.
 */
export async function findLibraries(): Promise<string[]> {
  const signal = new AbortController().signal;
  const ldconfig = await runProgram({
    command: 'ldconfig',
    args: ['-p'],
    cwd: '/',
    env: { PATH: '/sbin:/usr/sbin:/bin:/usr/bin', LC_ALL: 'C' },
    signal,
    deadlineSeconds: 10,
  });
  const listed = [...ldconfig.stdout.matchAll(/=> (\S+)/g)].map((match) => match[1]);
  const found = [...FOLDERS, ...variantFolders(listed)].flatMap((folder) =>
    listNames(folder).map((name) => join(folder, name)),
  );
  const paths = [...(process.env.ALPHATENSOR_BLAS?.split(':').filter(Boolean) ?? []), ...listed, ...found].filter(
    (path) => OPTIMIZED.test(fileName(path)) || GENERIC.test(fileName(path)),
  );
  const unique = new Map<string, string>();
  for (const path of paths) {
    const real = resolve(path);
    if (real !== undefined && !unique.has(real)) unique.set(real, path);
  }
  return [...unique.values()];
}

/**
 * Lists the folders of further builds. Debian keeps several side by side, such as openblas-pthread, beside the listed
 * library.
 */
function variantFolders(listed: readonly string[]): string[] {
  const parents = new Set(listed.map((path) => resolve(join(path, '..'))).filter((path) => path !== undefined));
  return [...parents].flatMap((parent) =>
    listNames(parent)
      .filter((name) => /^(openblas|blis)/.test(name))
      .map((name) => join(parent, name)),
  );
}

function resolve(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
