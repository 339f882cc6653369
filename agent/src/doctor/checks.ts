import { environmentText } from '@alphatensor-edge/proto';
import { findBackend } from '../backends/backends.js';
import { C_BACKENDS } from '../backends/c.js';
import { kernelsOf } from '../blas/kernels.js';
import { MIN_BASELINE_SHARE_OF_PEAK } from '../measure/protocol.js';
import type {
  BackendFinding,
  BlasFinding,
  BlasTiming,
  CacheFinding,
  Check,
  EnergyFinding,
  Findings,
  MemoryFinding,
  ProcessorFinding,
  StateFinding,
} from './diagnosis.js';

/** Memory for a float32 product of 4096 with two levels, bytes. */
const COMFORTABLE_MEMORY = 1.5 * 1024 ** 3;
/** Runnable processes for each CPU from which measurements get noisy. */
const BUSY_LOAD = 0.5;
/** Most processors slow down from somewhere between 85 and 100 degrees. */
const HOT_CELSIUS = 85;
/** A library that uses less of its threads than this has not started them all, or idles; it is the half-way mark for two. */
const MIN_SHARE_OF_THREADS = 0.75;
/** One that was told to use one thread and keeps more than this busy does not do as it is told. */
const MAX_OF_ONE_THREAD = 1.5;
/** No GEMM is faster than the peak; a share above this is more than the noise of both. */
const MAX_SHARE_OF_PEAK = 1.05;
/** How much faster than the baseline another library must be to be pointed out. */
const CLEARLY_FASTER = 1.05;

const INSTALL_BLAS = 'for example with "apt-get install libopenblas0-pthread libblis4-pthread"';
const WHEN_IDLE =
  'Other processes were busy, which may be the only cause: run at-agent doctor again when they are not.';

const BROKEN_BACKEND =
  'Mend what it complains about. If nothing on this device is wrong, try another version of this compiler or another backend.';

/** Judges what was found. Pure. */
export function judge(findings: Findings): Check[] {
  const { processor, memory, state, energy, cache, backends, blas } = findings;
  const busy = isBusy(state, processor);
  const canTime = backends.some(({ name, problem }) => problem === '' && isC(name));
  return [
    checkCacheFolder(cache),
    ...backends.map(checkBackend),
    ...checkBlas(blas, canTime, busy),
    checkVectors(processor),
    checkCaches(processor),
    checkCpus(processor),
    checkMemory(memory),
    checkHugePages(memory),
    checkLoad(state, processor),
    checkGovernor(state),
    checkTemperature(state),
    checkThrottling(state),
    checkEnergy(energy),
  ];
}

function checkBackend({ name, compiler, programs, problem }: BackendFinding): Check {
  if (problem === '') {
    const seconds = programs.reduce((sum, { compileSeconds }) => sum + compileSeconds, 0);
    const types = [...new Set(programs.map(({ dtype }) => dtype))].join(' and ');
    return ok(
      `backend ${name}`,
      `${compiler}; Strassen's algorithm compiled (${seconds.toFixed(1)} s), ran and gave the right result in ${types}`,
    );
  }
  // A compiler that is there and whose programs fail is not mended by installing it.
  const install = findBackend(name)?.fixes.find((fix) => problem.endsWith(`; ${fix}.`));
  return {
    name: `backend ${name}`,
    // What was never installed is not missed, unless it is a C compiler.
    status: install !== undefined && !isC(name) ? 'warning' : 'failed',
    detail: install !== undefined ? problem.slice(0, -`; ${install}.`.length) : problem,
    fix: install !== undefined ? `${install.charAt(0).toUpperCase()}${install.slice(1)}.` : BROKEN_BACKEND,
  };
}

/** Their child also times the BLAS libraries. */
function isC(backend: string): boolean {
  return C_BACKENDS.some(({ name }) => name === backend);
}

