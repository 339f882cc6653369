import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AlphaTensorError } from '@alphatensor-edge/shared';
import { Command, Option } from 'commander';
import writeFileAtomic from 'write-file-atomic';
import { SAMPLE_COLUMNS, samplesAsCsv, samplesAsParquet, samplesOfJobs } from '../report/sample-table.js';
import { collectJobs } from '../report/sourced.js';
import { readRun } from '../run/reader.js';
import { jsonOption } from './options.js';
import { note, print, printJson } from './output.js';

interface ExportOptions {
  readonly format?: 'csv' | 'parquet';
  readonly out?: string;
  readonly columns?: boolean;
  readonly json?: boolean;
}

export function exportMeasurementsCommand(): Command {
  return new Command('export-measurements')
    .summary('write every timed sample to CSV or Parquet')
    .description(
      'Writes the measurements of one or more runs as one table: one row per timed sample, with the job, the algorithm, the problem, the device and its environment. A job that ended without a sample is one row with its outcome. It only reads, so a run may go on meanwhile.',
    )
    .argument('[run...]', 'run folders')
    .addOption(new Option('--format <format>', 'default: by the ending of --out, else csv').choices(['csv', 'parquet']))
    .option('--out <file>', 'file to write (default for csv: standard output)')
    .option('--columns', 'only print the columns and what they hold')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  at-trainer export-measurements runs/laptop --format csv > samples.csv
  at-trainer export-measurements runs/laptop runs/server --out samples.parquet
  at-trainer export-measurements --columns`,
    )
    .action(exportMeasurements);
}

async function exportMeasurements(runs: string[], options: ExportOptions): Promise<void> {
  if (options.columns) return printColumns(options.json === true);
  if (runs.length === 0) {
    throw new AlphaTensorError('INVALID_ARGUMENT', 'Give the folder of at least one run.', { field: 'run' });
  }
  const format = options.format ?? (options.out?.endsWith('.parquet') ? 'parquet' : 'csv');
  if (options.out === undefined && (format === 'parquet' || options.json)) {
    throw new AlphaTensorError('INVALID_ARGUMENT', 'Name the file to write with --out FILE.', { field: '--out' });
  }
  const data = runs.map((directory) => readRun(directory));
  for (const { name, notes } of data) {
    for (const text of notes.filter((each) => each.startsWith('measurements'))) note(`warning: ${name}: ${text}`);
  }
  const jobs = collectJobs(data);
  const samples = samplesOfJobs(jobs);
  if (options.out === undefined) {
    process.stdout.write(samplesAsCsv(samples));
    return;
  }
  await mkdir(dirname(options.out), { recursive: true });
  await writeFileAtomic(
    options.out,
    format === 'csv' ? samplesAsCsv(samples) : Buffer.from(await samplesAsParquet(samples)),
  );
  if (options.json) printJson({ file: options.out, format, rows: samples.length, jobs: jobs.length });
  else print(`${options.out}: ${samples.length} rows of ${jobs.length} jobs`);
}

function printColumns(json: boolean): void {
  const columns = SAMPLE_COLUMNS.map(({ name, type, meaning }) => ({ name, type, meaning }));
  if (json) printJson(columns);
  else for (const { name, type, meaning } of columns) print(`${name.padEnd(24)}${type.padEnd(9)}${meaning}`);
}
