import { blasKernels, environmentText } from '@alphatensor-edge/proto';
import { MAX_BASELINE_SHARE_OF_PEAK, MIN_BASELINE_SHARE_OF_PEAK, percent } from '@alphatensor-edge/shared';
import type { NamedProblem } from '../../blas/named.js';
import { type BlasFinding, type BlasTiming, type Check, ok } from '../diagnosis.js';
import { threadWords } from '../words.js';

/**
 * The share of its threads below which a library has not started them all, or idles: half-way between one and
 * two.
 */
const MIN_SHARE_OF_THREADS = 0.75;
/** The number of busy threads from which a library ignores that it was told to use one. */
const MAX_OF_ONE_THREAD = 1.5;
/** Tells how much faster than the baseline another library must be to be pointed out. */
const CLEARLY_FASTER = 1.05;

const INSTALL_BLAS = 'for example with "apt-get install libopenblas0-pthread libblis4-pthread"';
const WHEN_IDLE =
  'Other processes were busy, which may be the only cause: run at-agent doctor again when they are not.';

/** Judges the BLAS libraries. A device without one gets a warning. */
export function checkBlas(libraries: readonly BlasFinding[], canTime: boolean, busy: boolean): Check[] {
  const usable = libraries.filter(({ thirdParty }) => thirdParty);
  const checks = usable.flatMap((blas) => [checkLibrary(blas, libraries, canTime, busy), ...checkOwnChoice(blas)]);
  if (canTime ? usable.some(({ problem }) => problem === '') : usable.length > 0) return checks;
  return [
    ...checks,
    {
      name: 'BLAS',
      status: 'warning',
      detail: `no ${usable.length > 0 ? 'working ' : ''}library was found; measurements use the portable GEMM and claim no speed-up`,
      fix: `Install one, ${INSTALL_BLAS}, or name its file or folder in ALPHATENSOR_BLAS.`,
    },
  ];
}

/** Says what is wrong with ALPHATENSOR_BLAS. */
export function checkNamed({ detail, fix }: NamedProblem): Check {
  return {
    name: 'ALPHATENSOR_BLAS',
    status: 'warning',
    detail: `names ${detail}`,
    fix: `${fix[0].toUpperCase()}${fix.slice(1)}.`,
  };
}

/** Judges a library. Only its first trouble is told, because the later ones mostly follow from it. */
function checkLibrary(blas: BlasFinding, all: readonly BlasFinding[], canTime: boolean, busy: boolean): Check {
  const name = `BLAS ${[blas.name, blas.version].filter(Boolean).join(' ')}${baselineWords(blas)}`;
  if (blas.problem !== '') {
    const fix = canTime
      ? 'Reinstall the library or remove it; measurements leave it out.'
      : 'Get a C compiler to work; then the library is tried.';
    return { name, status: 'warning', detail: `${blas.library}: ${blas.problem}`, fix };
  }
  const settings = environmentText(blas.environment);
  const kernels = blasKernels(blas);
  const with_ = [settings, kernels === '' ? '' : `${kernels} kernels`].filter(Boolean).join(', ');
  const detail = `${blas.library}${with_ === '' ? '' : ` with ${with_}`}: ${blas.timings.map(timingWords).join('; ')}`;
  const trouble = troubleOf(blas, all, busy);
  return trouble === undefined ? ok(name, detail) : { name, status: 'warning', ...trouble };
}

/** Says how much slower a library is in programs that set nothing. Empty if measurements set nothing either. */
function checkOwnChoice({ name, version, environment, ownChoice, timings }: BlasFinding): Check[] {
  const [own, asked] = [ownChoice?.timings[0], timings[0]];
  if (ownChoice === null || own === undefined || asked === undefined) return [];
  const kernels = blasKernels({ name, configuration: ownChoice.configuration });
  return [
    {
      name: ['kernels of', name, version].filter(Boolean).join(' '),
      status: 'warning',
      detail:
        `${name} chooses its ${kernels} kernels on this processor, which reach ${percent(own.shareOfPeak)} of the peak; ` +
        `measurements here run it with ${environmentText(environment)} (${percent(asked.shareOfPeak)})`,
      fix: 'Set it for your own programs too.',
    },
  ];
}

/** Says of which kinds of measurements a library is the baseline, as an ending of its name. */
function baselineWords({ timings }: BlasFinding): string {
  const kinds = timings.filter(({ baseline }) => baseline);
  if (kinds.length === 0) return '';
  if (kinds.length === timings.length) return ', the baseline';
  return `, the baseline for ${kinds.map(({ dtype, threadsAllowed }) => `${dtype} on ${threadWords(threadsAllowed)}`).join(' and ')}`;
}

function troubleOf(
  blas: BlasFinding,
  all: readonly BlasFinding[],
  busy: boolean,
): { detail: string; fix: string } | undefined {
  const { timings, library, configuration } = blas;
  for (const { threadsAllowed, threadsUsed } of timings) {
    if (threadsAllowed === 1 && threadsUsed > MAX_OF_ONE_THREAD) {
      return {
        detail: `${library} used ${threadsUsed.toFixed(2)} threads although it was set to use 1: it ignores the setting`,
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
  const impossible = timings.find(({ shareOfPeak }) => shareOfPeak > MAX_BASELINE_SHARE_OF_PEAK);
  if (impossible) {
    return {
      detail: `${library}: ${timingWords(impossible)}, which is impossible: something disturbed the measurement of the peak`,
      fix: WHEN_IDLE,
    };
  }
  for (const timing of timings) {
    const baseline = all.find((other) => sameSetting(other, timing)?.baseline);
    const [own, other] = [timing.gflops, baseline && sameSetting(baseline, timing)?.gflops];
    if (baseline === undefined || baseline === blas || other === undefined || own <= CLEARLY_FASTER * other) continue;
    return {
      detail: `${library} is faster than the baseline: ${timingWords(timing)}`,
      fix: busy
        ? WHEN_IDLE
        : `Measurements of this kind compare with ${baseline.name}, which was faster when they were ranked; delete programs/*.blas.json in the cache to rank again.`,
    };
  }
  const slow = timings.find(({ shareOfPeak, baseline }) => baseline && shareOfPeak < MIN_BASELINE_SHARE_OF_PEAK);
  if (slow === undefined) return undefined;
  const knows = configuration === '' ? '' : ` (its own description: ${configuration})`;
  return {
    detail: `${library}: ${timingWords(slow)}, below 80 %: speed-ups over it are not claimed`,
    fix: busy
      ? WHEN_IDLE
      : `The library may not know this processor${knows}: install a newer or another one, ${INSTALL_BLAS}, or name its file or folder in ALPHATENSOR_BLAS.`,
  };
}

function sameSetting({ timings }: BlasFinding, { dtype, threadsAllowed, size }: BlasTiming): BlasTiming | undefined {
  return timings.find(
    (other) => other.dtype === dtype && other.threadsAllowed === threadsAllowed && other.size === size,
  );
}

/** Writes `f32 on 1 thread 98.1 GFLOP/s, 84 % of the peak`. */
function timingWords({ dtype, threadsAllowed, gflops, shareOfPeak }: BlasTiming): string {
  return `${dtype} on ${threadWords(threadsAllowed)} ${gflops.toFixed(1)} GFLOP/s, ${percent(shareOfPeak)} of the peak`;
}
