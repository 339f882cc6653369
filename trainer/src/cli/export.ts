import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OPTION_WORDS, temporaryFolder, wholeNumber } from '@alphatensor-edge/shared';
import { Command, Option } from 'commander';
import { runAgentCommand } from '../fleet/local/agent-command.js';
import { measuredSpeedups } from '../run/measured-speedups.js';
import { jsonOption, levelsOption } from './options.js';

interface ExportOptions {
  readonly levels: number;
  readonly target: string;
  readonly out: string;
  readonly dtype?: string;
  readonly name?: string;
  readonly isa?: string;
  readonly maxWorkspace?: string;
  readonly crossover?: number;
  readonly measurements?: string;
  readonly dispatch?: string;
  readonly agent?: string;
  readonly force?: true;
  readonly json?: true;
}

export function exportCommand(): Command {
  return new Command('export')
    .summary('write an algorithm as a C library')
    .description(
      'Writes an algorithm as readable C with a header, a Makefile, a test and a benchmark, which builds with a C compiler and a BLAS alone. Runs at-agent export, which must be installed here.',
    )
    .argument('[factorization...]', `recursion levels, outermost first: ${OPTION_WORDS.factorizations}`)
    .requiredOption('--out <dir>', 'folder to write to')
    .addOption(new Option('--target <language>', 'what to write').choices(['c']).default('c'))
    .addOption(levelsOption())
    .option('--dtype <types>', 'number formats: f32, f64 or f32,f64 (default: both)')
    .option('--name <name>', 'prefix of everything the library declares (default: fastmm)')
    .option(
      '--max-workspace <times>',
      'most memory of a product beside A, B and C: a multiple of theirs, such as 2x, or none (default: 1x)',
    )
    .option('--isa <name>', 'vector instructions to write it for: auto, avx512, avx2, neon or generic (default: auto)')
    .addOption(
      new Option(
        '--crossover <size>',
        'use the algorithm only where m, k and n are all at least this (default: as measured, else 256 for each block)',
      ).argParser(wholeNumber('--crossover', 1, 65536)),
    )
    .addOption(
      new Option('--measurements <run>', 'take the crossover from what this run measured (default: no run)').conflicts(
        'crossover',
      ),
    )
    .addOption(
      new Option(
        '--dispatch <file>',
        'write one library that chooses by shape, from the dispatch.json of at-trainer tune (default: one of the algorithm that is named)',
      ).conflicts(['levels', 'dtype', 'crossover', 'measurements', 'agent']),
    )
    .option('--agent <name>', 'use the measurements of this agent if the run has several; no default then')
    .option('--force', 'overwrite the files of a library in a folder that is not empty')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  at-trainer export winograd --levels 2 --target c --out winograd2
  at-trainer export runs/laptop/factorizations/found.json --measurements runs/laptop --out fast
  at-trainer export --dispatch runs/laptop-tune/dispatch.json --out fastmm`,
    )
    .action(exportLibrary);
}

async function exportLibrary(sources: string[], options: ExportOptions): Promise<void> {
  const folder = temporaryFolder('at-trainer-');
  try {
    const args = ['export', ...sources, '--out', options.out];
    // It means nothing beside a table, which has the levels of each algorithm.
    if (options.dispatch === undefined) args.push('--levels', `${options.levels}`);
    for (const name of ['target', 'dtype', 'name', 'isa', 'crossover', 'dispatch'] as const) {
      if (options[name] !== undefined) args.push(`--${name}`, `${options[name]}`);
    }
    if (options.maxWorkspace !== undefined) args.push('--max-workspace', options.maxWorkspace);
    for (const name of ['force', 'json'] as const) if (options[name]) args.push(`--${name}`);
    if (options.measurements !== undefined) {
      const file = join(folder, 'measured.json');
      writeFileSync(file, JSON.stringify(await measuredSpeedups(options.measurements, sources, options)));
      args.push('--measured', file);
    }
    process.exitCode = await runAgentCommand(args);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
