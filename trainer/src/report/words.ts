import { type Environment, environmentText, inputErrorWords, type MeasuringProtocol } from '@alphatensor-edge/proto';
import { type Arithmetic, formatSize, moduloWords, workspaceBoundText } from '@alphatensor-edge/shared';
import { maxErrorText } from '../fleet/error-bound.js';
import type { StoredFactorization } from '../run/reader.js';
import type { Comparison, ComparisonRow, Setting } from './comparison.js';
import { findingWords, givenWords } from './finding.js';
import {
  count,
  formatBytes,
  formatError,
  formatList,
  formatPrecision,
  formatRange,
  formatRatio,
  formatSeconds,
  formatSignificant,
  orUnknown,
  trimZeros,
  UNKNOWN,
} from './format.js';
import type { DeviceSummary, Provenance, Report, RunSummary } from './model.js';
import type { Noise, Range } from './noise.js';
import {
  type Conditions,
  type Figures,
  isBaseline,
  isMeasured,
  type MeasuredRow,
  type ReportRow,
  type Verdict,
} from './row.js';

// The sentences that the page and the Markdown share.

export const TITLE = 'Speed-up report';

/** Writes the sentence of the banner. */
export function provenanceSentence(provenance: Provenance): string {
  switch (provenance.kind) {
    case 'scratch':
      return 'From scratch: no known algorithm went into the network or the runs.';
    case 'grown':
      return grownSentence(provenance.algorithms, provenance.insideSchoolbook);
    case 'demonstrations':
      return `Bootstrapped from demonstrations: ${formatList([...provenance.algorithms, ...(provenance.insideSchoolbook ? [INSIDE_SCHOOLBOOK] : [])])} went into the network or the runs, so finding the same or an equivalent algorithm again is no discovery.`;
    case 'unknown':
      return 'Origin unknown: not every run says whether known algorithms went into the network, so no claim of a discovery is made.';
  }
}

const INSIDE_SCHOOLBOOK = 'games that began inside the schoolbook algorithm';

function grownSentence(smaller: readonly string[], isInside: boolean): string {
  const parts = [
    ...(smaller.length > 0
      ? [`Grown from smaller results: ${formatList(smaller)} went into the network as parts of random tensors`]
      : []),
    ...(isInside ? [`${smaller.length > 0 ? 'with' : 'From'} ${INSIDE_SCHOOLBOOK}`] : []),
    isInside ? 'no better algorithm of the target size was shown' : 'no known algorithm of the target size went in',
  ];
  return `${parts.join('; ')}.`;
}

/** Words for the verdicts, such as `faster ▲`, so that colour is never the only sign. */
const VERDICTS: Readonly<Record<Verdict, string>> = {
  faster: '▲ faster',
  slower: '▼ slower',
  unclaimed: '△ not claimed',
  undecided: '– undecided',
  baseline: 'baseline',
};

/** Follows a figure that does not compare with others (see isSteady). The remarks say by how much. */
export const SLOW_BASELINE = ', baseline slower than usual';

/** Writes the status of a row without a verdict. */
export function statusWords(row: ReportRow): string {
  if (isMeasured(row)) return VERDICTS[row.figures.verdict];
  return row.status.toLowerCase().replace(/_/g, ' ');
}

/** Writes `<2,2,2> rank 7`; empty for the baseline. */
export function algorithmWords({ algorithm }: ReportRow): string {
  if (algorithm.levels.length === 0) return '';
  const levels = algorithm.levels.length > 1 ? `, ${algorithm.levels.length} levels` : '';
  const modulo = modular(algorithm.arithmetic);
  return `${formatSize(algorithm.size)}, rank ${algorithm.rank}, ${algorithm.nonzeros} nonzeros${levels}${modulo}`;
}

