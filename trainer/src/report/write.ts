import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { readCrossMeasurements } from '../run/reader.js';
import { formatCsv } from './csv.js';
import { formatHtml } from './html.js';
import { formatJson } from './json.js';
import { formatMarkdown } from './markdown.js';
import { buildReport, type Report, readRun, reportOfDevice } from './model.js';

/** Where the forms of a report are. */
export interface ReportPaths {
  readonly html: string;
  readonly markdown: string;
  readonly json: string;
  readonly csv: string;
  /** A page for each device, where there are several. */
  readonly devices: readonly string[];
}

/** The report of these runs, with what `report --measure-missing` measured for it earlier. @throws AlphaTensorError NOT_FOUND */
export function readReport(runDirs: readonly string[], outDir: string): Report {
  const cross = readCrossMeasurements(outDir);
  return buildReport([...runDirs.map(readRun), ...(cross === undefined ? [] : [cross])]);
}

/**
 * Reads the runs and writes their report to `outDir`, which is made where there is none. Each file is written aside
 * and renamed, so that no reader ever sees half of one.
 * @throws AlphaTensorError NOT_FOUND if one of the folders is not a run
 */
export async function writeReport(runDirs: readonly string[], outDir: string): Promise<ReportPaths> {
  const report = readReport(runDirs, outDir);
  const pages = report.devices.length < 2 ? [] : devicePages(report);
  const links = pages.map(({ title, file }) => ({ title, file }));
  const files: Readonly<Record<Exclude<keyof ReportPaths, 'devices'>, string>> = {
    html: 'report.html',
    markdown: 'report.md',
    json: 'report.json',
    csv: 'report.csv',
  };
  await mkdir(outDir, { recursive: true });
  const write = (file: string, text: string): Promise<void> => writeFileAtomic(join(outDir, file), text);
  await Promise.all([
    write(files.html, formatHtml(report, { links })),
    write(files.markdown, formatMarkdown(report)),
    write(files.json, formatJson(report)),
    write(files.csv, formatCsv(report)),
    ...pages.map(({ file, deviceId }) =>
      write(
        file,
        formatHtml(reportOfDevice(report, deviceId), { links: [{ title: 'All devices', file: files.html }, ...links] }),
      ),
    ),
  ]);
  return {
    html: join(outDir, files.html),
    markdown: join(outDir, files.markdown),
    json: join(outDir, files.json),
    csv: join(outDir, files.csv),
    devices: pages.map(({ file }) => join(outDir, file)),
  };
}

/** Writes the report of one run into its own folder. @throws AlphaTensorError NOT_FOUND if it is no run */
export async function writeRunReport(runDir: string): Promise<{ report: Report; paths: ReportPaths }> {
  const paths = await writeReport([runDir], join(runDir, 'report'));
  return { report: buildReport([readRun(runDir)]), paths };
}

/** The names of a report's device pages: the device's own, numbered, since two names can become one file name. */
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
