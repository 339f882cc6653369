import { join } from 'node:path';
import { Command } from 'commander';
import { writeReport } from '../report/write.js';
import { jsonOption } from './options.js';
import { print, printJson } from './output.js';

export function reportCommand(): Command {
  return new Command('report')
    .summary('compare what runs found and measured')
    .description(
      'Writes one self-contained HTML page, Markdown, JSON and CSV about one or more runs: speed-ups with their intervals, ranks and rewards over time, latencies, devices, failures.',
    )
    .argument('<run...>', 'run folders')
    .option('--out <dir>', 'folder to write to (default: report/ in the first run)')
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  at-trainer report runs/laptop runs/server --out comparison')
    .action(async (runs: string[], options: { out?: string; json?: boolean }) => {
      const paths = await writeReport(runs, options.out ?? join(runs[0], 'report'));
      if (options.json) printJson(paths);
      else for (const path of Object.values(paths)) print(path);
    });
}
