import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { formatCsv } from './csv.js';
import { formatHtml } from './html.js';
import { formatJson } from './json.js';
import { formatMarkdown } from './markdown.js';
import { buildReport, readRun } from './model.js';

/** Where the four forms of a report are. */
export interface ReportPaths {
  readonly html: string;
  readonly markdown: string;
  readonly json: string;
  readonly csv: string;
}

/**
 * Reads the runs and writes their report to `outDir`, which is made where there is none. Each file is written aside
 * and renamed, so that no reader ever sees half of one.
 * @throws AlphaTensorError NOT_FOUND if one of the folders is not a run
 */
export async function writeReport(runDirs: readonly string[], outDir: string): Promise<ReportPaths> {
  const report = buildReport(runDirs.map(readRun));
  const paths: ReportPaths = {
    html: join(outDir, 'report.html'),
    markdown: join(outDir, 'report.md'),
    json: join(outDir, 'report.json'),
    csv: join(outDir, 'report.csv'),
  };
  await mkdir(outDir, { recursive: true });
  await Promise.all([
    writeFileAtomic(paths.html, formatHtml(report)),
    writeFileAtomic(paths.markdown, formatMarkdown(report)),
    writeFileAtomic(paths.json, formatJson(report)),
    writeFileAtomic(paths.csv, formatCsv(report)),
  ]);
  return paths;
}