/** Writes `found (rl)`, `reference (imported)`, or both if the search found a reference again. */
export function originWords({ algorithm }: ReportRow): string {
  const role = algorithm.found && algorithm.role === 'reference' ? 'reference, found again' : algorithm.role;
  if (algorithm.levels.length === 0) return role;
  // A demonstration has the role "found" but was given to the run.
  return algorithm.origin === 'demonstration' ? algorithm.origin : `${role} (${algorithm.origin})`;
}

export function intervalWords(interval: { estimate: number; low: number; high: number } | null): string {
  return interval === null ? 'not measured' : `${formatRatio(interval.estimate)} (${formatRange(interval)})`;
}

/** Says why the measuring stopped. */
export function stopReason({ figures }: MeasuredRow): string {
  const reasons: Readonly<Record<string, string>> = {
    CONVERGED: 'converged',
    NOISE_PLATEAU: 'noise plateau',
    BUDGET: 'out of time',
    MAX_ROUNDS: 'all rounds used',
  };
  return reasons[figures.stopReason] ?? 'stop reason unknown';
}

/** Writes `12.1 J a product, the baseline 14.0 J (…)`. */
export function energyWords(baselineJoules: number | undefined, candidateJoules: number | undefined): string {
  if (baselineJoules === undefined || candidateJoules === undefined) return `energy ${UNKNOWN}`;
  return `${formatSignificant(candidateJoules)} J a product, the baseline ${formatSignificant(baselineJoules)} J (all processor packages, including whatever else ran)`;
}

/** Writes the figures of a sustained measurement; nothing for a short one. */
function sustainedWords({ sustained }: Figures): string[] {
  if (sustained === null) return [];
  const { seconds, speedup, baselineJoules, candidateJoules } = sustained;
  return [
    `over at least ${formatSeconds(seconds)} of load: ${intervalWords(speedup)} in the last third, ` +
      energyWords(baselineJoules ?? undefined, candidateJoules ?? undefined),
  ];
}

/** Lists the row's flags and everything else that its reader must know. */
export function remarks(row: MeasuredRow): string[] {
  const again =
    row.spread === null ? [] : [`${row.jobs} jobs, estimates ${formatRange(row.spread)}; the latest is shown`];
  const throttled = row.conditions?.throttled === true ? ['the device throttled'] : [];
  const inputs = inputErrorWords(row.figures.inputErrors);
  return [...sustainedWords(row.figures), ...row.figures.flags, ...throttled, ...again, ...inputs];
}

/** Writes the error that the growth predicts. The baseline has none. */
export function predictedWords(row: MeasuredRow): string {
  const { predictedRelativeError } = row.figures;
  if (isBaseline(row)) return '';
  return predictedRelativeError === null ? UNKNOWN : formatError(predictedRelativeError);
}

/** Writes the error growth. The baseline has none. */
export function growthWords(row: MeasuredRow): string {
  if (isBaseline(row)) return '';
  return row.figures.growth === null ? UNKNOWN : formatSignificant(row.figures.growth);
}

/** Writes what the device was doing, as far as it is known. */
export function conditionWords(conditions: Conditions | null): string {
  if (conditions === null) return UNKNOWN;
  const { loadAverage, temperatureCelsius, frequencyMhz, throttled, pinnedCpus } = conditions;
  const known = [
    loadAverage === null ? '' : `load ${formatSignificant(loadAverage, 2)}`,
    temperatureCelsius === null ? '' : `temperature ${trimZeros(temperatureCelsius)} °C`,
    frequencyMhz === null ? '' : `clock ${Math.round(frequencyMhz)} MHz`,
    throttled === null ? '' : `throttled: ${throttled ? 'yes' : 'no'}`,
    pinnedCpus.length === 0 ? '' : `CPUs ${pinnedCpus.join(', ')}`,
  ].filter((words) => words !== '');
  return known.join(', ') || UNKNOWN;
}

/** Types pairs of name and value. A value that the agent could not find out is `unknown`. */
export type Facts = readonly (readonly [name: string, value: string])[];

