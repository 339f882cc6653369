import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { readCrossMeasurements } from '../run/reader.js';
import { formatCsv } from './csv.js';
import { formatHtml } from './html.js';
import { formatJson } from './json.js';
import { formatMarkdown } from './markdown.js';
import { buildReport, type Report, readRun, reportOfDevice } from './model.js';

/** Holds the paths of a report's files. */
export interface ReportPaths {
  readonly html: string;
  readonly markdown: string;
  readonly json: string;
  readonly csv: string;
  /** One page for each device, if there are several. */
  readonly devices: readonly string[];
}

/** Builds the report of these runs, including what `report --measure-missing` measured for it earlier. @throws AlphaTensorError NOT_FOUND */
export function readReport(runDirs: readonly string[], outDir: string): Report {
  const cross = readCrossMeasurements(outDir);
  return buildReport([...runDirs.map(readRun), ...(cross === undefined ? [] : [cross])]);
}

/**
 * Reads the runs and writes their report to `outDir`, which is made if it is missing. Each file is written aside and renamed,
 * so that no reader ever sees half of one.
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

/** Writes the report of one run into the run's folder. @throws AlphaTensorError NOT_FOUND if the folder is not a run */
export async function writeRunReport(runDir: string): Promise<{ report: Report; paths: ReportPaths }> {
  const paths = await writeReport([runDir], join(runDir, 'report'));
  return { report: buildReport([readRun(runDir)]), paths };
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
