import { AlphaTensorError, loadFactorizations, messageOf, OPTION_WORDS } from '@alphatensor-edge/shared';
import { Command } from 'commander';
import { exactWords, summarizeFactorization } from '../report/factorization-summary.js';
import { jsonOption } from './options.js';
import { note, print, printJson } from './output.js';

export function verifyCommand(): Command {
  return new Command('verify')
    .summary('reconstruct factorizations exactly')
    .description(
      'Reads factorizations (this project’s JSON, DeepMind .npz, fast-matmul files, or names) and reconstructs each exactly.',
    )
    .argument('<file...>', OPTION_WORDS.factorizations)
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  at-trainer verify strassen runs/first/factorizations/*.json
  at-trainer verify factorizations_r.npz#4,4,4 --json`,
    )
    .action(async (files: string[], options: { json?: boolean }) => {
      const results = await Promise.all(files.map(verifyFile));
      const failed = results.filter((result) => !result.exact);
      if (options.json) printJson(results.map(({ error: _, ...result }) => result));
      else for (const result of results.filter((r) => r.exact)) for (const line of result.lines) print(line);
      for (const result of failed) note(`error: ${result.file}: ${result.message}`);
      if (failed.length > 0) process.exitCode = (failed[0].error as { exitCode?: number }).exitCode ?? 1;
    });
}

async function verifyFile(file: string) {
  try {
    const factorizations = (await loadFactorizations(file)).map(summarizeFactorization);
    const lines = factorizations.map((summary) => `${file}: ${exactWords(summary)}`);
    return { file, exact: true as const, factorizations, lines };
  } catch (error) {
    const code = error instanceof AlphaTensorError ? error.code : 'INTERNAL';
    return { file, exact: false as const, code, message: messageOf(error), error };
  }
}