export function deviceFacts({ device, agents, id }: DeviceSummary): Facts {
  const cache = (bytes: number | undefined): string => (bytes ? formatBytes(bytes) : UNKNOWN);
  return [
    ['CPU', orUnknown(device.cpuModel)],
    ['Cores', `${device.physicalCores || UNKNOWN} (${device.logicalCores || UNKNOWN} logical)`],
    ['Vector instructions', orUnknown(device.vectorIsa)],
    ['Caches L1d, L2, L3', [device.l1dCacheBytes, device.l2CacheBytes, device.l3CacheBytes].map(cache).join(', ')],
    ['Memory', cache(device.memoryBytes)],
    ['System', `${orUnknown(device.os)}, kernel ${orUnknown(device.kernel)}, ${orUnknown(device.architecture)}`],
    ...(device.gpus.length > 0 ? [['GPUs', device.gpus.join(', ')] as const] : []),
    ['Agent', agents.join(', ')],
    ['Device id', id],
  ];
}

export function environmentFacts(environment: Environment): Facts {
  const { blas } = environment;
  const library = blas
    ? [orUnknown(blas.name), blas.version || 'version unknown', blas.library].filter(Boolean).join(', ')
    : UNKNOWN;
  const settings = environmentText(blas?.environment);
  return [
    ['Backend', [environment.backend, environment.variant].filter(Boolean).join(', ')],
    ['Compiler', `${orUnknown(environment.compiler)}, flags ${orUnknown(environment.compilerFlags)}`],
    ['Baseline', `${library}${blas && !blas.thirdParty ? ' (no BLAS library: nothing is claimed over it)' : ''}`],
    ...(blas?.configuration ? [['Baseline configuration', blas.configuration] as const] : []),
    ...(settings === '' ? [] : [['Baseline run with', settings] as const]),
    ['Threads of the baseline', environment.baselineThreads > 0 ? String(environment.baselineThreads) : UNKNOWN],
    ['CPU', `${orUnknown(environment.cpuModel)}, ${orUnknown(environment.vectorIsa)}`],
    ['System', `${orUnknown(environment.os)}, kernel ${orUnknown(environment.kernel)}`],
    ['Governor', orUnknown(environment.governor)],
    ['Pages', orUnknown(environment.pagePolicy)],
    ['Agent version', orUnknown(environment.agentVersion)],
  ];
}

export function runFacts({ config, provenance }: RunSummary): Facts {
  return [
    ['Command', orUnknown(config?.command)],
    ['Size', config?.size ? formatSize(config.size) : UNKNOWN],
    ['Preset', orUnknown(config?.preset)],
    ['Seed', config?.seed === undefined ? UNKNOWN : String(config.seed)],
    ['TensorFlow.js backend', orUnknown(config?.tfBackend)],
    ['Started', orUnknown(config?.startedAt)],
    ['Version', orUnknown(config?.version)],
    ['Checkpoint', config === null ? UNKNOWN : (config.checkpoint ?? 'none')],
    ...boundFacts(config),
    ['Origin', provenanceSentence(provenance)],
  ];
}

/** What a run was asked of errors and memory; nothing for runs that measure nothing, and those of older versions. */
function boundFacts(config: RunSummary['config']): Facts {
  const { finetune, tune } = config ?? {};
  const maxError = (tune ?? finetune)?.maxError;
  const times = tune?.workspaceTimes;
  const workspace = times ? { timesMatrices: times } : finetune?.maxWorkspace;
  if (maxError === undefined && workspace === undefined) return [];
  return [
    ['Largest error', maxError === undefined ? UNKNOWN : maxErrorText(maxError)],
    ['Most memory beside A, B and C', workspaceBoundText(workspace)],
  ];
}

function modular(arithmetic: Arithmetic): string {
  const words = moduloWords(arithmetic);
  return words && `, ${words}`;
}

