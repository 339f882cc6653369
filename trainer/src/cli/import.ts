import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  type AlphaTensorError,
  type AnyRecord,
  factorizationFileName,
  gaussianFileName,
  loadEach,
  messageOf,
  saveFactorization,
} from '@alphatensor-edge/shared';
import { Command } from 'commander';
import { costWords, summarizeRecord } from '../report/factorization-summary.js';
import { jsonOption } from './options.js';
import { note, print, printJson } from './output.js';

export function importCommand(): Command {
  return new Command('import')
    .summary('turn published factorizations into this project’s files')
    .description(
      'Reads factorizations in any form of docs/reference/formats.md, verifies each exactly and by itself, and writes each as a JSON file, named by size, rank and content hash; prints nonzeros and error growth. What is not exact is named and stops no other; the exit status is then not 0.',
    )
    .argument('<file...>', 'files, or FILE#n,m,p for one size of a file that holds several')
    .requiredOption('--out <dir>', 'folder to write to')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  at-trainer import factorizations_r.npz#4,4,4 --out schemes
  at-trainer import scheme.m plinopt/L.sms,plinopt/R.sms,plinopt/P.sms --out schemes --json`,
    )
    .action(importAll);
}

interface Written extends Pick<ReturnType<typeof summarizeRecord>, 'hash' | 'nonzeros' | 'denominators' | 'growth'> {
  readonly file: string;
  readonly source: string;
}

async function importAll(sources: string[], options: { out: string; json?: boolean }): Promise<void> {
  mkdirSync(options.out, { recursive: true });
  const written: Written[] = [];
  const failures: AlphaTensorError[] = [];
  for (const source of sources) {
    const loaded = await loadEach(source).catch((error: AlphaTensorError) => [{ name: source, error }]);
    for (const entry of loaded) {
      if ('error' in entry) failures.push(entry.error);
      else written.push(await keep(source, entry.record, options.out));
    }
  }
  if (options.json) printJson(written);
  else for (const { file, ...summary } of written) print(`${file}: ${costWords(summary)}`);
  for (const error of failures) note(`error: ${messageOf(error)}`);
  if (failures.length > 0) process.exitCode = failures[0].exitCode ?? 1;
}

async function keep(source: string, record: AnyRecord, folder: string): Promise<Written> {
  const name = 'gaussian' in record ? gaussianFileName(record.gaussian) : factorizationFileName(record.factorization);
  const file = join(folder, name);
  await saveFactorization(file, { ...record, origin: 'imported' });
  const { hash, nonzeros, denominators, growth } = summarizeRecord(record);
  return { file, source, hash, nonzeros, denominators, growth };
}
