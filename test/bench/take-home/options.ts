import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cacheFolder } from '@alphatensor-edge/agent/process/cache.js';
import { parseDuration, wholeNumber } from '@alphatensor-edge/shared';
import { count, multiple, oneOf, positive } from '../common/options.js';
import { programsOf } from './programs.js';
import { SUITE_KINDS, type SuiteKind } from './suites/suite.js';

const NAMES = programsOf('').map(({ name }) => name);
const defaultVenv = (): string => join(cacheFolder(), 'take-home');

export const HELP = `Times unchanged programs of others, each as it is, with own <1,1,1> preloaded (the same engine without an algorithm), and with the
chosen algorithms preloaded, in turn, in random order within rounds. The variables of OpenBLAS, MKL, BLIS and OpenMP are cleared for all.

Packages of Python are installed in a virtual environment; Octave and R are the system's. What is absent is a row with a reason. Without
--library it profiles the programs and tunes for them first, as at-agent profile and at-trainer tune --profile do.

  --programs A,B   of ${NAMES.join(', ')} (all)
  --threads N      (2, or 1 where there is one processor)
  --library FILE   a libfastmm_blas.so to take instead of tuning
  --profile FILE   a gemm-profile.json of these programs, such as an earlier run left in --run-dir, instead of profiling them
  --budget TIME    of the tuning (6m)
  --only-tune      stop after the tuning, and print the library
  --run-dir DIR    where profile, tuning and libraries are kept (take-home in the cache folder)
  --venv DIR       the virtual environment (${defaultVenv()})
  --offline        install nothing
  --seconds N      for the rounds of a row (20); at least --min-rounds are timed
  --min-rounds N   (7)
  --max-error 4x   mark rows whose error is more than so many times the plain program's
  --seed N         of the order and the bootstrap (0)
  --suites A,B     of ${SUITE_KINDS.join(', ')}: instead of timing, the testers of Netlib and the linear algebra tests of NumPy and SciPy with the
                   library, as tuned and with FASTMM_MODE=always, compared with a run without it
  --overhead       instead of timing programs: what the library adds to small products that it passes on, in nanoseconds, through it and
                   straight to NumPy's BLAS in turn in one process (half a minute; takes --library or tunes)
  --json           one object with every sample instead of the table

Examples:
  npm run bench take-home
  npm run bench take-home -- --programs numpy --threads 1 --budget 3m
  npm run bench take-home -- --overhead --library fastmm/build-blas/libfastmm_blas.so
  npm run bench take-home -- --suites netlib,numpy,scipy --library fastmm/build-blas/libfastmm_blas.so
`;

const OPTIONS = {
  programs: { type: 'string', default: NAMES.join(',') },
  threads: { type: 'string' },
  library: { type: 'string' },
  profile: { type: 'string' },
  budget: { type: 'string', default: '6m' },
  'only-tune': { type: 'boolean', default: false },
  'run-dir': { type: 'string' },
  venv: { type: 'string' },
  offline: { type: 'boolean', default: false },
  seconds: { type: 'string', default: '20' },
  'min-rounds': { type: 'string', default: '7' },
  'max-error': { type: 'string', default: '4x' },
  seed: { type: 'string', default: '0' },
  suites: { type: 'string' },
  overhead: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const;

export interface Settings {
  readonly programs: readonly string[];
  readonly threads: number;
  /** Undefined: it is tuned. */
  readonly library?: string | undefined;
  /** Undefined: the programs are profiled. */
  readonly profile?: string | undefined;
  readonly budget: string;
  readonly onlyTune: boolean;
  readonly folder: string;
  readonly venv: string;
  readonly offline: boolean;
  readonly seconds: number;
  readonly minRounds: number;
  readonly maxError: number;
  readonly seed: number;
  /** Undefined: programs are timed. */
  readonly suites?: readonly SuiteKind[] | undefined;
  /** Small products are timed instead of programs. */
  readonly overhead: boolean;
  readonly json: boolean;
}

/** Reads the command line. @throws AlphaTensorError INVALID_ARGUMENT */
export function readOptions(args: readonly string[]): Settings {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  // Refused here, in the words of this option, and not by the command that it goes to.
  parseDuration(values.budget);
  return {
    programs: values.programs.split(',').map((name) => oneOf('--programs', NAMES, name)),
    threads: values.threads === undefined ? Math.min(2, cpus().length) : count('--threads', values.threads),
    library: values.library,
    profile: values.profile,
    budget: values.budget,
    onlyTune: values['only-tune'],
    folder: values['run-dir'] ?? join(cacheFolder(), 'take-home-run'),
    venv: values.venv ?? defaultVenv(),
    offline: values.offline,
    seconds: positive('--seconds', values.seconds),
    minRounds: wholeNumber('--min-rounds', 3, 1000)(values['min-rounds']),
    maxError: multiple('--max-error', values['max-error']),
    seed: wholeNumber('--seed', 0, 2 ** 31 - 1)(values.seed),
    suites: values.suites?.split(',').map((name) => oneOf('--suites', SUITE_KINDS, name)),
    overhead: values.overhead,
    json: values.json,
  };
}