/** Writes `<2,2,2> rank 7, 36 nonzeros (rl), file.json`. */
export function factorizationWords({ size, rank, nonzeros, origin, arithmetic, file }: StoredFactorization): string {
  const modulo = modular(arithmetic);
  return `${formatSize(size)} rank ${rank}, ${nonzeros} nonzeros${modulo} (${origin}): ${file}`;
}

/** Describes the applied protocol in plain words. */
export function protocolSentence(protocol: MeasuringProtocol): string {
  const own = protocol.includeOwnGemm
    ? ' The same engine with the schoolbook step <1,1,1> ran in the same rounds (“own GEMM”).'
    : '';
  return (
    `Each program was checked first: on small whole numbers exactly, then against float64, where a relative error above ` +
    `${formatError(protocol.maxRelativeError)} would have counted as a wrong result. After at least ` +
    `${formatSeconds(protocol.minWarmupSeconds)} of warm-up, each round timed the baseline and ` +
    `the candidate in random order, every sample at least ${formatSeconds(protocol.minSampleSeconds)} long. Rounds went on, ` +
    `from ${protocol.minRounds} to at most ${protocol.maxRounds}, until the interval's half-width was at most ` +
    `${trimZeros(protocol.targetRelativeHalfWidth * 100)} % of the speed-up, more rounds no longer narrowed it, or ` +
    `${formatSeconds(protocol.budgetSeconds)} were over.${own}`
  );
}

/** Writes `f64, 2 threads, c-clang packed`. */
export function settingWords({ backend, variant, ...kind }: Setting): string {
  return `${formatPrecision(kind)}, ${[backend, variant].filter(Boolean).join(' ')}`;
}

/** Says which device's search found a row of the comparison. */
export function tunedWords(
  { algorithm, tunedFor }: ComparisonRow,
  { columns }: Comparison,
  nameOf: (id: string) => string,
): string {
  const known = algorithm.role === 'reference' ? 'known reference' : '';
  if (tunedFor.length === 0) return known || (algorithm.found ? findingWords(algorithm) : givenWords(algorithm));
  const devices = [...new Set(tunedFor.map((index) => nameOf(columns[index].deviceId)))];
  return [`tuned for ${formatList(devices)}`, known].filter(Boolean).join(', a ');
}

export const NOISE_COLUMNS = [
  'Jobs',
  'Interval’s half-width, median',
  'Drift, ln ratio',
  'Load average',
  'Temperature, °C',
  'Clock, MHz',
  'Throttled jobs',
  'Not converged',
];

/** Makes one cell for each of NOISE_COLUMNS. */
export function noiseCells(noise: Noise): string[] {
  const range = (values: Range | null): string =>
    values === null
      ? UNKNOWN
      : values.low === values.high
        ? short(values.low)
        : `${short(values.low)} to ${short(values.high)}`;
  const short = (value: number): string => formatSignificant(value, 2);
  return [
    String(noise.jobs),
    `${formatSignificant(noise.relativeHalfWidth * 100, 2)} %`,
    range(noise.drift),
    range(noise.loadAverage),
    range(noise.temperatureCelsius),
    range(noise.frequencyMhz),
    noise.throttled === null ? UNKNOWN : String(noise.throttled),
    String(noise.notConverged),
  ];
}

