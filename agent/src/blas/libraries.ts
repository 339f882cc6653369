import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Blas } from '@alphatensor-edge/proto';
import { listNames } from '@alphatensor-edge/shared';
import { z } from 'zod';
import { cpuFeatures, cpuModel } from '../device/cpu.js';
import { cachedFile } from '../process/cache.js';
import { runProgram } from '../process/process.js';
import { isGeneric, isOptimized } from './file-names.js';
import { type NamedProblem, namedLibraries } from './named.js';
import { FIRST_KIND, type RankedKind, rankAgain, rankLibraries } from './ranking.js';

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
const RANKING_FORMAT = 5;

const rankings = new Map<string, Promise<Blas[]>>();

/**
 * Ranks the BLAS libraries that work on this device, each as it is fastest, the fastest first (ranking.ts), for products of a
 * number format and number of threads: a library may be the fastest in f32 and not in f64. If there is none, it gives the portable GEMM
 * alone. A ranking is made when it is first asked for, and kept in the cache until a library comes, goes or changes, so that all
 * measurements of a kind on a device compare with the same one.
 */
export function rankBlas(harness: string, kind: RankedKind = FIRST_KIND): Promise<Blas[]> {
  const key = kindKey(kind);
  const known = rankings.get(key);
  if (known !== undefined) return known;
  const ranking = keptRanking(harness, kind).catch((error) => {
    // Others measured for too long. The next job tries again.
    rankings.delete(key);
    throw error;
  });
  rankings.set(key, ranking);
  return ranking;
}

function kindKey({ dtype, threads }: RankedKind): string {
  return `${dtype} ${threads}`;
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

async function keptRanking(harness: string, kind: RankedKind): Promise<Blas[]> {
  const libraries = await findLibraries();
  const files = await Promise.all(
    [...libraries.worth, ...libraries.others].map(async (path) => {
      const { size, mtimeMs } = await stat(path);
      return [path, size, mtimeMs];
    }),
  );
  const key = createHash('sha256')
    .update(JSON.stringify([RANKING_FORMAT, kindKey(kind), cpuModel(), cpuFeatures(), libraries.worth.length, files]))
    .digest('hex');
  const isFirst = kindKey(kind) === kindKey(FIRST_KIND);
  const ranked = async (): Promise<Blas[]> =>
    isFirst ? findAndRank(harness, libraries) : rankAgain(harness, await rankBlas(harness), kind);
  const { path } = await cachedFile(`${key}.blas.json`, async (output) =>
    writeFile(output, JSON.stringify(await ranked())),
  );
  return rankingSchema.parse(JSON.parse(await readFile(path, 'utf8')));
}

async function findAndRank(harness: string, { worth, others }: FoundLibraries): Promise<Blas[]> {
  for (const candidates of [worth, others]) {
    const ranked = await rankLibraries(harness, candidates, cpuFeatures());
    if (ranked.length > 0) return ranked;
  }
  return [PORTABLE];
}

/** Holds the paths of shared libraries that may be a BLAS, each file once. */
interface FoundLibraries {
  /** Those of ALPHATENSOR_BLAS first, then those whose names are an optimized BLAS's. */
  readonly worth: readonly string[];
  /** Those that are tried only if none of these works. */
  readonly others: readonly string[];
  /** What is wrong with ALPHATENSOR_BLAS. */
  readonly problems: readonly NamedProblem[];
}

/** Finds the shared libraries that may be a BLAS: what ALPHATENSOR_BLAS names (named.ts), and what the system has. */
export async function findLibraries(): Promise<FoundLibraries> {
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
  const system = [...listed, ...found];
  const named = await namedLibraries(process.env.ALPHATENSOR_BLAS);
  const worth = eachOnce([...named.paths, ...system.filter(isOptimized)]);
  return { worth, others: eachOnce(system.filter(isGeneric)), problems: named.problems };
}

/** Leaves out paths that lead to a file that an earlier one leads to, or to none. */
function eachOnce(paths: readonly string[]): string[] {
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
