import { setImmediate } from 'node:timers/promises';
import {
  AlphaTensorError,
  countNonzeros,
  type FactorizationRecord,
  formatSize,
  growth,
  loadFactorizations,
  realNumber,
  type VerifiedFactorization,
  wholeNumber,
} from '@alphatensor-edge/shared';
import { Command, Option } from 'commander';
import { orbitFloor } from '../refine/floor.js';
import { type RefinedPoint, Refinement } from '../refine/refine.js';
import { beginning, reopenRun, type SavedRun, writeRunConfig } from '../run/config.js';
import { createRunFolder, defaultRunDir, lockRunFolder } from '../run/folder.js';
import { RefinementFolder } from '../run/refinement-folder.js';
import { budgetOption, jsonOption, seedOption } from './options.js';
import { interruptSignal, type Progress, print, printJson, progress } from './output.js';
import { checkResume, noteStopped } from './runs.js';

const DEFAULT_BUDGET = 60;
/** Seconds between two times that the state is written. */
const SAVE_EVERY = 5;
/** Floors closer to each other than this are of the same orbit. */
const SAME_FLOOR = 1e-5;

interface RefineCommandOptions {
  readonly maxNonzeros: number;
  readonly budget?: number;
  readonly chains?: number;
  readonly flips: boolean;
  readonly seed: number;
  readonly runDir?: string;
  readonly resume?: boolean;
  readonly json?: boolean;
}

/** One algorithm to refine. */
interface Start {
  readonly name: string;
  readonly factorization: VerifiedFactorization;
}

interface Refined {
  readonly from: string;
  readonly size: VerifiedFactorization['size'];
  readonly rank: number;
  readonly before: { readonly growth: number; readonly nonzeros: number };
  /** The least growth over the reals in the orbit of what was given. */
  readonly floor: number;
  /** The least growth within the allowed nonzeros, and the floor of the orbit that it lies in. */
  readonly best: { readonly growth: number; readonly nonzeros: number; readonly floor: number };
  readonly front: readonly { readonly growth: number; readonly nonzeros: number; readonly file: string }[];
  readonly chains: number;
  readonly seconds: number;
}

