import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { openLibrary } from '@alphatensor-edge/agent/intercept/library-record.js';
import { messageOf } from '@alphatensor-edge/shared';
import type { Bench } from '../bench.js';
import { machine, machineLine } from '../common/machine.js';
import { installPackages } from '../common/venv.js';
import { type Libraries, ownLibrary, tuneFor } from './libraries.js';
import { lookAt } from './look.js';
import { measureRow } from './measure.js';
import { HELP, readOptions, type Settings } from './options.js';
import { measureOverhead, overheadLines } from './overhead/overhead.js';
import { type Program, programsOf, type Row } from './programs.js';
import { PYTEST_PACKAGES } from './suites/pytest.js';
import { runSuites, type SuiteResult, suiteLines } from './suites/suites.js';
import { type Result, tableLines } from './table.js';

export const bench: Bench = {
  summary: 'unchanged programs of others (NumPy, PyTorch, Octave, R, …) with the algorithms before their BLAS',
  help: HELP,
  async run(args) {
    const settings = readOptions(args);
    const stop = new AbortController();
    process.once('SIGINT', () => stop.abort()).once('SIGTERM', () => stop.abort());
    await mkdir(settings.folder, { recursive: true });
    const programs = programsOf(settings.venv).filter(({ name }) => settings.programs.includes(name));
    await install(settings, programs, stop.signal);
    const library = await chosenLibrary(settings, programs, stop.signal);
    if (settings.onlyTune) {
      process.stdout.write(`${library}\n`);
      return;
    }
    if (settings.overhead) {
      const facts = { startedAt: new Date().toISOString(), machine: machine(), library, threads: settings.threads };
      const overhead = await measureOverhead(library, settings, stop.signal);
      print(settings, { ...facts, overhead }, overheadLines(overhead));
      return;
    }
    const libraries = { chosen: library, own: await ownLibrary(settings.folder, stop.signal) };
    const startedAt = new Date().toISOString();
    const facts = { startedAt, machine: machine(), library, threads: settings.threads };
    if (settings.suites !== undefined) {
      const say = (lines: readonly string[]): unknown => settings.json || process.stdout.write(`${lines.join('\n')}\n`);
      say([headLine(library, settings)]);
      const onResult = (result: SuiteResult): unknown => say(suiteLines([result]));
      const suites = await runSuites(settings.suites, libraries, settings, onResult, stop.signal);
      if (settings.json) process.stdout.write(`${JSON.stringify({ ...facts, suites })}\n`);
      return;
    }
    const rows = await measureAll(settings, programs, libraries, stop.signal);
    print(settings, { ...facts, options: settings, rows }, tableLines(rows, settings.maxError));
  },
};

/** Installs what the programs need. Where that fails, what was installed earlier is used, or its row says what is missing. */
async function install(
  { venv, offline, suites }: Settings,
  programs: readonly Program[],
  signal: AbortSignal,
): Promise<void> {
  if (offline) return;
  const groups = [
    ...programs.map(({ packages, pipOptions }) => ({ packages, pipOptions })),
    ...(suites !== undefined ? [{ packages: PYTEST_PACKAGES, pipOptions: [] }] : []),
  ];
  for (const { packages, pipOptions } of groups) {
    if (packages.length === 0) continue;
    const problem = await installPackages(venv, packages, signal, pipOptions);
    if (problem !== undefined) log(`note: what is in ${venv} is used; newer packages need ${problem}.`);
  }
}

/** Gives the library that was named, or tunes. */
async function chosenLibrary(
  { library, folder, threads, profile, budget }: Settings,
  programs: readonly Program[],
  signal: AbortSignal,
): Promise<string> {
  if (library !== undefined) return resolve(openLibrary(library).path);
  const rows = programs.filter(({ isMissing }) => isMissing() === undefined).flatMap((program) => program.rows);
  return tuneFor(
    rows.filter(({ isSmall }) => !isSmall),
    { folder, threads, profile, budget, signal },
  );
}

async function measureAll(
  settings: Settings,
  programs: readonly Program[],
  libraries: Libraries,
  signal: AbortSignal,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const { rows, isMissing } of programs) {
    for (const row of rows) {
      log(`${row.program}, ${row.what}`);
      results.push({ ...row, ...(await resultOf(row, isMissing(), libraries, settings, signal)) });
    }
  }
  return results;
}

async function resultOf(
  row: Row,
  missing: string | undefined,
  libraries: Libraries,
  settings: Settings,
  signal: AbortSignal,
) {
  if (missing !== undefined) return { missing };
  try {
    const look = await lookAt(row, libraries.chosen, settings.threads, signal);
    return { measured: await measureRow(row, look, libraries, settings, signal) };
  } catch (error) {
    signal.throwIfAborted();
    return { missing: messageOf(error) };
  }
}

function headLine(library: string, { threads }: Settings): string {
  return `${machineLine()}, ${threads} thread(s); chosen: ${library}`;
}

function print(
  settings: Settings,
  document: { readonly library: string; readonly [field: string]: unknown },
  lines: readonly string[],
): void {
  const text = [headLine(document.library, settings), ...lines].join('\n');
  process.stdout.write(`${settings.json ? JSON.stringify(document) : text}\n`);
}

function log(text: string): void {
  process.stderr.write(`${text}\n`);
}
