import { cpus, loadavg } from 'node:os';
import { performance } from 'node:perf_hooks';
import type { Toolchain } from '@alphatensor-edge/agent/backends/backend.js';
import { findToolchain } from '@alphatensor-edge/agent/backends/backends.js';
import { namedProblems } from '@alphatensor-edge/agent/blas/named.js';
import { withHostLock } from '@alphatensor-edge/agent/process/host-lock.js';
import { withPrivateFolder } from '@alphatensor-edge/agent/process/private-folder.js';
import { AlphaTensorError } from '@alphatensor-edge/shared';
import type { Bench } from '../bench.js';
import { loadEarlier } from './earlier.js';
import { describeMachine } from './machine.js';
import { measureRow } from './measure.js';
import { HELP, readOptions, type Settings } from './options.js';
import { problemText } from './problems.js';
import { type Built, buildPrograms } from './programs.js';
import { usePypi } from './pypi.js';
import type { Report, Row } from './report.js';
import { renderReport } from './table.js';
import { targetFor } from './target.js';

export const bench: Bench = {
  summary: 'the generated CPU programs against every BLAS of this device, and against those of an earlier commit',
  help: HELP,
  async run(args) {
    const settings = readOptions(args);
    const stop = new AbortController();
    process.once('SIGINT', () => stop.abort()).once('SIGTERM', () => stop.abort());
    if (settings.venv !== undefined) await usePypi(settings.venv, stop.signal);
    for (const problem of await namedProblems()) log(`note: ${problem}`);
    const probe = await findToolchain(settings.backend, stop.signal);
    if (!probe.ok) throw new AlphaTensorError('UNAVAILABLE', `${settings.backend} is not available: ${probe.reason}`);
    const measure = (): Promise<Report> => measureAll(probe.toolchain, settings, stop.signal);
    const report = settings.recompile ? await withOwnCache(measure) : await measure();
    process.stdout.write(settings.json ? `${JSON.stringify(report)}\n` : renderReport(report));
  },
};

async function measureAll(toolchain: Toolchain, settings: Settings, signal: AbortSignal): Promise<Report> {
  const started = performance.now();
  const startedAt = new Date().toISOString();
  const loadBefore = loadavg()[0];
  const seconds = (): number => (performance.now() - started) / 1000;
  const target = await targetFor(toolchain, settings.isa, signal);
  const earlier = settings.against === undefined ? undefined : await loadEarlier(settings.against);

  const built: Record<string, readonly Built[]> = {};
  for (const dtype of settings.dtypes) built[dtype] = await buildPrograms(settings, dtype, target, earlier, signal);

  const rows: Row[] = [];
  for (const dimensions of settings.problems) {
    for (const dtype of settings.dtypes) {
      for (const threads of settings.threads) {
        const problem = { ...dimensions, dtype, threads };
        const name = problemText(problem);
        log(`${seconds().toFixed(0)} s: ${name}`);
        const row = await withHostLock({ signal }, () => measureRow(problem, built[dtype], target, settings, signal));
        log(`${seconds().toFixed(0)} s: ${name}: ${row.outcome === 'MEASURED' ? `${row.rounds} rounds` : row.reason}`);
        rows.push(row);
      }
    }
  }
  return {
    formatVersion: 3,
    startedAt,
    seconds: seconds(),
    machine: { ...describeMachine(target), cpus: cpus().length },
    compiler: { version: target.compiler.version, flags: target.compiler.flags },
    loadAverage: { before: loadBefore, after: loadavg()[0] },
    earlier: earlier?.folder ?? null,
    options: settings,
    rows,
  };
}

/** Runs an action with an empty cache of compiled programs. */
function withOwnCache<T>(action: () => Promise<T>): Promise<T> {
  return withPrivateFolder(async (folder) => {
    const { ALPHATENSOR_CACHE_DIR: usual } = process.env;
    process.env.ALPHATENSOR_CACHE_DIR = folder;
    try {
      return await action();
    } finally {
      if (usual === undefined) delete process.env.ALPHATENSOR_CACHE_DIR;
      else process.env.ALPHATENSOR_CACHE_DIR = usual;
    }
  });
}

function log(text: string): void {
  process.stderr.write(`${text}\n`);
}
