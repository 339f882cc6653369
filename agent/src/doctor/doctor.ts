import { arch, totalmem } from 'node:os';
import { basename } from 'node:path';
import type { Blas } from '@alphatensor-edge/proto';
import { allowedCpus, cpuQuota, usableThreads } from '@alphatensor-edge/shared';
import type { Backend, Toolchain } from '../backends/backend.js';
import { BACKENDS } from '../backends/backends.js';
import { C_BACKENDS } from '../backends/c.js';
import { findLibraries } from '../blas/libraries.js';
import type { RankedKind } from '../blas/ranking.js';
import { availableMemory } from '../device/available-memory.js';
import { cacheSizes, cpuModel, vectorBits, vectorIsa } from '../device/cpu.js';
import { findEnergy } from '../device/energy.js';
import { readDeviceState, readHugePages } from '../device/environment.js';
import { quotaStops, throttled } from '../measure/flags.js';
import { withHostLock } from '../process/host-lock.js';
import { examineLockReach } from '../process/lock-reach.js';
import { examineCache, examineTemporary } from '../process/preflight.js';
import { AGENT_VERSION } from '../version.js';
import { judge } from './checks.js';
import type {
  BackendFinding,
  BlasFinding,
  BlasTiming,
  Diagnosis,
  EnergyFinding,
  Findings,
  MemoryFinding,
  OwnChoice,
  ProcessorFinding,
} from './diagnosis.js';
import { type TimedBlas, timeBlas, timedKinds } from './time-blas.js';
import { tryBackend } from './try-backend.js';

interface DoctorHooks {
  readonly signal: AbortSignal;
  /** Hears what is going on. */
  onProgress(text: string): void;
}

/**
 * Examines and tries everything that a measurement needs on this device. Takes about 10 s. It changes only the cache of
 * compiled programs. Rejects when the signal aborts.
 */
export async function diagnose(hooks: DoctorHooks): Promise<Diagnosis> {
  const { signal, onProgress } = hooks;
  const cpus = allowedCpus();
  // Read first, so that the load is not the doctor's own.
  const before = readDeviceState(cpus);
  const cache = await examineCache();
  const temporary = await examineTemporary();
  const hostLock = await examineLockReach();
  const backends: BackendFinding[] = [];
  let toolchain: Toolchain | undefined;
  for (const backend of BACKENDS) {
    onProgress(`compiling and running a program with ${backend.name}`);
    const unusable = cache.problem || temporary.problem;
    const tried = unusable === '' ? await tryBackend(backend, signal) : notTried(backend, unusable);
    backends.push(tried.finding);
    if (tried.finding.problem === '' && C_BACKENDS.includes(backend)) toolchain ??= tried.toolchain;
  }
  const { blas, blasProblems, hugePageBytesGranted, matrixBytes } = await examineBlas(
    toolchain,
    usableThreads(),
    hooks,
  );
  const after = readDeviceState(cpus);
  const findings = {
    agentVersion: AGENT_VERSION,
    processor: processor(cpus),
    memory: { ...memory(), hugePageBytesGranted, matrixBytes },
    state: {
      governor: before.governor ?? null,
      frequencyMhz: before.frequencyMhz ?? null,
      temperatureCelsius: before.temperatureCelsius ?? null,
      temperatureAfterCelsius: after.temperatureCelsius ?? null,
      loadAverage: before.loadAverage ?? null,
      throttleCount: after.throttleCount ?? null,
      throttledMeanwhile: throttled(before, after) ?? null,
      quotaStopsMeanwhile: quotaStops(before, after) ?? null,
    },
    energy: energy(),
    cache,
    temporary,
    hostLock,
    backends,
    blas,
    blasProblems,
  };
  const canMeasure = backends.some(({ problem }) => problem === '');
  return { formatVersion: 2, canMeasure, ...findings, checks: judge(findings) };
}

/** Makes the finding of a backend that cannot work where no program can be kept or run. */
function notTried({ name }: Backend, problem: string): Awaited<ReturnType<typeof tryBackend>> {
  return { finding: { name, compiler: '', programs: [], problem } };
}

interface BlasExamination
  extends Pick<MemoryFinding, 'hugePageBytesGranted' | 'matrixBytes'>,
    Pick<Findings, 'blasProblems'> {
  readonly blas: BlasFinding[];
}

