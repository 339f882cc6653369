import type { ClusterStatus } from '../../cluster/status.js';
import type { RunData } from '../../run/reader.js';
import type { RunState } from '../../run/state.js';
import { count, formatList, formatSignificant } from '../format.js';
import { reportBody } from '../html.js';
import { type Markup, markup } from '../markup.js';
import { buildReport, type Report } from '../model.js';
import { overTimeSection } from '../sections/over-time.js';
import { facts } from '../sections/parts.js';
import { section } from '../shell.js';
import type { Facts } from '../words.js';
import { clusterSection } from './cluster-section.js';
import type { DevicesNow } from './device-list.js';
import { latestFinds } from './finds.js';
import type { LivePage } from './page.js';
import { agoWords, durationWords } from './words.js';

/** Holds one run as its page shows it. */
export interface RunNow {
  readonly name: string;
  readonly run: RunData;
  readonly report: Report;
  readonly state: RunState;
  readonly changedAt: Date;
  /** How its cluster stands; undefined: it has none. */
  readonly cluster?: ClusterStatus | undefined;
}

/** Makes the page of a run: how it is going, then its report. */
export function runPage(
  { name, run, report, state, changedAt, cluster }: RunNow,
  agents: DevicesNow['agents'],
  isOfHome: boolean,
): LivePage {
  const isLive = state.state === 'live';
  return {
    title: name,
    status: statusSentence(state, changedAt),
    state: state.state,
    body: markup`<section aria-label="Progress">${facts(progressFacts(run, state, isLive ? ofRun(run, agents) : []))}</section>
${cluster === undefined ? null : clusterSection(cluster)}${isLive ? progress(report) : null}${reportBody(report)}`,
    isOfHome,
  };
}

/** Makes the page of a run that has not begun or cannot be read. */
export function emptyRunPage(name: string, status: string, isOfHome: boolean): LivePage {
  return { title: name, status, body: reportBody(buildReport([])), isOfHome };
}

function progress(report: Report): Markup | null {
  const drawn = (['progress', 'losses'] as const).map((group) => overTimeSection(report, group));
  return drawn.every((each) => each === null) ? null : section('live', 'Over time', markup`${drawn}`);
}

function statusSentence({ state, stage, at, message }: RunState, changedAt: Date): string {
  const changed = `last change ${agoWords(changedAt)}`;
  switch (state) {
    case 'live':
      return `${stage ?? 'running'}; ${changed}`;
    case 'crashed':
      return `its process ended without a word; ${changed}; it goes on with --resume`;
    case 'failed':
      return `${agoWords(at)}: ${message ?? 'the reason is unknown'}`;
    case 'stopped':
      return `on request, ${agoWords(at)}; it goes on with --resume`;
    case 'ended':
      return agoWords(at);
    case 'unknown':
      return `not running; ${changed}`;
  }
}

function progressFacts(run: RunData, state: RunState, agents: DevicesNow['agents']): Facts {
  const last = lastNumbers(run);
  const time = last.get('time');
  const budget = state.budgetSeconds;
  const number = (name: string, key: string): Facts => {
    const value = last.get(key);
    return value === undefined ? [] : [[name, formatSignificant(value)]];
  };
  const measured = last.get('measured');
  const waiting = last.get('waiting');
  return [
    ...(run.config?.command === undefined ? [] : [['Command', run.config.command] as const]),
    ...(time === undefined
      ? []
      : [['Elapsed', `${durationWords(time)}${budget === undefined ? '' : ` of ${durationWords(budget)}`}`] as const]),
    ...number('Games a second', 'gamesPerSecond'),
    ...number('Simulations a second', 'evaluationsPerSecond'),
    ...(measured === undefined ? [] : [['Algorithms measured', `${measured}, ${waiting ?? 0} waiting`] as const]),
    ...(agents.length === 0
      ? []
      : [['Agents', agents.map(({ name, state: is }) => `${name}: ${is}`).join(', ')] as const]),
    ...findsFacts(run),
  ];
}

/** Gives the agents that have measured for a run. */
function ofRun({ measurements }: RunData, agents: DevicesNow['agents']): DevicesNow['agents'] {
  const wanted = new Set(measurements.map(({ agent }) => agent));
  return agents.filter(({ name, address }) => wanted.has(name) || wanted.has(address));
}

/** Counts what the run kept, and lists the newest. */
function findsFacts(run: RunData): Facts {
  if (run.factorizations.length === 0) return [];
  const ranks = [...new Set(run.factorizations.map(({ rank }) => rank))].sort((a, b) => a - b).slice(0, 4);
  const latest = latestFinds(run).map(({ words, at }) => `${words} (${agoWords(at)})`);
  return [
    ['Found', `${count(run.factorizations.length, 'factorization')}, of rank ${formatList(ranks.map(String))}`],
    ...(latest.length > 0 ? [['Latest finds', latest.join('; ')] as const] : []),
  ];
}

/** Gives the last value of each number that the run recorded. */
function lastNumbers({ metrics }: RunData): Map<string, number> {
  const last = new Map<string, number>();
  for (const line of metrics) {
    for (const [key, value] of Object.entries(line)) if (typeof value === 'number') last.set(key, value);
  }
  return last;
}
