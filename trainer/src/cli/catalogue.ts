import { catalogueEntries, findInCatalogue, parseSize } from '@alphatensor-edge/shared';
import { Command } from 'commander';
import { catalogueEntryLines, catalogueLines, summarizeCatalogueEntry } from '../report/catalogue-summary.js';
import { jsonOption } from './options.js';
import { print, printJson } from './output.js';

export function catalogueCommand(): Command {
  const command = new Command('catalogue')
    .summary('list and show the algorithms that come with this program')
    .description(
      'Lists the algorithms of the catalogue. Every command takes their names, in any order of the dimensions: 4x4x4:48-accurate, 4x2x4; without a rank, the lowest there is.',
    );

  command
    .command('list')
    .summary('list all algorithms: rank, error growth, additions, where they are from')
    .description(
      'Lists the algorithms of the catalogue with rank, lowest rank known, error growth, additions with common sums computed once, nonzeros, largest denominator, origin and source. Each is verified exactly.',
    )
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  at-trainer catalogue list --json')
    .action((options: { json?: boolean }) => {
      const summaries = catalogueEntries().map(summarizeCatalogueEntry);
      if (options.json) return printJson(summaries);
      for (const line of catalogueLines(summaries)) print(line);
    });

  command
    .command('show')
    .summary('show the algorithms of a size, or one of them')
    .description(
      'Shows how algorithms of the catalogue were made, who published what they began with, and their figures.',
    )
    .argument('<size|name>', 'a size, n,m,p or 4x4x4, or a name such as 4x4x4:48-accurate')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExamples:\n  at-trainer catalogue show 4x4x4\n  at-trainer catalogue show 4x4x4:48-accurate --json',
    )
    .action((text: string, options: { json?: boolean }) => {
      const summaries = named(text).map(summarizeCatalogueEntry);
      if (options.json) return printJson(summaries);
      for (const summary of summaries) for (const line of catalogueEntryLines(summary)) print(line);
    });

  return command;
}

function named(text: string) {
  const isName = text.includes(':');
  if (isName) return [findInCatalogue(text)];
  const size = parseSize(text);
  const entries = catalogueEntries(size);
  // Says what sizes there are.
  return entries.length > 0 ? entries : [findInCatalogue(`${size.n}x${size.m}x${size.p}`)];
}