export function refineCommand(): Command {
  const command = new Command('refine')
    .summary('search equivalent algorithms with smaller errors and few nonzeros')
    .description(
      'Changes the bases of factorizations, and flips pairs of their products, to lower the error growth with few nonzeros: simulated annealing in exact dyadic fractions. Every result has the same rank as its start.',
    )
    .argument('[factorization...]', 'files, FILE#n,m,p for one entry of an .npz, or strassen, winograd, …')
    .addOption(
      new Option('--max-nonzeros <factor>', 'nonzeros allowed, as a multiple of those given')
        .argParser((text: string) => realNumber('--max-nonzeros', 0.5, 10)(text.replace(/x$/, '')))
        .default(1.5),
    )
    .addOption(budgetOption().default(undefined, 'one minute for each factorization'))
    .addOption(
      new Option(
        '--chains <count>',
        'stop after so many chains of annealing in all; the same count repeats the same result',
      ).argParser(wholeNumber('--chains', 1, 1e9)),
    )
    .addOption(new Option('--no-flips', 'only change bases, which stays in the orbit of what was given'))
    .addOption(seedOption().default(1))
    .addOption(new Option('--run-dir <dir>', 'folder of the run (default: runs/<date>-refine)'))
    .addOption(new Option('--resume', 'continue the run in --run-dir'))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  at-trainer refine winograd --budget 5s
  at-trainer refine 'factorizations_r.npz#3,3,3' 'factorizations_r.npz#4,4,4' --budget 60s --run-dir runs/accurate
  at-trainer refine --run-dir runs/accurate --resume --budget 5m`,
    );
  return command.action((names: string[], options: RefineCommandOptions) => refine(command, names, options));
}

async function refine(command: Command, names: readonly string[], options: RefineCommandOptions): Promise<void> {
  checkResume(command, options, ['chains']);
  const { saved, starts, runDir } = options.resume
    ? await reopen(names, options.runDir as string)
    : await create(names, options);
  const lock = lockRunFolder(runDir);
  const signal = interruptSignal();
  const results: Refined[] = [];
  try {
    writeRunConfig(runDir, saved);
    for (const [index, start] of starts.entries()) {
      if (signal.aborted) break;
      const shown = progress(`refining ${start.name}${starts.length > 1 ? ` (${index + 1} of ${starts.length})` : ''}`);
      try {
        results.push(await refineOne(start, saved, options, runDir, shown, signal));
      } finally {
        shown.stop();
      }
      if (!options.json) for (const line of linesOf(results[results.length - 1])) print(line);
    }
  } finally {
    lock.release();
  }
  const { seed, maxNonzeros, flips } = saved;
  if (options.json) printJson({ seed, maxNonzeros, flips, results, runDir });
  else print(`run        ${runDir}`);
  if (signal.aborted) noteStopped('refine', runDir);
}

async function refineOne(
  { name, factorization }: Start,
  { seed, maxNonzeros, flips }: SavedRun<'refine'>,
  { budget, chains }: RefineCommandOptions,
  runDir: string,
  shown: Progress,
  signal: AbortSignal,
): Promise<Refined> {
  const folder = new RefinementFolder(runDir, factorization);
  const refinement = new Refinement(factorization, { seed, maxNonzeros, flips }, folder.read());
  const seconds = budget ?? (chains === undefined ? DEFAULT_BUDGET : Number.POSITIVE_INFINITY);
  const startedAt = performance.now();
  const elapsed = (): number => (performance.now() - startedAt) / 1000;
  let savedAt = 0;
  while (!signal.aborted && elapsed() < seconds && refinement.chains < (chains ?? Number.POSITIVE_INFINITY)) {
    refinement.advance();
    const done = Math.max(elapsed() / seconds, chains === undefined ? 0 : refinement.chains / chains);
    shown.update(done, `growth ${refinement.best.growth.toFixed(3)}, floor ${refinement.floor.growth.toFixed(3)}`);
    if (elapsed() - savedAt > SAVE_EVERY) {
      savedAt = elapsed();
      folder.save(refinement.state);
    }
    await setImmediate();
  }
  const before = { growth: growth(factorization), nonzeros: countNonzeros(factorization) };
  const front = refinement.front.filter(({ nonzeros }) => nonzeros <= maxNonzeros * before.nonzeros);
  const records = front.map((point) => recordOf(point, name, before, refinement.floor.growth, seed));
  const files = await folder.saveFront(records, refinement.state);
  const { best } = refinement;
  return {
    from: name,
    size: factorization.size,
    rank: factorization.rank,
    before,
    floor: refinement.floor.growth,
    best: { growth: best.growth, nonzeros: best.nonzeros, floor: orbitFloor(best.factorization).growth },
    front: front.map((point, index) => ({ growth: point.growth, nonzeros: point.nonzeros, file: files[index] })),
    chains: refinement.chains,
    seconds: elapsed(),
  };
}

/** A file's content; the floor tells whether flips led to another orbit. */
function recordOf(
  { factorization, growth: reached, nonzeros }: RefinedPoint,
  from: string,
  before: Refined['before'],
  floor: number,
  seed: number,
): FactorizationRecord {
  const isInOrbit = Math.abs(orbitFloor(factorization).growth / floor - 1) < SAME_FLOOR;
  const how = isInOrbit ? 'by changes of basis' : 'by changes of basis and flips';
  return {
    factorization,
    origin: isInOrbit ? 'symmetry' : 'flip-graph',
    created: new Date().toISOString(),
    notes: `Refined from ${from} (growth ${before.growth.toFixed(3)}, ${before.nonzeros} nonzeros) ${how} to growth ${reached.toFixed(3)}, ${nonzeros} nonzeros (seed ${seed}).`,
  };
}

async function create(
  names: readonly string[],
  { seed, maxNonzeros, flips, ...options }: RefineCommandOptions,
): Promise<{ saved: SavedRun<'refine'>; starts: Start[]; runDir: string }> {
  if (names.length === 0) {
    throw new AlphaTensorError('INVALID_ARGUMENT', 'Nothing to refine: name a factorization, for example winograd.', {
      field: 'factorization',
    });
  }
  const starts = await load(names);
  const runDir = options.runDir ?? defaultRunDir('refine');
  createRunFolder(runDir);
  const saved: SavedRun<'refine'> = {
    command: 'refine',
    from: names,
    seed,
    maxNonzeros,
    flips,
    sessions: 1,
    ...beginning(),
    demonstrations: names,
  };
  return { saved, starts, runDir };
}

async function reopen(
  names: readonly string[],
  runDir: string,
): Promise<{ saved: SavedRun<'refine'>; starts: Start[]; runDir: string }> {
  if (names.length > 0) {
    throw new AlphaTensorError('INVALID_ARGUMENT', 'With --resume the run knows its factorizations; name none.', {
      field: 'factorization',
    });
  }
  const saved = reopenRun(runDir, 'refine');
  return { saved: { ...saved, sessions: saved.sessions + 1 }, starts: await load(saved.from), runDir };
}

/** @throws AlphaTensorError if one is modulo 2, before any work */
async function load(names: readonly string[]): Promise<Start[]> {
  const starts: Start[] = [];
  for (const name of names) {
    const records = await loadFactorizations(name);
    for (const { factorization } of records) {
      if (factorization.arithmetic === 'modulo-2') {
        throw new AlphaTensorError(
          'INVALID_ARGUMENT',
          `${name} is modulo 2, where nothing is rounded; only algorithms over the rationals can be refined.`,
          { field: 'factorization' },
        );
      }
      const suffix = records.length > 1 ? ` ${formatSize(factorization.size)}` : '';
      starts.push({ name: `${name}${suffix}`, factorization });
    }
  }
  return starts;
}

function linesOf({ from, size, rank, before, floor, best, front, chains, seconds }: Refined): string[] {
  const over = (100 * (best.growth / floor - 1)).toFixed(1);
  return [
    `${from}: ${formatSize(size).slice(0, -1)};${rank}>, growth ${before.growth.toFixed(3)}, ${before.nonzeros} nonzeros`,
    `  floor    ${floor.toFixed(3)} over the reals; the orbit of the best has ${best.floor.toFixed(3)}`,
    `  reached  ${best.growth.toFixed(3)}, ${over} % above the floor, ${best.nonzeros} nonzeros (${(best.nonzeros / before.nonzeros).toFixed(2)}x), ${chains} chains in ${seconds.toFixed(1)} s`,
    ...front.map(
      (point) =>
        `  growth ${point.growth.toFixed(3)}  ${(point.nonzeros / before.nonzeros).toFixed(2)}x nonzeros  ${point.file}`,
    ),
  ];
}
