import {
  AlphaTensorError,
  numberFormat,
  OPTION_WORDS,
  parseWorkspaceTimes,
  transposedSuffix,
  wholeNumber,
} from '@alphatensor-edge/shared';
import { Command, Option } from 'commander';
import { cacheSizes } from '../device/cpu.js';
import { dispatchLibrary } from '../export/dispatch-library.js';
import { ISA_NAMES, type IsaName } from '../export/kernel-table.js';
import { readLevels } from '../export/levels.js';
import { readMeasured } from '../export/measured.js';
import { readDispatch } from '../export/read-dispatch.js';
import { DEFAULT_LIBRARY_NAME, type Written, writeCLibrary } from '../export/write-c-library.js';
import { requireFreeFolder, writeLibrary } from '../export/write-library.js';
import type { DType } from '../plan/plan.js';
import { AGENT_VERSION } from '../version.js';

interface ExportCommandOptions {
  readonly levels: number;
  readonly out: string;
  readonly dtype: DType[];
  readonly name: string;
  readonly isa: IsaName;
  readonly maxWorkspace: number;
  readonly crossover?: number;
  readonly measured?: string;
  readonly dispatch?: string;
  readonly force?: true;
  readonly json?: true;
}

const DTYPES: readonly DType[] = ['f32', 'f64'];
const MAX_CROSSOVER = 65_536;

/** Makes `at-agent export`, which writes an algorithm as a C library that does not need this program. */
export function exportCommand(): Command {
  return new Command('export')
    .description(
      'write one algorithm, or the best for each shape, as a C library: readable source, header, Makefile (install, a wheel for Python), test, benchmark',
    )
    .argument('[factorization...]', `recursion levels, outermost first: ${OPTION_WORDS.factorizations}`)
    .requiredOption('--out <dir>', 'folder to write to')
    .addOption(new Option('--target <language>', 'what to write').choices(['c']).default('c'))
    .option('--levels <count>', OPTION_WORDS.levels, wholeNumber('--levels', 1, 6), 1)
    .addOption(
      new Option('--dtype <types>', 'number formats: f32, f64 or f32,f64')
        .argParser(parseDtypes)
        .default([...DTYPES], 'both'),
    )
    .option('--name <name>', 'prefix of everything the library declares', DEFAULT_LIBRARY_NAME)
    .addOption(
      new Option('--isa <name>', 'vector instructions to write it for; auto decides when it is compiled')
        .choices([...ISA_NAMES])
        .default('auto'),
    )
    .option(
      '--max-workspace <times>',
      'most memory of a product beside A, B and C: a multiple of theirs, such as 2x, or none',
      parseWorkspaceTimes,
      1,
    )
    .option(
      '--crossover <size>',
      'use the algorithm only where m, k and n are all at least this (default: as measured, else 256 for each block)',
      wholeNumber('--crossover', 1, MAX_CROSSOVER),
    )
    .option('--measured <file>', 'take the crossover from this JSON of measured speed-ups (default: none)')
    .addOption(
      new Option(
        '--dispatch <file>',
        'write one library that chooses by shape, from the dispatch.json of at-trainer tune (default: one of the algorithm that is named)',
      ).conflicts(['levels', 'dtype', 'crossover', 'measured']),
    )
    .option('--force', 'overwrite the files of a library in a folder that is not empty')
    .option('--json', OPTION_WORDS.json)
    .addHelpText(
      'after',
      '\nExamples:\n  at-agent export winograd --levels 2 --out winograd2\n' +
        '  at-agent export found.json --dtype f32 --name layer --crossover 1536 --out layer\n' +
        '  at-agent export --dispatch runs/laptop-tune/dispatch.json --out fastmm\n' +
        '  at-agent benchmark winograd --problem 2048 --keep winograd1      # measures the crossover, too',
    )
    .action(exportLibrary);
}

async function exportLibrary(names: string[], options: ExportCommandOptions): Promise<void> {
  if ((names.length === 0) === (options.dispatch === undefined)) {
    throw new AlphaTensorError('INVALID_ARGUMENT', 'Name the algorithm to export, or a table with --dispatch.', {
      field: 'algorithms',
    });
  }
  await requireFreeFolder(options.out, options.force === true);
  if (options.dispatch !== undefined) return exportDispatch(options.dispatch, options);
  const levels = await readLevels(names, options.levels);
  const measured = options.measured === undefined ? [] : await readMeasured(options.measured);
  const written = await writeCLibrary(levels, {
    ...options,
    measured,
    workspaceTimes: options.maxWorkspace,
    caches: cacheSizes(),
  });
  if (options.json) process.stdout.write(`${JSON.stringify(written, null, 2)}\n`);
  else process.stdout.write(`${describeWritten(written)}\n`);
}

async function exportDispatch(
  file: string,
  { out, name, isa, maxWorkspace, json }: ExportCommandOptions,
): Promise<void> {
  const dispatch = await readDispatch(file);
  const files = dispatchLibrary({
    ...dispatch,
    ...{ name, isa, workspaceTimes: maxWorkspace },
    caches: cacheSizes(),
    version: AGENT_VERSION,
  });
  await writeLibrary(out, files);
  const used = dispatch.rules.map(({ problem, fast, accurate }) => ({
    problem,
    // What a program that chooses no mode gets.
    algorithm: (dispatch.prefer === 'fast' ? fast : accurate)?.winner.label ?? null,
    fast: fast?.winner.label ?? null,
    accurate: accurate?.winner.label ?? null,
  }));
  if (json) {
    process.stdout.write(`${JSON.stringify({ folder: out, files: [...files.keys()].sort(), rules: used }, null, 2)}\n`);
    return;
  }
  const lines = used.map(({ problem: { m, k, n, dtype, threads, ...laid }, fast, accurate }) => {
    const both = fast === accurate ? [fast] : [fast, accurate];
    return `  ${m}x${k}x${n} ${dtype}${transposedSuffix(laid)}, threads ${threads}: ${both.map((one) => one ?? 'the BLAS').join(', or accurate ')}`;
  });
  process.stdout.write(`${[builtThere(out, files.size), ...lines].join('\n')}\n`);
}

function builtThere(folder: string, files: number): string {
  return `${folder}: ${files} files; build and check it there with "make test", time it with "make bench", install it with "make install" or, for Python, "make wheel"`;
}

/** Writes, for people, what was written where, and from which size on the algorithm is used. */
export function describeWritten({ folder, files, crossovers }: Written): string {
  return [
    builtThere(folder, files.length),
    ...Object.entries(crossovers).map(
      ([dtype, { size, origin }]) => `  ${dtype}: used from ${size ?? 'no size'} on. ${origin}`,
    ),
  ].join('\n');
}

function parseDtypes(text: string): DType[] {
  const types = text.split(',').map(numberFormat(DTYPES, 'Write f32, f64 or f32,f64'));
  return DTYPES.filter((type) => types.includes(type));
}
