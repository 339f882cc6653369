import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { contentHash, countNonzeros, growth, loadFactorizations, saveFactorization } from '@alphatensor-edge/shared';
import { Command } from 'commander';
import { jsonOption } from './options.js';
import { print, printJson } from './output.js';

export function importCommand(): Command {
  return new Command('import')
    .summary('turn published factorizations into this project’s files')
    .description(
      'Reads factorizations in any known format, verifies each exactly and writes it as JSON, one file for each, named by size, rank and content hash.',
    )
    .argument('<file...>', 'files, or FILE#n,m,p for one entry of an .npz')
    .requiredOption('--out <dir>', 'folder to write to')
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  at-trainer import factorizations_r.npz#4,4,4 --out schemes')
    .action(async (files: string[], options: { out: string; json?: boolean }) => {
      mkdirSync(options.out, { recursive: true });
      const written: { file: string; source: string; hash: string; nonzeros: number; growth?: number | undefined }[] =
        [];
      for (const source of files) {
        for (const record of await loadFactorizations(source)) {
          const { size, rank, arithmetic } = record.factorization;
          const hash = contentHash(record.factorization);
          const field = arithmetic === 'modulo-2' ? '_z2' : '';
          const file = join(options.out, `${size.n}x${size.m}x${size.p}_m${rank}${field}_${hash.slice(0, 12)}.json`);
          await saveFactorization(file, { ...record, origin: 'imported' });
          const nonzeros = countNonzeros(record.factorization);
          const accuracy = arithmetic === 'modulo-2' ? undefined : growth(record.factorization);
          written.push({ file, source, hash, nonzeros, growth: accuracy });
          const words = accuracy === undefined ? '' : `, growth ${accuracy.toFixed(3)}`;
          if (!options.json) print(`${file}: ${nonzeros} nonzeros${words}`);
        }
      }
      if (options.json) printJson(written);
    });
}
