// The generated CPU programs against every BLAS of this device; `npm run bench:gemm -- --help` tells the options.
// Run after `npm run build`: node test/bench/gemm.mjs
import { arch, cpus, loadavg, release, totalmem, type } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { cProgram } from '../../agent/dist/codegen/c/variant.js';
import { availableMemory } from '../../agent/dist/measure/available-memory.js';
import { checkResults, RUNS_OF_CHECK } from '../../agent/dist/measure/correctness.js';
import { readDeviceState, readHugePages } from '../../agent/dist/measure/environment.js';
import { memoryLimit, memoryNeed, memoryShortage } from '../../agent/dist/measure/memory.js';
import { cpuSecondsFor, patienceFor } from '../../agent/dist/measure/patience.js';
import { MIN_WARMUP_RUNS, resolveProtocol } from '../../agent/dist/measure/protocol.js';
import { estimateRatio, timeRounds } from '../../agent/dist/measure/rounds.js';
import { exactRange } from '../../agent/dist/plan/exact-range.js';
import { defaultKernelPlan } from '../../agent/dist/plan/kernel-plan.js';
import { ELEMENT_BYTES } from '../../agent/dist/plan/plan.js';
import { findToolchain } from '../../agent/dist/toolchain/backends.js';
import { C_COMPILERS, compileHarness, compileProgram } from '../../agent/dist/toolchain/c-compiler.js';
import { cacheSizes, cpuModel, pickCpus, vectorIsa } from '../../agent/dist/toolchain/cpu.js';
import { withHarness } from '../../agent/dist/toolchain/harness.js';
import { withHostLock } from '../../agent/dist/toolchain/host-lock.js';
import { withPrivateFolder } from '../../agent/dist/toolchain/private-folder.js';
import { AGENT_VERSION } from '../../agent/dist/version.js';
import { loadFactorization, median, standard, verify, winograd } from '../../shared/dist/index.js';
import { renderReport } from './gemm-table.mjs';

const HELP = `Times generated programs and every BLAS of this device in turns, in random order, within one process a row.

  --sizes N,N      sides of the square matrices (1024,2048,4096)
  --large          also 8192
  --dtypes T,T     f32,f64
  --threads N,N    1,2
  --programs A,B   of own, W1, W2, W3, 4x2x4, 4x5x5, 4x4x4 (all); also any algorithm that at-agent benchmark takes, levels joined by *
  --backend NAME   ${Object.keys(C_COMPILERS).join(' or ')} (c-gcc)
  --isa NAME       avx2: programs and OpenBLAS as on a processor without AVX-512; other libraries as they choose
  --kernel K=V,..  fields of the kernel plan to change, such as kc=256,tileRows=480
  --budget SECONDS for the rounds of a row (40); at least --min-rounds are timed
  --min-rounds N   (5)
  --clock NAME     wall, or cpu for one thread on a busy device (wall)
  --recompile      compile everything anew, to tell the compile time
  --seed N         of the inputs, the order and the bootstrap (0)
  --json           one object with every sample instead of the table
`;

const DATA = fileURLToPath(new URL('../../../shared/data/', import.meta.url));
const MAX_ROUNDS = 30;
const SAMPLE_SECONDS = 0.03;
const COMPILE_SECONDS = 300;
/** Address space for a further library and the buffers that it keeps. */
const LIBRARY_BYTES = 2 * 1024 ** 3;
/** The relative error, as a multiple of the baseline's own, that so many levels may have. */
const ERROR_FACTORS = { 1: 5, 2: 12, 3: 30 };

