import { availableParallelism } from 'node:os';
import {
  AlphaTensorError,
  type Arithmetic,
  formatSize,
  loadFactorization,
  parseSize,
  type Size,
  sameSize,
  standard,
  type VerifiedFactorization,
  wholeNumber,
} from '@alphatensor-edge/shared';
import { Command, Option } from 'commander';
import { checkPackable, checkStart } from '../explore/packed.js';
import { type ExploreProgress, type ExploreResult, type FoundByFlips, runExplore } from '../explore/run.js';
import { beginning, reopenRun, type SavedRun, writeRunConfig } from '../run/config.js';
import { bestToWalkFrom, keepFactorization } from '../run/factorizations.js';
import { createRunFolder, defaultRunDir, lockRunFolder } from '../run/folder.js';
import { appendMetrics, lastMetrics, mendMetrics } from '../run/metrics.js';
import { budgetOption, jsonOption, seedOption } from './options.js';
import { interruptSignal, note, type Progress, print, printOutcome, progress } from './output.js';
import { checkResume, missedGoal, noteStopped } from './runs.js';

interface ExploreCommandOptions {
  readonly size?: Size;
  readonly arithmetic: Arithmetic;
  readonly from: string;
  readonly untilRank?: number;
  readonly integers?: boolean;
  readonly budget?: number;
  readonly seed: number;
  readonly workers: number;
  readonly runDir?: string;
  readonly resume?: boolean;
  readonly json?: boolean;
}