function checkBlas(libraries: readonly BlasFinding[], canTime: boolean, busy: boolean): Check[] {
  const usable = libraries.filter(({ thirdParty }) => thirdParty);
  const checks = usable.flatMap((blas) => [checkLibrary(blas, libraries[0], canTime, busy), ...checkOwnChoice(blas)]);
  if (canTime ? usable.some(({ problem }) => problem === '') : usable.length > 0) return checks;
  return [
    ...checks,
    {
      name: 'BLAS',
      status: 'warning',
      detail: `no ${usable.length > 0 ? 'working ' : ''}library was found; measurements use the portable GEMM and claim no speed-up`,
      fix: `Install one, ${INSTALL_BLAS}, or name its file in ALPHATENSOR_BLAS.`,
    },
  ];
}

/** The first trouble a library has is the one that is told: the later ones mostly follow from it. */
function checkLibrary(blas: BlasFinding, baseline: BlasFinding, canTime: boolean, busy: boolean): Check {
  const name = `BLAS ${[blas.name, blas.version].filter(Boolean).join(' ')}${blas.baseline ? ', the baseline' : ''}`;
  if (blas.problem !== '') {
    const fix = canTime
      ? 'Reinstall the library or remove it; measurements leave it out.'
      : 'Get a C compiler to work; then the library is tried.';
    return { name, status: 'warning', detail: `${blas.library}: ${blas.problem}`, fix };
  }
  const settings = environmentText(blas.environment);
  const detail = `${blas.library}${settings === '' ? '' : ` with ${settings}`}: ${blas.timings.map(timingWords).join('; ')}`;
  const trouble = troubleOf(blas, baseline, busy);
  return trouble === undefined ? ok(name, detail) : { name, status: 'warning', ...trouble };
}

/** Says how much slower a library is in programs that set nothing; none where measurements set nothing either. */
function checkOwnChoice({ name, version, environment, ownChoice, timings }: BlasFinding): Check[] {
  const [own, asked] = [ownChoice?.timings[0], timings[0]];
  if (ownChoice === null || own === undefined || asked === undefined) return [];
  const kernels = kernelsOf(ownChoice.configuration);
  return [
    {
      name: ['kernels of', name, version].filter(Boolean).join(' '),
      status: 'warning',
      detail:
        `${name} chooses its ${kernels} kernels on this processor, which reach ${shareWords(own)} of the peak; ` +
        `measurements here run it with ${environmentText(environment)} (${shareWords(asked)})`,
      fix: 'Set it for your own programs too.',
    },
  ];
}

function troubleOf(
  blas: BlasFinding,
  baseline: BlasFinding,
  busy: boolean,
): { detail: string; fix: string } | undefined {
  const { timings, library, configuration } = blas;
  for (const { threadsAllowed, threadsUsed } of timings) {
    if (threadsAllowed === 1 && threadsUsed > MAX_OF_ONE_THREAD) {
      return {
        detail: `${library} used ${threadsUsed.toFixed(2)} threads although it was told to use 1: it ignores the setting`,
        fix: `Replace it by a build with threads of its own (pthread), ${INSTALL_BLAS}.`,
      };
    }
    if (threadsAllowed > 1 && threadsUsed < MIN_SHARE_OF_THREADS * threadsAllowed) {
      return {
        detail: `${library} used ${threadsUsed.toFixed(2)} of ${threadsAllowed} threads`,
        fix: busy
          ? WHEN_IDLE
          : `Its build may have no threads, or fewer than there are CPUs: install a threaded one, ${INSTALL_BLAS}. ` +
            'Until then measure with --threads 1.',
      };
    }
  }
  const impossible = timings.find(({ shareOfPeak }) => shareOfPeak > MAX_SHARE_OF_PEAK);
  if (impossible) {
    return {
      detail: `${library}: ${timingWords(impossible)}, which is impossible: something disturbed the measurement of the peak`,
      fix: WHEN_IDLE,
    };
  }
  if (!blas.baseline) {
    const faster = timings.find((timing) => {
      const other = sameSetting(baseline, timing);
      return other !== undefined && timing.gflops > CLEARLY_FASTER * other.gflops;
    });
    if (faster === undefined) return undefined;
    return {
      detail: `${library} is faster than the baseline: ${timingWords(faster)}`,
      fix: busy
        ? WHEN_IDLE
        : `Measurements of this kind compare with the slower ${baseline.name}; remove it to compare with this one.`,
    };
  }
  const slow = timings.find(({ shareOfPeak }) => shareOfPeak < MIN_BASELINE_SHARE_OF_PEAK);
  if (slow === undefined) return undefined;
  const knows = configuration === '' ? '' : ` (its own description: ${configuration})`;
  return {
    detail: `${library}: ${timingWords(slow)}, below 80 %: speed-ups over it are not claimed`,
    fix: busy
      ? WHEN_IDLE
      : `The library may not know this processor${knows}: install a newer or another one, ${INSTALL_BLAS}, or name its file in ALPHATENSOR_BLAS.`,
  };
}

