import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { contentHash, saveFactorization } from '@alphatensor-edge/shared';
import writeFileAtomic from 'write-file-atomic';
import { type RunData, readCrossMeasurements } from '../run/reader.js';
import { withoutNames } from './anonymous.js';
import { formatAnswersCsv } from './answer-csv.js';
import { formatBest } from './best-file.js';
import { packRuns } from './carried.js';
import { formatChangesCsv, formatCsv } from './csv.js';
import { formatHtml } from './html.js';
import { formatJson } from './json.js';
import { formatLatex } from './latex.js';
import { formatMarkdown } from './markdown.js';
import { algorithmsOf, type BuildOptions, buildReport, type Report, reportOfDevice } from './model.js';
import { readRuns } from './read-runs.js';
import { checkNewReference, saveReference } from './references.js';
import { reportFile, unnamedLevels } from './take-home.js';

/** Holds the paths of a report's files. */
export interface ReportPaths {
  readonly html: string;
  readonly markdown: string;
  readonly json: string;
  readonly csv: string;
  /** The table at the top of the report. */
  readonly answers: string;
  readonly latex: string;
  /** What to run, with the factorizations, for programs. */
  readonly best: string;
  /** What changed against a reference, if one was named. */
  readonly changes?: string | undefined;
  /** One page for each device, if there are several. */
  readonly devices: readonly string[];
}

/** Holds what a report is asked for beside its runs. */
export interface WriteOptions extends Pick<BuildOptions, 'against' | 'rolling'> {
  /** Also keeps the page under this name, to compare later reports with. */
  readonly saveReference?: string | undefined;
  /** Leaves out the names of hosts, agents, runs and folders. */
  readonly anonymous?: boolean | undefined;
}

/** Reads the runs of a report, including what `report --measure-missing` measured for it earlier. @throws AlphaTensorError NOT_FOUND, UNSUPPORTED_FORMAT */
export function readReportRuns(sources: readonly string[], outDir: string): RunData[] {
  const cross = readCrossMeasurements(outDir);
  return [...readRuns(sources), ...(cross === undefined ? [] : [cross])];
}

/** Builds the report of these runs. @throws AlphaTensorError NOT_FOUND, UNSUPPORTED_FORMAT */
export function readReport(sources: readonly string[], outDir: string): Report {
  return buildReport(readReportRuns(sources, outDir), { out: outDir });
}

/**
 * Reads the runs and writes their report to `outDir`, which is made if it is missing. Each file is written aside and renamed,
 * so that no reader ever sees half of one.
 * @param sources run folders, and pages that carry runs
 * @throws AlphaTensorError NOT_FOUND if one of the folders is not a run, UNSUPPORTED_FORMAT if a page carries none
 */
export async function writeReport(
  sources: readonly string[],
  outDir: string,
  { anonymous = false, against, rolling, saveReference: referenceName }: WriteOptions = {},
): Promise<{ report: Report; paths: ReportPaths }> {
  if (referenceName !== undefined) checkNewReference(referenceName);
  const named = readReportRuns(sources, outDir);
  const runs = anonymous ? withoutNames(named) : named;
  const report = buildReport(runs, { out: outDir, against, rolling });
  const algorithms = algorithmsOf(runs);
  const pages = report.devices.length < 2 ? [] : devicePages(report);
  const links = pages.map(({ title, file }) => ({ title, file }));
  const files: Readonly<Record<Exclude<keyof ReportPaths, 'devices' | 'changes'>, string>> = {
    html: 'report.html',
    markdown: 'report.md',
    json: 'report.json',
    csv: 'report.csv',
    answers: 'answers.csv',
    latex: 'report.tex',
    best: 'best.json',
  };
  await mkdir(outDir, { recursive: true });
  const write = (file: string, text: string): Promise<void> => writeFileAtomic(join(outDir, file), text);
  const page = formatHtml(report, { links, packed: packRuns(runs) });
  const changes = report.changes === null ? [] : ['changes.csv'];
  await Promise.all([
    write(files.html, page),
    ...changes.map((file) => write(file, formatChangesCsv(report))),
    write(files.markdown, formatMarkdown(report)),
    write(files.json, formatJson(report)),
    write(files.csv, formatCsv(report)),
    write(files.answers, formatAnswersCsv(report)),
    write(files.latex, formatLatex(report)),
    write(files.best, formatBest(report, algorithms)),
    ...pages.map(({ file, deviceId }) =>
      write(
        file,
        formatHtml(reportOfDevice(report, deviceId), { links: [{ title: 'All devices', file: files.html }, ...links] }),
      ),
    ),
  ]);
  if (referenceName !== undefined) await saveReference(referenceName, page);
  await keepUnnamed(report, { runs, algorithms }, outDir);
  const inOut = Object.fromEntries(Object.entries(files).map(([kind, file]) => [kind, join(outDir, file)]));
  const paths = {
    ...(inOut as typeof files),
    ...(changes.length > 0 && { changes: join(outDir, changes[0]) }),
    devices: pages.map(({ file }) => join(outDir, file)),
  };
  return { report, paths };
}

/** Writes the report of one run into the run's folder. @throws AlphaTensorError NOT_FOUND if the folder is not a run */
export async function writeRunReport(runDir: string): Promise<{ report: Report; paths: ReportPaths }> {
  return await writeReport([runDir], join(runDir, 'report'));
}

/** Writes the recommended algorithms that have no name and no file, so that their command finds them. */
async function keepUnnamed(
  report: Report,
  sources: Parameters<typeof unnamedLevels>[1],
  outDir: string,
): Promise<void> {
  const rows = report.groups.flatMap(({ rows, answer }) => rows.filter(({ jobId }) => jobId === answer.choice?.jobId));
  const records = rows.flatMap((row) => unnamedLevels(row, sources));
  for (const record of records) {
    const path = join(outDir, reportFile(contentHash(record.factorization)));
    await mkdir(join(path, '..'), { recursive: true });
    await saveFactorization(path, record);
  }
}

/** Names the device pages of a report after the devices. A number is added because two names can become one file name. */
function devicePages({ devices }: Report): { deviceId: string; title: string; file: string }[] {
  return devices.map(({ id, name }, index) => ({
    deviceId: id,
    title: name,
    file: `device-${index + 1}-${name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .slice(0, 60)}.html`,
  }));
}