export function exploreCommand(): Command {
  const command = new Command('explore')
    .summary('search algorithms by random walks in the flip graph')
    .description(
      'Walks in the flip graph on all cores, from the standard algorithm or a file to ever lower ranks: a yardstick for the learning search. Without --budget and --until-rank it goes on until Ctrl-C.',
    )
    .addOption(new Option('--size <n,m,p>', 'A is n x m, B is m x p; needed unless --resume').argParser(parseSize))
    .addOption(
      new Option(
        '--arithmetic <kind>',
        'standard: integer coefficients -1, 0, 1; modulo-2: lower ranks sooner, lifted to integers where that is possible',
      )
        .choices(['standard', 'modulo-2'])
        .default('standard'),
    )
    .addOption(
      new Option(
        '--from <start>',
        'standard; grow: from the standard algorithm of <2,2,2> through the sizes between; or a factorization file',
      ).default('standard'),
    )
    .addOption(
      new Option(
        '--until-rank <rank>',
        'stop when this rank is found; not found in the budget is exit status 10',
      ).argParser(wholeNumber('--until-rank', 1, 5000)),
    )
    .addOption(
      new Option('--integers', 'let --until-rank count only integer algorithms; modulo 2, those that were lifted'),
    )
    .addOption(budgetOption())
    .addOption(seedOption().default(1))
    .addOption(
      new Option('--workers <count>', 'threads that walk; with one, the same seed walks the same way')
        .argParser(wholeNumber('--workers', 1, 256))
        .default(availableParallelism(), 'one for each core'),
    )
    .addOption(new Option('--run-dir <dir>', 'folder of the run (default: runs/<date>-<size>)'))
    .addOption(new Option('--resume', 'continue from the best that the run in --run-dir found'))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  at-trainer explore --size 3,3,3 --until-rank 23 --budget 1m
  at-trainer explore --size 4,4,4 --arithmetic modulo-2 --from grow --until-rank 47 --budget 5m
  at-trainer explore --run-dir runs/first --resume --budget 1h`,
    );
  return command.action((options: ExploreCommandOptions) => explore(command, options));
}

async function explore(command: Command, options: ExploreCommandOptions): Promise<void> {
  checkResume(command, options, ['workers']);
  const { saved, starts, runDir } = options.resume
    ? await reopen(options.runDir as string)
    : await create(options.size, options);
  const lock = lockRunFolder(runDir);
  const signal = interruptSignal();
  const shown = progress('exploring');
  let result: ExploreResult;
  try {
    if (options.resume) mendMetrics(runDir);
    const before = lastMetrics(runDir);
    writeRunConfig(runDir, saved);
    let written = Number.NEGATIVE_INFINITY;
    let best = Number.POSITIVE_INFINITY;
    const record = ({ seconds, flips, bestRank }: ExploreProgress): void => {
      written = seconds;
      appendMetrics(runDir, {
        time: before.time + seconds,
        flips: before.flips + flips,
        flipsPerSecond: flips / seconds,
        ...(bestRank === undefined ? {} : { bestRank }),
      });
    };
    note(
      `walking in the flip graph of ${formatSize(saved.size)}, ${arithmeticWords(saved.arithmetic)}, ${threads(options.workers)}, from ${fromWords(saved, starts)}`,
    );
    result = await runExplore({
      size: saved.size,
      arithmetic: saved.arithmetic,
      starts,
      from: fromWords(saved, []),
      seed: saved.seed,
      session: saved.sessions,
      workers: options.workers,
      keep: (record) => keepFactorization(runDir, record),
      ...(options.budget === undefined ? {} : { budgetSeconds: options.budget }),
      ...(options.untilRank === undefined ? {} : { untilRank: options.untilRank }),
      integersOnly: options.integers === true,
      signal,
      hooks: {
        onProgress: (now) => {
          showProgress(shown, now, saved.size, options.budget);
          if (now.seconds - written >= METRICS_SECONDS) record(now);
        },
        onFound: (found) => {
          note(foundLine(found));
          if (found.lifted) return;
          best = Math.min(best, found.rank);
          record({ ...found, bestRank: best, size: saved.size });
        },
      },
    });
  } finally {
    shown.stop();
    lock.release();
  }
  const reached = { bestRank: options.integers ? result.bestIntegerRank : result.bestRank };
  const failure = result.reason === 'aborted' ? undefined : missedGoal('explore', reached, options.untilRank, runDir);
  const { size, arithmetic, seed } = saved;
  const document = { size, arithmetic, from: saved.from, seed, workers: options.workers, ...result, runDir };
  printOutcome(document, failure, options.json ? undefined : () => printResult(result, runDir));
  if (result.reason === 'aborted') noteStopped('explore', runDir);
}

/** Between two lines of metrics.jsonl, unless something is found. */
const METRICS_SECONDS = 10;

interface Prepared {
  readonly saved: SavedRun<'explore'>;
  /** Empty: grow. */
  readonly starts: readonly VerifiedFactorization[];
  readonly runDir: string;
}

async function create(
  size: Size | undefined,
  { arithmetic, from, seed, ...options }: ExploreCommandOptions,
): Promise<Prepared> {
  if (size === undefined) {
    throw new AlphaTensorError('INVALID_ARGUMENT', 'Nothing to search: give --size n,m,p, for example --size 3,3,3.', {
      field: '--size',
    });
  }
  checkPackable(size, arithmetic);
  const starts = await loadStarts(from, size, arithmetic);
  const runDir = options.runDir ?? defaultRunDir(size);
  createRunFolder(runDir);
  const saved: SavedRun<'explore'> = {
    command: 'explore',
    size,
    arithmetic,
    from,
    seed,
    sessions: 1,
    ...beginning(),
    demonstrations: from === 'standard' || from === 'grow' ? [] : [from],
  };
  return { saved, starts, runDir };
}

async function reopen(runDir: string): Promise<Prepared> {
  const saved = reopenRun(runDir, 'explore');
  const best = await bestToWalkFrom(runDir, saved.arithmetic);
  const starts = best.length > 0 ? best : await loadStarts(saved.from, saved.size, saved.arithmetic);
  return { saved: { ...saved, sessions: saved.sessions + 1 }, starts, runDir };
}

/** @throws AlphaTensorError if the file is of another size, or does not fit the arithmetic */
async function loadStarts(from: string, size: Size, arithmetic: Arithmetic): Promise<VerifiedFactorization[]> {
  if (from === 'grow') return [];
  if (from === 'standard') return [standard(size)];
  const { factorization } = await loadFactorization(from);
  if (!sameSize(factorization.size, size)) {
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      `${from} has size ${formatSize(factorization.size)}, not ${formatSize(size)}; change --size or choose another file.`,
      { field: '--from' },
    );
  }
  checkStart(factorization, arithmetic);
  return [factorization];
}

function showProgress(shown: Progress, now: ExploreProgress, wanted: Size, budget: number | undefined): void {
  const { seconds, flips, bestRank, size } = now;
  const parts = [
    bestRank === undefined ? 'growing' : `best rank ${bestRank}`,
    ...(sameSize(size, wanted) ? [] : [`at ${formatSize(size)}`]),
    `${(flips / seconds / 1e6).toFixed(1)} million flips/s`,
    `${Math.round(seconds)} s`,
  ];
  shown.update(budget === undefined ? 0 : seconds / budget, parts.join(', '));
}

function foundLine({ rank, arithmetic, lifted, composed, hash, seconds }: FoundByFlips): string {
  const how = `${lifted ? 'lifted to the integers' : arithmeticWords(arithmetic)}${composed ? ', composed of two smaller ones' : ''}`;
  return `found rank ${rank} (${hash.slice(0, 6)}), ${how}, after ${seconds.toFixed(1)} s`;
}

function printResult(result: ExploreResult, runDir: string): void {
  const { bestRank, bestIntegerRank, flips, seconds, flipsPerSecondPerWorker } = result;
  print(`run        ${runDir}`);
  print(`best rank  ${bestRank ?? 'nothing found'}${integerWords(bestRank, bestIntegerRank)}`);
  print(
    `flips      ${(flips / 1e6).toFixed(1)} million in ${seconds.toFixed(1)} s, ${(flipsPerSecondPerWorker / 1e6).toFixed(2)} million/s a thread`,
  );
}

function integerWords(bestRank: number | undefined, bestIntegerRank: number | undefined): string {
  if (bestRank === undefined || bestIntegerRank === bestRank) return '';
  return bestIntegerRank === undefined ? ' (modulo 2 only)' : ` (modulo 2; ${bestIntegerRank} with integers)`;
}

function arithmeticWords(arithmetic: Arithmetic): string {
  return arithmetic === 'modulo-2' ? 'modulo 2' : 'with coefficients -1, 0 and 1';
}

function threads(count: number): string {
  return `${count} thread${count === 1 ? '' : 's'}`;
}

function fromWords({ from, size, sessions }: SavedRun<'explore'>, starts: readonly VerifiedFactorization[]): string {
  if (sessions > 1 && starts.length > 0) return `the best so far, rank ${starts[0].rank}`;
  if (from === 'standard') return `the standard algorithm`;
  if (from === 'grow') return `the standard algorithm, grown through the smaller sizes`;
  return `${from} (${formatSize(size)})`;
}