/** Times all libraries with the compiled child: those of the ranking in its order, then those that do not work. */
async function examineBlas(
  toolchain: Toolchain | undefined,
  cpus: number,
  { signal, onProgress }: DoctorHooks,
): Promise<BlasExamination> {
  const { worth, others: unlikely, problems } = await findLibraries();
  const libraries = worth.length > 0 ? worth : unlikely;
  if (toolchain === undefined) {
    const problem = 'It was not tried, because no C compiler works.';
    const unknown = { timings: [], ownChoice: null, problem };
    const blas = libraries.map((library) => ({ ...unknownBlas(library), ...unknown }));
    return { blas, blasProblems: problems, hugePageBytesGranted: null, matrixBytes: null };
  }
  const ranked = toolchain.blas;
  const baselines = await baselinesOf(toolchain, cpus);
  const others = libraries.filter((path) => !ranked.some(({ library }) => library === path)).map(unknownBlas);
  const timed = await withHostLock(
    { signal, onWait: (holder) => onProgress(`waiting for the measurement of ${holder}`) },
    async () => {
      const results: { blas: Blas; result: TimedBlas; own: TimedBlas | undefined }[] = [];
      for (const blas of [...ranked, ...others]) {
        onProgress(`timing ${blas.library}`);
        const result = await timeBlas(toolchain.harness, blas, cpus, signal);
        const isSet = Object.keys(blas.environment).length > 0;
        const own = isSet ? await timeBlas(toolchain.harness, { library: blas.library }, 1, signal) : undefined;
        results.push({ blas, result, own });
      }
      return results;
    },
  );
  const { introduction, matrixBytes } = timed[0].result;
  const granted = introduction?.hugePageKilobytes ?? -1;
  return {
    blasProblems: problems,
    blas: withShares(
      timed.map(({ blas, result, own }) => ({ ...blas, ...result, own })),
      baselines,
    ),
    hugePageBytesGranted: granted < 0 ? null : granted * 1024,
    matrixBytes: introduction === undefined ? null : matrixBytes,
  };
}

/** Describes a library of which only the file is known. */
function unknownBlas(library: string): Blas {
  return { name: basename(library), version: '', library, configuration: '', thirdParty: true, environment: {} };
}

type TimedLibrary = Blas & TimedBlas & { readonly own: TimedBlas | undefined };

/** The library that measurements of a kind compare with. */
interface Baseline extends RankedKind {
  readonly library: string;
}

/** Finds what measurements of each kind compare with. Not under the host lock, because the ranking takes it. */
async function baselinesOf(toolchain: Toolchain, cpus: number): Promise<Baseline[]> {
  const baselines: Baseline[] = [];
  for (const kind of timedKinds(cpus)) {
    const [first] = (await toolchain.blasFor?.(kind)) ?? toolchain.blas;
    if (first !== undefined) baselines.push({ ...kind, library: first.library });
  }
  return baselines;
}

/** Fills in the peak of the device, which is the best seen beside any library, and each library's share of it. */
function withShares(libraries: readonly TimedLibrary[], baselines: readonly Baseline[]): BlasFinding[] {
  const all = libraries.flatMap(({ timings, own }) => [...timings, ...(own?.timings ?? [])]);
  const shared = (timings: TimedBlas['timings'], library?: string): BlasTiming[] =>
    timings.map((timing) => {
      const alike = all.filter((one) => one.dtype === timing.dtype && one.threadsAllowed === timing.threadsAllowed);
      const peakGflops = Math.max(...alike.map((one) => one.peakGflops));
      const baseline = baselines.some(
        (one) => one.library === library && one.dtype === timing.dtype && one.threads === timing.threadsAllowed,
      );
      return { ...timing, peakGflops, shareOfPeak: timing.gflops / peakGflops, baseline };
    });
  return libraries.map(({ name, version, library, configuration, thirdParty, environment, own, timings, problem }) => ({
    name,
    version,
    library,
    configuration,
    thirdParty,
    environment,
    ownChoice: own === undefined ? null : ownChoice(own, shared(own.timings)),
    timings: shared(timings, library),
    problem,
  }));
}

function ownChoice({ introduction, problem }: TimedBlas, timings: BlasTiming[]): OwnChoice {
  return { configuration: introduction?.configuration ?? '', timings, problem };
}

function processor(cpus: number[]): ProcessorFinding {
  const { l1dCacheBytes = null, l2CacheBytes = null, l3CacheBytes = null } = cacheSizes();
  return {
    model: cpuModel(),
    architecture: arch(),
    vectorIsa: vectorIsa(),
    vectorBits: vectorBits() ?? null,
    allowedCpus: cpus,
    cpuQuota: cpuQuota() ?? null,
    l1dCacheBytes,
    l2CacheBytes,
    l3CacheBytes,
  };
}

function memory(): Pick<MemoryFinding, 'totalBytes' | 'availableBytes' | 'hugePages'> {
  return { totalBytes: totalmem(), availableBytes: availableMemory(), hugePages: readHugePages() ?? null };
}

function energy(): EnergyFinding {
  const source = findEnergy();
  if (source.kind === 'absent') return { counters: 'absent', packages: 0 };
  return { counters: source.kind === 'packages' ? 'readable' : 'unreadable', packages: source.packages.length };
}