const OPTIONS = {
  sizes: { type: 'string', default: '1024,2048,4096' },
  large: { type: 'boolean', default: false },
  dtypes: { type: 'string', default: 'f32,f64' },
  threads: { type: 'string', default: '1,2' },
  programs: { type: 'string', default: 'own,W1,W2,W3,4x2x4,4x5x5,4x4x4' },
  backend: { type: 'string', default: 'c-gcc' },
  isa: { type: 'string' },
  kernel: { type: 'string', default: '' },
  budget: { type: 'string', default: '40' },
  'min-rounds': { type: 'string', default: '5' },
  clock: { type: 'string', default: 'wall' },
  recompile: { type: 'boolean', default: false },
  seed: { type: 'string', default: '0' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
};

/** What --isa stands for: flags of the compiler, and what makes OpenBLAS choose the same instructions. */
const INSTRUCTION_SETS = {
  avx2: { flag: '-march=haswell', environments: { OpenBLAS: { OPENBLAS_CORETYPE: 'Haswell' } } },
};

/** The toolchain for the processor as it is, or for one that has less. */
async function toolchainFor(isa, toolchain, signal) {
  if (isa === undefined) return { ...toolchain, vectorIsa: vectorIsa() };
  const { flag, environments } = INSTRUCTION_SETS[oneOf('isa', isa, Object.keys(INSTRUCTION_SETS))];
  const flags = toolchain.compiler.flags.map((each) => (each === '-march=native' ? flag : each));
  const compiler = { ...toolchain.compiler, flags };
  const harness = await compileHarness(compiler, signal);
  // What the ranking found to be fastest is for the processor as it is; so is what a library said of itself then.
  const blas = toolchain.blas.map((library) => ({
    ...library,
    environment: environments[library.name] ?? {},
    configuration: '',
  }));
  return { ...toolchain, compiler, harness, blas, vectorIsa: isa };
}

/** The levels of a program by its name, outermost first. */
const KNOWN = {
  own: async () => [standard({ n: 1, m: 1, p: 1 })],
  W1: async () => [winograd()],
  W2: async () => [winograd(), winograd()],
  W3: async () => [winograd(), winograd(), winograd()],
  '4x2x4': async () => [
    rotated(rotated(await fromData('fast-matrix-multiplication/2x4x4_m26_cr92_cn130_ZT_reduced.json'))),
  ],
  '4x5x5': async () => [await fromData('deepmind-alphatensor/factorizations_r.npz#4,5,5')],
  '4x4x4': async () => [await fromData('fast-matrix-multiplication/4x4x4_m49_cr159_fv100_cn474_ZT_reduced.json')],
};

async function fromData(path) {
  return (await loadFactorization(DATA + path)).factorization;
}

/** The <m,p,n> algorithm that a cyclic step of the modes makes of an <n,m,p> algorithm (de Groote, 1978). */
function rotated({ size: { n, m, p }, rank, arithmetic, u, v, w }) {
  return verify({ size: { n: m, m: p, p: n }, rank, arithmetic, u: v, v: w, w: u });
}

function levelsOf(name) {
  return (
    KNOWN[name]?.() ?? Promise.all(name.split('*').map(async (level) => (await loadFactorization(level)).factorization))
  );
}

function log(text) {
  process.stderr.write(`${text}\n`);
}

function listed(text) {
  return text.split(',').filter(Boolean);
}

/** A whole number of an option, or an error that names it. */
function whole(name, text, low) {
  const value = Number(text);
  if (!(Number.isInteger(value) && value >= low)) {
    throw new Error(`--${name} takes whole numbers from ${low} on, not "${text}".`);
  }
  return value;
}

/** The fields that --kernel changes. */
function kernelChanges(text) {
  const fields = Object.keys(defaultKernelPlan('generic', {}, 4));
  return Object.fromEntries(
    listed(text).map((change) => {
      const [field, value] = change.split('=');
      return [oneOf('kernel', field, fields), whole('kernel', value, 0)];
    }),
  );
}

function oneOf(name, text, known) {
  if (!known.includes(text)) throw new Error(`--${name} must be one of ${known.join(', ')}, but is ${text}.`);
  return text;
}

/** Programs of one number format, compiled. What cannot be had keeps the reason. */
async function buildPrograms(names, dtype, { compiler, vectorIsa }, settings) {
  const target = { vectorIsa, caches: cacheSizes() };
  const kernel = { ...defaultKernelPlan(target.vectorIsa, target.caches, ELEMENT_BYTES[dtype]), ...settings.kernel };
  const programs = [];
  for (const [index, name] of names.entries()) {
    const side = String.fromCharCode('A'.charCodeAt(0) + index);
    try {
      const levels = await levelsOf(name);
      const program = cProgram('packed', levels, dtype, target, kernel);
      log(`${dtype} ${name}: compiling`);
      const compiled = await compileProgram(compiler, program.source(), {
        signal: settings.signal,
        deadlineSeconds: COMPILE_SECONDS,
      });
      if (!compiled.ok)
        throw new Error(`${compiler.command}: ${compiled.end.stderr.trim().slice(0, 500) || 'timeout'}`);
      const sizes = levels.map(({ size, rank }) => ({ ...size, rank }));
      const compileSeconds = compiled.cached ? null : compiled.seconds;
      programs.push({ name, side, sizes, program, path: compiled.path, compileSeconds });
    } catch (error) {
      settings.signal.throwIfAborted();
      // A published factorization may be absent; what was asked for by another name must be there.
      if (!(name in KNOWN)) throw error;
      programs.push({ name, side, reason: error.message });
      log(`${dtype} ${name}: left out: ${error.message}`);
    }
  }
  return programs;
}

/** Leaves out what does not fit into the memory; what is left shares one workspace. */
function fitting(programs, problem) {
  const available = availableMemory();
  return programs.map((entry) => {
    if (entry.program === undefined) return { ...entry, outcome: 'UNAVAILABLE' };
    const workspaceBytes = entry.program.workspaceBytes(problem, problem.threads);
    const shortage = memoryShortage(memoryNeed(problem, [workspaceBytes]), available);
    const found = { ...entry, workspaceBytes };
    return shortage === undefined ? found : { ...found, outcome: 'OUT_OF_MEMORY', reason: shortage };
  });
}

/** All libraries and programs on one problem, in one child: the same matrices, the same pages, the same threads. */
async function measureRow(problem, programs, toolchain, settings) {
  const { blas, harness } = toolchain;
  const row = { size: problem.m, dtype: problem.dtype, threads: problem.threads };
  const shortage = memoryShortage(memoryNeed(problem, []), availableMemory());
  if (shortage !== undefined) return { ...row, outcome: 'OUT_OF_MEMORY', reason: shortage };
  const all = fitting(programs, problem);
  const fit = all.filter(({ outcome }) => outcome === undefined);
  const need = memoryNeed(
    problem,
    fit.map(({ workspaceBytes }) => workspaceBytes),
  );
  const libraries = blas.map((library, index) => ({ ...library, side: index === 0 ? 'B' : `${index}` }));
  const sides = [...libraries, ...fit].map(({ side }) => side);
  const protocol = {
    ...resolveProtocol(null, problem.dtype),
    minSampleSeconds: SAMPLE_SECONDS,
    minRounds: settings.minRounds,
    maxRounds: Math.max(settings.minRounds, MAX_ROUNDS),
    budgetSeconds: settings.budgetSeconds,
    targetRelativeHalfWidth: 0.003,
    seed: settings.seed,
  };
  const patience = patienceFor(problem);
  const cpusUsed = pickCpus(problem.threads);
  if (cpusUsed.length < problem.threads) {
    return { ...row, outcome: 'UNAVAILABLE', reason: `There are ${cpusUsed.length} CPUs.` };
  }
  const child = {
    harness,
    blas: blas[0],
    dimensions: problem,
    dtype: problem.dtype,
    seed: protocol.seed,
    memoryBytes: memoryLimit(need, problem.threads) + (libraries.length - 1) * LIBRARY_BYTES,
    // The bound is for three sides.
    cpuSeconds: Math.ceil((sides.length / 3) * cpuSecondsFor(problem.threads, protocol, patience)),
    cpus: cpusUsed,
    programs: Object.fromEntries(fit.map(({ side, path }) => [side, path])),
    libraries: Object.fromEntries(libraries.slice(1).map((library) => [library.side, library])),
    startSeconds: patience.start,
    signal: settings.signal,
  };
  const range = Math.min(
    exactRange(1, problem.k, problem.k, problem.dtype),
    ...fit.map(({ program }) => program.exactRange(problem)),
  );
  return withHarness(child, async (conversation) => {
    const introduction = await conversation.introduction();
    const before = readDeviceState(cpusUsed);
    const verdict = await checkResults(conversation, sides.slice(1), range, protocol, patience);
    if (!verdict.ok) {
      const who = [...libraries, ...fit].find(({ side }) => side === verdict.who).name;
      throw new Error(`${who} on ${problem.m} ${problem.dtype}: ${verdict.message}`);
    }
    const rounds = await timeRounds(conversation, {
      sides: Object.fromEntries(sides.map((side) => [side, side])),
      judged: ['B', sides.at(-1)],
      protocol,
      patience,
      baselineSeconds: verdict.baselineSeconds,
      warmupRuns: Math.max(1, MIN_WARMUP_RUNS - RUNS_OF_CHECK),
      onProgress: ({ rounds: count }) => settings.onRound(count),
    });
    const phases = {};
    for (const { side } of fit) {
      const seconds = rounds.seconds[side][0];
      const runs = Math.ceil(SAMPLE_SECONDS / seconds);
      phases[side] = await conversation.phases(side, runs, patience.runs(verdict.baselineSeconds, runs));
    }
    return {
      ...row,
      outcome: 'MEASURED',
      peakGflops: rounds.peakGflops,
      stopReason: rounds.stopReason,
      exactCheckRange: range,
      hugePageKilobytes: introduction.hugePageKilobytes,
      workspaceBytes: introduction.workspaceBytes,
      before,
      after: readDeviceState(cpusUsed),
      ...judge(problem, libraries, all, { rounds, errors: verdict.relativeErrors, phases }, settings),
    };
  });
}

/** Rates, ratios over the best library of this row, errors and shares. */
function judge(problem, libraries, programs, { rounds, errors, phases }, settings) {
  // On one thread processor time leaves out what other processes took of the CPU; on several, idle threads would count as busy.
  const rate = (side) => {
    const samples = problem.threads === 1 ? rounds.cpuSeconds[side] : rounds.seconds[side];
    return (2 * problem.m * problem.k * problem.n) / median(samples) / 1e9;
  };
  const clock = settings.clock === 'cpu' && problem.threads === 1 ? 'cpuSeconds' : 'seconds';
  const samplesOf = (side) => ({ seconds: rounds.seconds[side], cpuSeconds: rounds.cpuSeconds[side] });
  const best = libraries.reduce((a, b) => (median(rounds[clock][b.side]) < median(rounds[clock][a.side]) ? b : a));
  const ratio = (side) => estimateRatio(rounds[clock][best.side], rounds[clock][side], settings.seed);
  return {
    clock: clock === 'seconds' ? 'wall' : 'cpu',
    baseline: best.library,
    libraries: libraries.map(({ side, ...library }) => ({
      ...library,
      gflops: rate(side),
      shareOfPeak: rate(side) / rounds.peakGflops,
      relativeError: errors[side],
      ...samplesOf(side),
    })),
    programs: programs.map(({ side, program, path: _, ...entry }) => {
      if (entry.outcome !== undefined) return entry;
      const errorFactor = errors[side] / errors[best.side];
      const limit = entry.name === 'own' ? undefined : ERROR_FACTORS[entry.sizes.length];
      const { total, ...spent } = phases[side];
      return {
        ...entry,
        outcome: 'MEASURED',
        kernel: program.kernel,
        ratio: ratio(side),
        gflops: rate(side),
        relativeError: errors[side],
        errorFactor,
        errorFactorLimit: limit ?? null,
        overErrorFactorLimit: limit !== undefined && errorFactor > limit,
        // Of the first thread.
        shares: Object.fromEntries(Object.entries(spent).map(([phase, seconds]) => [phase, seconds / total])),
        ...samplesOf(side),
      };
    }),
  };
}

async function main() {
  const { values: options } = parseArgs({ options: OPTIONS });
  if (options.help) {
    process.stdout.write(HELP);
    return;
  }
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort()).once('SIGTERM', () => stop.abort());
  const settings = {
    signal: stop.signal,
    budgetSeconds: whole('budget', options.budget, 1),
    minRounds: whole('min-rounds', options['min-rounds'], 3),
    clock: oneOf('clock', options.clock, ['wall', 'cpu']),
    seed: whole('seed', options.seed, 0),
    kernel: kernelChanges(options.kernel),
  };
  const sizes = [...listed(options.sizes).map((text) => whole('sizes', text, 1)), ...(options.large ? [8192] : [])];
  const dtypes = listed(options.dtypes).map((text) => oneOf('dtypes', text, ['f32', 'f64']));
  const threadCounts = listed(options.threads).map((text) => whole('threads', text, 1));
  const probe = await findToolchain(oneOf('backend', options.backend, Object.keys(C_COMPILERS)), stop.signal);
  if (!probe.ok) throw new Error(`${options.backend} is not available: ${probe.reason}`);
  const toolchain = await toolchainFor(options.isa, probe.toolchain, stop.signal);

  const started = performance.now();
  const elapsed = () => `${((performance.now() - started) / 1000).toFixed(0)} s`;
  const loadAverageBefore = loadavg()[0];
  const startedAt = new Date().toISOString();
  const buildAll = async () => {
    const programs = {};
    for (const dtype of dtypes) {
      programs[dtype] = await buildPrograms(listed(options.programs), dtype, toolchain, settings);
    }
    return programs;
  };
  const rows = [];
  const measureAll = async (programs) => {
    for (const size of sizes) {
      for (const dtype of dtypes) {
        for (const threads of threadCounts) {
          const problem = { m: size, k: size, n: size, dtype, threads };
          const name = `${size} ${dtype}, ${threads} thread(s)`;
          log(`${elapsed()}: ${name}`);
          let count = 0;
          settings.onRound = (rounds) => {
            count = rounds;
          };
          const row = await withHostLock(stop.signal, () => measureRow(problem, programs[dtype], toolchain, settings));
          log(`${elapsed()}: ${name}: ${row.reason ?? `${count} rounds`}`);
          rows.push(row);
        }
      }
    }
  };
  if (options.recompile) {
    await withPrivateFolder(async (folder) => {
      const { ALPHATENSOR_CACHE_DIR: usual } = process.env;
      process.env.ALPHATENSOR_CACHE_DIR = folder;
      const programs = await buildAll();
      if (usual === undefined) delete process.env.ALPHATENSOR_CACHE_DIR;
      else process.env.ALPHATENSOR_CACHE_DIR = usual;
      await measureAll(programs);
    });
  } else {
    await measureAll(await buildAll());
  }
  const report = {
    formatVersion: 1,
    startedAt,
    seconds: (performance.now() - started) / 1000,
    machine: {
      cpuModel: cpuModel(),
      cpus: cpus().length,
      architecture: arch(),
      vectorIsa: toolchain.vectorIsa,
      ...cacheSizes(),
      memoryBytes: totalmem(),
      hugePages: readHugePages() ?? null,
      os: type(),
      kernel: release(),
    },
    versions: {
      agent: AGENT_VERSION,
      node: process.version,
      compiler: toolchain.compiler.version,
      compilerFlags: toolchain.compiler.flags.join(' '),
    },
    loadAverage: { before: loadAverageBefore, after: loadavg()[0] },
    options: { ...options },
    rows,
  };
  process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : renderReport(report));
}

try {
  await main();
} catch (error) {
  log(error.message);
  process.exitCode = 1;
}
