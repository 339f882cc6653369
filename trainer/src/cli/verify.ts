import { AlphaTensorError, loadEach, messageOf, OPTION_WORDS } from '@alphatensor-edge/shared';
import { Command } from 'commander';
import { exactWords, type RecordSummary, summarizeRecord } from '../report/factorization-summary.js';
import { jsonOption } from './options.js';
import { note, print, printJson } from './output.js';

export function verifyCommand(): Command {
  return new Command('verify')
    .summary('reconstruct factorizations exactly')
    .description(
      'Reads factorizations (names, or files in any form of docs/reference/formats.md) and reconstructs each exactly, by itself: one that is wrong stops no other. The exit status is 0 only if all are exact.',
    )
    .argument('<file...>', OPTION_WORDS.factorizations)
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  at-trainer verify strassen runs/first/factorizations/*.json
  at-trainer verify factorizations_r.npz#4,4,4 --json
  at-trainer verify L.sms,R.sms,P.sms`,
    )
    .action(async (files: string[], options: { json?: boolean }) => {
      const results = await Promise.all(files.map(verifyFile));
      if (options.json) printJson(results.map(document));
      for (const { exact, failures } of results) {
        if (!options.json) for (const { name, summary } of exact) print(`${name}: ${exactWords(summary)}`);
        for (const { name, error } of failures) note(`error: ${failureWords(name, error)}`);
      }
      const failed = results.flatMap(({ failures }) => failures);
      if (failed.length > 0)
        process.exitCode = failed[0].error instanceof AlphaTensorError ? failed[0].error.exitCode : 1;
    });
}

interface Failure {
  readonly name: string;
  readonly error: unknown;
}

/** What one argument names: what of it is exact, and what is not. */
interface Verified {
  readonly file: string;
  readonly exact: readonly { readonly name: string; readonly summary: RecordSummary }[];
  readonly failures: readonly Failure[];
}

async function verifyFile(file: string): Promise<Verified> {
  try {
    const entries = await loadEach(file);
    const exact = entries.flatMap((entry) =>
      'record' in entry
        ? [{ name: entries.length > 1 ? entry.name : file, summary: summarizeRecord(entry.record) }]
        : [],
    );
    return { file, exact, failures: entries.flatMap((entry) => ('error' in entry ? [entry] : [])) };
  } catch (error) {
    return { file, exact: [], failures: [{ name: file, error }] };
  }
}

/** The message of an error begins with the name of what it is about, unless it is not ours. */
function failureWords(name: string, error: unknown): string {
  return error instanceof AlphaTensorError ? messageOf(error) : `${name}: ${messageOf(error)}`;
}

function document({ file, exact, failures }: Verified) {
  const factorizations = exact.map(({ summary }) => summary);
  if (failures.length === 0) return { file, exact: true, factorizations };
  const told = failures.map(({ name, error }) => ({
    name,
    code: error instanceof AlphaTensorError ? error.code : 'INTERNAL',
    message: messageOf(error),
  }));
  const [{ code, message }] = told;
  return { file, exact: false, factorizations, failures: told, code, message };
}
