import { createHash } from 'node:crypto';
import { readdirSync, realpathSync } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Blas } from '@alphatensor-edge/proto';
import { median } from '@alphatensor-edge/shared';
import { z } from 'zod';
import { cachedFile } from './cache.js';
import { cpuFeatures, cpuModel, pickCpus } from './cpu.js';
import { withHarness } from './harness.js';
import { withHostLock } from './host-lock.js';
import { runProgram } from './process.js';

/** File names of the libraries worth trying; those with 64-bit integers ("64" in the name) have another interface. */
const OPTIMISED = /^lib(openblas|blis|mkl_rt|flexiblas)(?!.*64)[^/]*\.so(\.\d+)*$/;
/** Whatever the system calls its BLAS: tried only if none of the above is there. */
const GENERIC = /^lib(cblas|blas)\.so(\.\d+)*$/;

/** Where libraries are that the linker's cache does not list. */
const FOLDERS = ['/opt/intel/oneapi/mkl/latest/lib', '/opt/OpenBLAS/lib', '/usr/local/lib'];

/** The ranking's product: large enough for the libraries to differ as they do on large ones, 30 ms or so. */
const RANK_SIZE = 1024;
const RANK_SAMPLES = 4;
/** Times that all libraries take their turn, so that a busy moment of the device does not decide. */
const RANK_TURNS = 3;
const RANK_SECONDS = 30;
const RANK_MEMORY_BYTES = 4 * 1024 ** 3;

/** The project's own GEMM, for where there is no BLAS. */
const PORTABLE: Blas = {
  name: 'portable',
  version: '',
  library: 'portable',
  configuration: '',
  vendor: false,
  environment: {},
};

let ranking: Promise<Blas[]> | undefined;

/**
 * The BLAS libraries that work on this device, fastest first, by the median of timed float32 GEMMs on one thread; the portable GEMM
 * alone if there is none. The ranking is kept in the cache until a library comes, goes or changes, so that all
 * measurements of a device compare with the same one.
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
    vendor: z.boolean(),
    environment: z.record(z.string(), z.string()).default({}),
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
    .update(JSON.stringify([cpuModel(), cpuFeatures(), files]))
    .digest('hex');
  const { path } = await cachedFile(`${key}.blas.json`, async (output) =>
    writeFile(output, JSON.stringify(await findAndRank(harness, libraries))),
  );
  return rankingSchema.parse(JSON.parse(await readFile(path, 'utf8')));
}

async function findAndRank(harness: string, libraries: readonly string[]): Promise<Blas[]> {
  const optimised = libraries.filter(isOptimised);
  for (const candidates of [optimised, libraries.filter((path) => GENERIC.test(fileName(path)))]) {
    const ranked = await rank(harness, candidates);
    if (ranked.length > 0) return ranked;
  }
  return [PORTABLE];
}

async function rank(harness: string, libraries: readonly string[]): Promise<Blas[]> {
  const timed = new Map<string, Timed>();
  if (libraries.length === 0) return [];
  await withHostLock(new AbortController().signal, async () => {
    for (let turn = 0; turn < RANK_TURNS; turn++) {
      for (const library of libraries) {
        const result = await time(harness, library).catch(() => undefined);
        if (result === undefined) continue;
        const before = timed.get(library)?.seconds ?? [];
        timed.set(library, { blas: result.blas, seconds: [...before, ...result.seconds] });
      }
    }
  });
  return [...timed.values()].sort((a, b) => median(a.seconds) - median(b.seconds)).map(({ blas }) => blas);
}

/** A library and the samples taken of it, seconds. */
interface Timed {
  readonly blas: Blas;
  readonly seconds: readonly number[];
}

/** Throws if the library cannot be loaded or dies. */
function time(harness: string, library: string): Promise<Timed> {
  const options = {
    harness,
    blas: { library },
    dimensions: { m: RANK_SIZE, k: RANK_SIZE, n: RANK_SIZE },
    dtype: 'f32' as const,
    seed: 0,
    memoryBytes: RANK_MEMORY_BYTES,
    cpuSeconds: RANK_SECONDS,
    cpus: pickCpus(1),
    programs: {},
    startSeconds: RANK_SECONDS,
    signal: new AbortController().signal,
  };
  return withHarness(options, async (child) => {
    const { name, version, configuration } = await child.introduction();
    await child.warmUp('V', 2, 0, RANK_SECONDS);
    const seconds: number[] = [];
    for (let i = 0; i < RANK_SAMPLES; i++) {
      // Processor time: who else runs on this device must not decide which library is the baseline.
      seconds.push((await child.sample('V', 1, RANK_SECONDS)).cpuSeconds);
    }
    return { blas: { name, version, library, configuration, vendor: true, environment: {} }, seconds };
  });
}

/** Whether a library's name is that of an optimised BLAS; any other is tried only where none of these works. */
export function isOptimised(path: string): boolean {
  return OPTIMISED.test(fileName(path));
}

/** Paths of shared libraries that may be a BLAS, each file once, ALPHATENSOR_BLAS (paths separated by ":") first. */
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
    list(folder).map((name) => join(folder, name)),
  );
  const paths = [...(process.env.ALPHATENSOR_BLAS?.split(':').filter(Boolean) ?? []), ...listed, ...found].filter(
    (path) => OPTIMISED.test(fileName(path)) || GENERIC.test(fileName(path)),
  );
  const unique = new Map<string, string>();
  for (const path of paths) {
    const real = resolve(path);
    if (real !== undefined && !unique.has(real)) unique.set(real, path);
  }
  return [...unique.values()];
}

/** Debian keeps several builds side by side, in folders such as openblas-pthread beside the listed library. */
function variantFolders(listed: readonly string[]): string[] {
  const parents = new Set(listed.map((path) => resolve(join(path, '..'))).filter((path) => path !== undefined));
  return [...parents].flatMap((parent) =>
    list(parent)
      .filter((name) => /^(openblas|blis)/.test(name))
      .map((name) => join(parent, name)),
  );
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
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
