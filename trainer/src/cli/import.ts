import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { factorizationFileName, loadFactorizations, saveFactorization } from '@alphatensor-edge/shared';
import { Command } from 'commander';
import { costWords, summarizeFactorization } from '../report/factorization-summary.js';
import { jsonOption } from './options.js';
import { print, printJson } from './output.js';

export function importCommand(): Command {
  return new Command('import')
    .summary('turn published factorizations into this project’s files')
    .description(
      'Reads factorizations in any known format, verifies each exactly and writes each as a JSON file, named by size, rank and content hash; prints nonzeros and error growth.',
    )
    .argument('<file...>', 'files, or FILE#n,m,p for one entry of an .npz')
    .requiredOption('--out <dir>', 'folder to write to')
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  at-trainer import factorizations_r.npz#4,4,4 --out schemes')
    .action(async (files: string[], options: { out: string; json?: boolean }) => {
      mkdirSync(options.out, { recursive: true });
      const written: {
        file: string;
        source: string;
        hash: string;
        nonzeros: number;
        denominators: number[];
        growth?: number | undefined;
      }[] = [];
      for (const source of files) {
        for (const record of await loadFactorizations(source)) {
          const file = join(options.out, factorizationFileName(record.factorization));
          await saveFactorization(file, { ...record, origin: 'imported' });
          const { hash, nonzeros, denominators, growth } = summarizeFactorization(record);
          written.push({ file, source, hash, nonzeros, denominators, growth });
          if (!options.json) print(`${file}: ${costWords({ nonzeros, denominators, growth })}`);
        }
      }
      if (options.json) printJson(written);
    });
}