function sameSetting({ timings }: BlasFinding, { dtype, threadsAllowed, size }: BlasTiming): BlasTiming | undefined {
  return timings.find(
    (other) => other.dtype === dtype && other.threadsAllowed === threadsAllowed && other.size === size,
  );
}

/** `f32 on 1 thread 98.1 GFLOP/s, 84 % of the peak` */
function timingWords(timing: BlasTiming): string {
  const { dtype, threadsAllowed, gflops } = timing;
  return `${dtype} on ${threadWords(threadsAllowed)} ${gflops.toFixed(1)} GFLOP/s, ${shareWords(timing)} of the peak`;
}

/** `84 %` */
function shareWords({ shareOfPeak }: BlasTiming): string {
  return `${(100 * shareOfPeak).toFixed(0)} %`;
}

/** `1 thread`, `2 threads` */
export function threadWords(count: number): string {
  return `${count} ${count === 1 ? 'thread' : 'threads'}`;
}

function checkCacheFolder({ folder, problem }: CacheFinding): Check {
  if (problem === '') return ok('cache', folder);
  return {
    name: 'cache',
    status: 'failed',
    detail: problem,
    fix: 'Make the folder writable, or name another one in ALPHATENSOR_CACHE_DIR.',
  };
}

function checkVectors({ vectorIsa, vectorBits }: ProcessorFinding): Check {
  if (vectorIsa !== 'generic') {
    return ok('vector instructions', vectorBits === null ? vectorIsa : `${vectorIsa}, ${vectorBits} bits`);
  }
  return {
    name: 'vector instructions',
    status: 'warning',
    detail: vectorIsa,
    fix: 'None that this version knows, so programs are slow. In a virtual machine, pass the host processor through.',
  };
}

function checkCaches({ l1dCacheBytes, l2CacheBytes, l3CacheBytes }: ProcessorFinding): Check {
  const size = (bytes: number | null): string => (bytes === null ? 'unknown' : bytesWords(bytes));
  return ok(
    'caches',
    `L1d ${size(l1dCacheBytes)} and L2 ${size(l2CacheBytes)} a core, L3 ${size(l3CacheBytes)} in all`,
  );
}

function checkCpus({ allowedCpus, model }: ProcessorFinding): Check {
  return ok('CPUs allowed', `${allowedCpus.length} (${ranges(allowedCpus)}) of ${model}`);
}

function checkMemory({ totalBytes, availableBytes }: MemoryFinding): Check {
  const detail = `${bytesWords(availableBytes)} free of ${bytesWords(totalBytes)}`;
  if (availableBytes >= COMFORTABLE_MEMORY) return ok('memory', detail);
  return { name: 'memory', status: 'warning', detail, fix: 'Large problems will be refused; free some memory.' };
}

function checkHugePages({ hugePages, hugePageBytesGranted, matrixBytes }: MemoryFinding): Check {
  const name = 'huge pages';
  if (hugePages !== 'always' && hugePages !== 'madvise') {
    return {
      name,
      status: 'warning',
      detail: hugePages ?? 'unknown',
      fix: 'Large products run faster with "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled" (as root).',
    };
  }
  if (hugePageBytesGranted === null || matrixBytes === null) return ok(name, hugePages);
  const detail = `${hugePages}; ${bytesWords(hugePageBytesGranted)} granted for matrices of ${bytesWords(matrixBytes)}`;
  if (hugePageBytesGranted >= matrixBytes / 2) return ok(name, detail);
  return {
    name,
    status: 'warning',
    detail,
    fix: 'The free memory is fragmented; "echo 1 > /proc/sys/vm/compact_memory" (as root) or a restart helps.',
  };
}