/** Lists the terms of a report with their meaning. */
export const DEFINITIONS: readonly (readonly [term: string, meaning: string])[] = [
  [
    'Baseline',
    'What is compared with: the fastest BLAS library that the agent found on the device, on the same matrices, number format and threads. Without one it is this project’s own portable GEMM, and nothing is claimed.',
  ],
  [
    '<n,m,p;r>',
    'An algorithm that multiplies an n×m matrix of blocks by an m×p one with r multiplications of blocks. The letters and digits after it are the beginning of its content hash, by which files and tables name it.',
  ],
  [
    'Recommended, equally fast',
    'Of what is called faster, within the bound on the error that the run was given (4 times that of a plain product if none), those are equally fast whose estimate is at least the lower end of the fastest one’s interval. The most accurate of them is recommended (what a tuning run chose goes before it). Where nothing is called faster, the baseline is what to run, and the best measured is the fastest estimate.',
  ],
  [
    'Best found against best known',
    'The speed of the fastest algorithm that was found here over the speed of the fastest known one (a reference or read from a file, the baseline aside). The two were timed apart, so the interval is wider than theirs. If it contains 1, there is no clear difference.',
  ],
  ['Memory', 'The workspace that a product needs beside A, B and C themselves.'],
  [
    'Speed-up',
    'Time of the baseline over time of the candidate, as exp(median of the logarithms of the paired ratios), one ratio per round. The 95 % interval is a percentile bootstrap of the rounds with the stored seed. It can be computed again from the raw samples in the JSON file beside this report.',
  ],
  [
    'Faster',
    'Said only by the agent: the interval’s lower end is above 1 and above the largest difference seen when the baseline is timed against itself, the baseline is a BLAS library, and that library reaches 80 to 105 % of the measured multiply-add peak. Slightly faster: faster by less than 2 %. Slower: the interval ends below 1. Undecided: it contains 1. Not claimed: the interval is above 1, but one of the other conditions is not met.',
  ],
  [
    'A/A control',
    'The baseline timed against itself on the same device. It shows how far from 1 a ratio can be without any difference. If its interval lies beside 1, its estimate is the largest difference seen; if it contains 1 and is narrow, none was seen; if it is too wide to tell, its farther end counts.',
  ],
  [
    'Own GEMM',
    'The same engine as the candidate, with the schoolbook step instead of the algorithm. “Over own GEMM” is what the algorithm gains; “own GEMM” is what the engine gains or loses against the baseline.',
  ],
  [
    'Effective GFLOP/s',
    '2 M K N divided by the median time, in billions per second. It counts the work of the schoolbook product even where an algorithm does less, so a fast algorithm can exceed 100 % of the peak.',
  ],
  [
    'Relative error',
    'Frobenius norm of the difference to the product computed in float64, over the norm of that product. The baseline’s error on the same inputs is beside it. Inputs are zero-mean; errors on all-positive and on badly scaled ones (rows and columns of very different powers of two), where they were measured, are among the remarks, with the componentwise error: the largest |C − AB| / (|A||B|) of an element.',
  ],
  [
    'Growth, predicted error',
    'Growth is how many times an algorithm multiplies the root mean square of the rounding errors of random zero-mean inputs: sqrt(Phi / (n m p)) of each level, multiplied (arXiv 2609.26077). The predicted relative error is the growth times the error of a leaf product, measured on the same device with <1,1,1> and with Winograd’s form. A measured error far above it is flagged as a fault.',
  ],
  [
    'Rank',
    'Multiplications of blocks in one application of the algorithm, all its levels together. Strassen² is Strassen’s algorithm applied to the blocks of Strassen’s algorithm.',
  ],
  [
    'Energy',
    'Joules for one product, as the mean over all samples. It is there only for sustained measurements and where the processor reports it (RAPL). It is the energy of all processor packages, including idle cores and whatever else ran, without graphics cards and memory outside the packages. Baseline and candidate took turns, so both carry the same.',
  ],
  [
    'Which measurement',
    'A row is one device, problem, backend, variant and algorithm. Where it was measured several times, the latest job that was not cancelled is shown, never the best; the spread of all is in the remarks.',
  ],
];

/** Counts the runs, devices and jobs behind the report and says when they were measured, in one sentence. */
export function scopeSentence(report: Report): string {
  const runs = count(report.runs.length, 'run');
  if (report.measured === null) return `${runs}, no measurements.`;
  const [first, last] = [report.measured.first.slice(0, 16), report.measured.last.slice(0, 16)].map((time) =>
    time.replace('T', ' '),
  );
  const period = first === last ? `at ${first} UTC` : `from ${first} to ${last} UTC`;
  return `${runs}, ${count(report.devices.length, 'device')}, ${count(report.jobs, 'job')}, measured ${period}.`;
}
