import { createHash } from 'node:crypto';
import { formatCsv } from '../csv.js';
import { reportBody } from '../html.js';
import { formatJson } from '../json.js';
import { formatMarkdown } from '../markdown.js';
import { buildReport } from '../model.js';
import { cataloguePage } from './catalogue-page.js';
import { DeviceList } from './device-list.js';
import { type DevicesInRuns, devicesPage, type LastMeasured } from './devices-page.js';
import { type LivePage, livePageHtml } from './page.js';
import { type RunCard, RunList } from './run-card.js';
import { emptyRunPage, runPage } from './run-page.js';
import { RunsNow } from './runs-now.js';
import { runsPage } from './runs-page.js';

/** Holds an answer to a request. */
export interface Answer {
  readonly type: string;
  readonly body: string;
}

/** Gives what is at a path, and a text that changes with it. */
export interface Site {
  /** @returns undefined if nothing is there */
  answer(url: URL): Answer | undefined;
  version(url: URL): string;
  /** Looks again at what does not announce its changes. */
  refresh(): Promise<void>;
  readonly paths: readonly string[];
}

const FORMATS: Readonly<Record<string, { readonly type: string; readonly format: typeof formatJson }>> = {
  'report.json': { type: 'application/json', format: formatJson },
  'report.csv': { type: 'text/csv; charset=utf-8', format: formatCsv },
  'report.md': { type: 'text/markdown; charset=utf-8', format: formatMarkdown },
};

/** Makes the site of a single run. */
export function runSite(runDir: string): Site {
  const runs = new RunsNow();
  return {
    answer: ({ pathname }) => runAnswer(runs, runDir, pathname.slice(1), [], false),
    version: () => runs.version(runDir),
    refresh: async () => {},
    paths: ['/', ...Object.keys(FORMATS).map((name) => `/${name}`)],
  };
}

/** Makes the home of all runs below a folder, of the devices and of the catalogue. */
export function homeSite(folder: string): Site {
  const [list, runs, devices] = [new RunList(folder), new RunsNow(), new DeviceList()];
  const pageAt = (url: URL): LivePage | undefined => {
    if (url.pathname === '/') return runsPage(list.cards(), folder);
    if (url.pathname === '/devices') return devicesPage(devices.now(), devicesInRuns(list.cards()));
    if (url.pathname === '/catalogue') return cataloguePage();
    return url.pathname === '/compare' ? comparePage(url.searchParams.getAll('run'), list, runs) : undefined;
  };
  const runAt = ({ pathname }: URL): { path: string; rest: string } | undefined => {
    const [, name, rest = ''] = /^\/runs\/([^/]+)(?:\/([^/]*))?$/.exec(pathname) ?? [];
    const path = name === undefined ? undefined : list.pathOf(decoded(name));
    return path === undefined ? undefined : { path, rest };
  };
  return {
    answer: (url) => {
      const page = pageAt(url);
      if (page !== undefined) return htmlOf(page, url.pathname);
      const run = runAt(url);
      return run && runAnswer(runs, run.path, run.rest, devices.now().agents, true);
    },
    version: (url) => {
      // It comes with the program.
      if (url.pathname === '/catalogue') return 'catalogue';
      const run = runAt(url);
      const parts = (run ? [run.path] : list.paths()).map((path) => runs.version(path));
      return createHash('sha256').update(parts.join()).update(devices.version()).digest('hex').slice(0, 16);
    },
    refresh: () => devices.refresh(),
    paths: ['/', '/devices', '/catalogue', '/compare?run=NAME&run=NAME', '/runs/NAME'],
  };
}

function runAnswer(
  runs: RunsNow,
  runDir: string,
  rest: string,
  agents: ReturnType<DeviceList['now']>['agents'],
  isOfHome: boolean,
): Answer | undefined {
  const now = runs.read(runDir);
  if (rest === '') {
    const page = 'problem' in now ? emptyRunPage(now.name, now.problem, isOfHome) : runPage(now, agents, isOfHome);
    return htmlOf(page, '');
  }
  if (!Object.hasOwn(FORMATS, rest)) return undefined;
  const { type, format } = FORMATS[rest];
  return { type, body: format('problem' in now ? buildReport([]) : now.report) };
}

function comparePage(names: readonly string[], list: RunList, runs: RunsNow): LivePage {
  const paths = [...new Set(names)].flatMap((name) => list.pathOf(name) ?? []);
  const read = paths.map((path) => runs.read(path));
  const problems = read.flatMap((one) => ('problem' in one ? [one.problem] : []));
  const found = read.flatMap((one) => ('problem' in one ? [] : [one.run]));
  return {
    title: 'Compare runs',
    status:
      paths.length < 2
        ? 'Tick two runs or more on the page of runs.'
        : [`${found.map(({ name }) => name).join(', ')}.`, ...problems].join(' '),
    body: reportBody(buildReport(found)),
    isOfHome: true,
  };
}

/** Collects what the runs tell of devices. */
function devicesInRuns(cards: readonly RunCard[]): DevicesInRuns {
  // By the id of the device, and by what the agent was called, which is all that is known of one that is lost.
  const latest = new Map<string, LastMeasured>();
  for (const { agent, deviceId, createdAt, environment } of cards.flatMap(({ lastJobs }) => lastJobs)) {
    for (const key of [deviceId, agent]) {
      if ((latest.get(key)?.at ?? '') < createdAt) latest.set(key, { at: createdAt, environment });
    }
  }
  const live = cards.filter(({ state }) => state.state === 'live');
  return {
    lastMeasured: ({ name, address, description }) =>
      description === undefined ? (latest.get(name) ?? latest.get(address)) : latest.get(description.deviceId),
    liveRunsOf: ({ name, address }) =>
      live.filter(({ agents }) => agents.includes(name) || agents.includes(address)).map((card) => card.name),
  };
}

function htmlOf(page: LivePage, path: string): Answer {
  return { type: 'text/html; charset=utf-8', body: livePageHtml(page, path) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