function isBusy({ loadAverage }: StateFinding, { allowedCpus }: ProcessorFinding): boolean {
  return (loadAverage ?? 0) > BUSY_LOAD * allowedCpus.length;
}

function checkLoad(state: StateFinding, processor: ProcessorFinding): Check {
  const cpus = processor.allowedCpus.length;
  const detail = `${state.loadAverage?.toFixed(2) ?? 'unknown'} on ${cpus} ${cpus === 1 ? 'CPU' : 'CPUs'}`;
  if (!isBusy(state, processor)) return ok('load', detail);
  return {
    name: 'load',
    status: 'warning',
    detail,
    fix: 'Other processes are busy: stop them, or measurements take longer and have wider intervals.',
  };
}

function checkGovernor({ governor, frequencyMhz }: StateFinding): Check {
  const now = frequencyMhz === null ? '' : `, ${Math.round(frequencyMhz)} MHz before the tests`;
  const detail = `${governor ?? 'unknown: the system does not show it (usual in a virtual machine)'}${now}`;
  if (governor === null || governor === 'performance') return ok('frequency governor', detail);
  return {
    name: 'frequency governor',
    status: 'warning',
    detail,
    fix: 'For steadier figures use the governor "performance", for example with "cpupower frequency-set -g performance".',
  };
}

function checkTemperature({ temperatureCelsius, temperatureAfterCelsius }: StateFinding): Check {
  if (temperatureCelsius === null || temperatureAfterCelsius === null) {
    return ok('temperature', 'unknown: the system does not show it (usual in a virtual machine)');
  }
  const detail = `${temperatureCelsius.toFixed(0)} °C before the tests, ${temperatureAfterCelsius.toFixed(0)} °C after them`;
  if (temperatureAfterCelsius < HOT_CELSIUS) return ok('temperature', detail);
  return {
    name: 'temperature',
    status: 'warning',
    detail,
    fix: 'Processors slow down when hot: improve the cooling, or let the device cool down before measuring.',
  };
}

function checkThrottling({ throttleCount, throttledMeanwhile }: StateFinding): Check {
  const name = 'thermal throttling';
  if (throttleCount === null) return ok(name, 'unknown: the system does not count it (usual in a virtual machine)');
  const detail = `${throttleCount} times since the system started`;
  if (throttledMeanwhile !== true) return ok(name, `not during the tests; ${detail}`);
  return {
    name,
    status: 'warning',
    detail: `during the tests; ${detail}`,
    fix: 'Improve the cooling or the power supply; measurements in which it happens are flagged.',
  };
}

function checkEnergy({ counters, packages }: EnergyFinding): Check {
  const known = {
    readable: `told by ${packages} processor ${packages === 1 ? 'package' : 'packages'} (RAPL), for sustained measurements`,
    unreadable: 'unknown: /sys/class/powercap/intel-rapl:*/energy_uj can be read only by root',
    absent: 'unknown: the system shows no counters (RAPL)',
  };
  return ok('energy', known[counters]);
}

/** A check that passed. */
export function ok(name: string, detail: string): Check {
  return { name, status: 'ok', detail, fix: '' };
}

/** `48 KiB`, `1.3 MiB`, `22.4 GiB` */
export function bytesWords(bytes: number): string {
  const [unit, size] =
    bytes >= 1024 ** 3
      ? (['GiB', 1024 ** 3] as const)
      : bytes >= 1024 ** 2
        ? (['MiB', 1024 ** 2] as const)
        : (['KiB', 1024] as const);
  return `${Math.round((10 * bytes) / size) / 10} ${unit}`;
}

/** `0-3, 8` */
export function ranges(numbers: readonly number[]): string {
  const sorted = [...numbers].sort((a, b) => a - b);
  const parts: [number, number][] = [];
  for (const number of sorted) {
    const last = parts.at(-1);
    if (last !== undefined && last[1] === number - 1) last[1] = number;
    else parts.push([number, number]);
  }
  return parts.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(', ');
}
