import { loadavg } from 'node:os';
import { AlphaTensorError, usableThreads, wholeNumber } from '@alphatensor-edge/shared';
import { Command, Option } from 'commander';
import { accelerateCommand as runAccelerated } from '../intercept/accelerate.js';
import { buildLibrary } from '../intercept/build-library.js';
import { requireInterceptable } from '../intercept/executable.js';
import { busyLines, gainLines, libraryLine } from '../intercept/gain-text.js';
import { type BlasLibrary, newestLibrary, openLibrary } from '../intercept/library-record.js';
import { exitStatus } from '../intercept/run-command.js';

interface AccelerateOptions {
  readonly library?: string;
  readonly dispatch?: string;
  readonly sample: number;
}

/** How often a product is computed by the BLAS as well: about 5 % of the time of many products. */
const DEFAULT_SAMPLE = 20;

/** Makes `at-agent accelerate`, which runs a program with the library that tuning made before its BLAS. */
export function accelerateCommand(): Command {
  return new Command('accelerate')
    .summary('run a program with what tuning found, and say what it gained')
    .description(
      'Runs a program, unchanged, with a library before its BLAS that computes products by the algorithms that tuning found on this device, and says on the standard error what that gained. The exit status is that of the program.',
    )
    .argument('[command...]', 'the program and its arguments, after --; without it, --dispatch only builds the library')
    .option(
      '--library <file>',
      'a libfastmm_blas.so of "make blas" (default: the newest that was built on this device)',
    )
    .addOption(
      new Option(
        '--dispatch <file>',
        'build the library of this dispatch.json of at-trainer tune, and keep it as the newest (default: none is built)',
      ).conflicts('library'),
    )
    .option(
      '--sample <count>',
      'of each kind of product, time the second and every so-manieth by the BLAS as well; 0: none',
      wholeNumber('--sample', 0, 1_000_000),
      DEFAULT_SAMPLE,
    )
    .addHelpText(
      'after',
      '\nExamples:\n  at-agent accelerate -- python app.py\n' +
        '  at-agent accelerate --library fastmm/build-blas/libfastmm_blas.so --sample 0 -- ./solver\n' +
        '  at-agent accelerate --dispatch runs/laptop-tune/dispatch.json -- python app.py',
    )
    .action(accelerate);
}

async function accelerate(command: string[], options: AccelerateOptions): Promise<void> {
  if (command.length === 0 && options.dispatch === undefined) {
    throw new AlphaTensorError('INVALID_ARGUMENT', 'Name the program to run, after --.', { field: 'command' });
  }
  if (command.length > 0) requireInterceptable(command[0]);
  const library = await libraryOf(options);
  // The standard output is the program's.
  process.stderr.write(`${libraryLine(library)}\n`);
  if (command.length === 0) return;
  const load = loadavg()[0];
  const { gain, end } = await runAccelerated(command, library, options.sample);
  process.stderr.write(`\n${[...gainLines(gain), ...busyLines(gain, load, usableThreads())].join('\n')}\n`);
  process.exitCode = exitStatus(end);
}

async function libraryOf({ library, dispatch }: AccelerateOptions): Promise<BlasLibrary> {
  if (library !== undefined) return openLibrary(library);
  if (dispatch === undefined) return newestLibrary();
  const stop = new AbortController();
  const onSignal = (): void => stop.abort();
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  try {
    process.stderr.write(`building the library of ${dispatch}\n`);
    return await buildLibrary(dispatch, stop.signal);
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}
