import { formatSize } from '@alphatensor-edge/shared';
import type { ClusterStatus } from '../../cluster/status.js';
import { jobWords } from '../../fleet/job-words.js';
import { isRunCommand, type RunConfig } from '../../run/config.js';
import { FACTORIZATIONS } from '../../run/factorizations.js';
import type { RunData } from '../../run/reader.js';
import type { RunState } from '../../run/state.js';
import { count, formatList, formatSignificant } from '../format.js';
import { reportBody } from '../html.js';
import { type Markup, markup } from '../markup.js';
import { buildReport, type Report } from '../model.js';
import { overTimeSection } from '../sections/over-time.js';
import { facts } from '../sections/parts.js';
import { section } from '../shell.js';
import { quote } from '../take-home.js';
import type { Facts } from '../words.js';
import { clusterSection } from './cluster-section.js';
import type { DevicesNow } from './device-list.js';
import { latestFinds } from './finds.js';
import type { LivePage } from './page.js';
import { agoWords, durationWords, sessionSeconds } from './words.js';

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
    body: markup`<section aria-label="Progress">${nextCommand(run, state)}${facts(progressFacts(run, state, changedAt, isLive ? ofRun(run, agents) : []))}</section>
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
      return `its process ended without a word; ${changed}`;
    case 'failed':
      return `${agoWords(at)}: ${message ?? 'the reason is unknown'}`;
    case 'stopped':
      return `on request, ${agoWords(at)}`;
    case 'ended':
      return agoWords(at);
    case 'unknown':
      return `not running; ${changed}`;
  }
}

/** Writes what to type next: how an interrupted run goes on, or how to measure what a run only found. */
function nextCommand({ folder, config, factorizations, measurements }: RunData, { state }: RunState): Markup | null {
  if (folder === undefined) return null;
  const command = (does: string, words: string): Markup =>
    markup`<p>${does} <code class="command">npx at-trainer ${words}</code></p>`;
  if (['stopped', 'crashed', 'failed'].includes(state) && isRunCommand(config?.command)) {
    return command('It goes on with', `${config.command} --resume --run-dir ${quote(folder)}`);
  }
  const best = [...factorizations].sort((a, b) => a.rank - b.rank || a.nonzeros - b.nonzeros)[0];
  if (state === 'live' || measurements.length > 0 || best?.arithmetic !== 'standard') return null;
  return command('Measure what it found with', `benchmark ${quote(`${folder}/${FACTORIZATIONS}/${best.file}`)}`);
}

function progressFacts(run: RunData, state: RunState, changedAt: Date, agents: DevicesNow['agents']): Facts {
  const last = lastNumbers(run);
  const time = sessionSeconds(state, changedAt) ?? last.get('time');
  const budget = state.budgetSeconds;
  const number = (name: string, key: string): Facts => {
    const value = last.get(key);
    return value === undefined ? [] : [[name, formatSignificant(value)]];
  };
  const measured = last.get('measured');
  const waiting = last.get('waiting');
  return [
    ...(run.config?.command === undefined ? [] : [['Command', commandWords(run.config)] as const]),
    ...(time === undefined ? [] : [['Elapsed', elapsedWords(time, budget)] as const]),
    ...number('Games a second', 'gamesPerSecond'),
    ...number('Simulations a second', 'evaluationsPerSecond'),
    ...(measured === undefined ? [] : [['Algorithms measured', `${measured}, ${waiting ?? 0} waiting`] as const]),
    ...(agents.length === 0 ? [] : [['Agents', agents.map(agentWords).join('; ')] as const]),
    ...findsFacts(run),
  ];
}

/** Writes `12 s of 1 min 0 s`. The budget is that of the search; what was found is measured after it. */
function elapsedWords(seconds: number, budget: number | undefined): string {
  if (budget === undefined) return durationWords(seconds);
  return seconds <= budget
    ? `${durationWords(seconds)} of ${durationWords(budget)}`
    : `${durationWords(seconds)}, the budget of ${durationWords(budget)} is used up`;
}

function commandWords({ command, size }: RunConfig): string {
  return [command, size && formatSize(size)].filter(Boolean).join(' ');
}

/** Writes `laptop: measuring <2,2,2;7> at …`. */
function agentWords({ name, state, description }: DevicesNow['agents'][number]): string {
  const [running] = description?.jobs ?? [];
  return `${name}: ${state === 'busy' && running !== undefined ? jobWords(running) : state}`;
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
  const latest = latestFinds(run);
  return [
    ['Found', `${count(run.factorizations.length, 'factorization')}, of rank ${formatList(ranks.map(String))}`],
    ...(latest.length > 0
      ? [['Latest finds', `${latest.map(({ words }) => words).join('; ')} (${agoWords(latest[0].at)})`] as const]
      : []),
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
