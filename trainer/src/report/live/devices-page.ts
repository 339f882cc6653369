import type { Environment } from '@alphatensor-edge/proto';
import { jobWords } from '../../fleet/job-words.js';
import type { Admission } from '../../fleet/trust/admissions.js';
import { conditionsOf } from '../figures.js';
import { count, formatList } from '../format.js';
import { type Markup, markup } from '../markup.js';
import { conditionWords } from '../words.js';
import { type DevicesNow, temperatureWords } from './device-list.js';
import type { LivePage } from './page.js';
import { agoWords, cell, durationWords, NONE, stateSign } from './words.js';

type Agent = DevicesNow['agents'][number];

/** Holds what a device last measured under. */
export interface LastMeasured {
  /** When that was stored, ISO 8601. */
  readonly at: string;
  /** Undefined: unknown. */
  readonly environment: Environment | undefined;
}

/** Holds what the runs tell of devices. */
export interface DevicesInRuns {
  lastMeasured(agent: Agent): LastMeasured | undefined;
  /** Names the live runs that measure on an agent. */
  liveRunsOf(agent: Agent): readonly string[];
}

/** Makes the list of devices: who is there, busy with what, how warm, how far each is let in. */
export function devicesPage(devices: DevicesNow, runs: DevicesInRuns): LivePage {
  const { agents, admissions, error } = devices;
  const there = agents.filter(({ state }) => state === 'up' || state === 'busy').length;
  return {
    title: 'Devices',
    status: error ?? `${there} of ${count(agents.length, 'device')} online.`,
    body: markup`${agents.length === 0 ? noDevices() : table(agents, devices, runs)}${others(admissions, agents)}`,
    isOfHome: true,
  };
}

function noDevices(): Markup {
  return markup`<p>No device is known yet. Invite one with <code class="command">npx at-trainer agents invite NAME</code></p>`;
}

const HEAD = ['Device', 'State', 'Busy with', 'Machine', 'Backends', 'Temperature', 'Agent', 'Certificate'];

function table(agents: readonly Agent[], { admissions }: DevicesNow, runs: DevicesInRuns): Markup {
  const rows = agents.map((agent) => {
    const { name, address, state, lastContact } = agent;
    const admission = admissions.find((one) => one.name === name && one.state === 'enrolled');
    const seen = state === 'lost' ? `last seen ${agoWords(lastContact)}` : roomWords(agent);
    return markup`<tr><th scope="row">${name}<small>${address.startsWith('unix:') ? 'dials in' : address}</small></th>
${cell('State', markup`${stateSign(stateWord(state))}<small>${seen}</small>`)}${cell('Busy with', busyWith(agent, runs.liveRunsOf(agent)))}${cell('Machine', machine(agent))}${cell('Backends', backends(agent))}${cell('Temperature', temperature(agent, runs.lastMeasured(agent)))}${cell('Agent', agentVersion(agent))}${cell('Certificate', certificateWords(admission))}</tr>`;
  });
  return markup`<div class="scroll" role="region" tabindex="0" aria-label="Devices"><table class="list cards">
<thead><tr>${HEAD.map((title) => markup`<th scope="col">${title}</th>`)}</tr></thead>
<tbody>${rows}</tbody></table></div>`;
}

function stateWord(state: Agent['state']): string {
  return state === 'up' ? 'online' : state;
}

function roomWords({ state, description }: Agent): string {
  if (state === 'asking') return 'no answer yet';
  return description?.queue ? `room for ${description.queue.capacityJobs} jobs` : '';
}

/** Names the job that runs, those that wait, and the runs that they are for. Older agents tell only their number. */
function busyWith({ state, description }: Agent, liveRuns: readonly string[]): Markup | string {
  if (state === 'lost' || state === 'asking' || !description?.queue) return NONE;
  const { runningJobs, waitingJobs } = description.queue;
  const whose = `of ${liveRuns.length === 1 ? 'the run' : 'the runs'} ${formatList(liveRuns)}`;
  const runs = liveRuns.length === 0 ? null : markup`<small>${whose}</small>`;
  if (runningJobs + waitingJobs === 0) return runs === null ? 'nothing' : markup`nothing, between jobs${runs}`;
  const [first, ...others] = description.jobs;
  if (first === undefined) return markup`${count(runningJobs, 'job')}, ${waitingJobs} waiting${runs}`;
  const untold = runningJobs + waitingJobs - description.jobs.length;
  const rest = [...others.map(jobWords), ...(untold > 0 ? [`and ${count(untold, 'job')} more`] : [])];
  return markup`${jobWords(first)}<small>for ${durationWords(first.seconds)}</small>${rest.map((words) => markup`<small>${words}</small>`)}${runs}`;
}

function machine({ description, error }: Agent): Markup | string {
  const device = description?.device;
  if (!device) return error ?? NONE;
  const quota = device.cpuQuota === undefined ? '' : `, quota of ${device.cpuQuota} CPUs`;
  return markup`${device.hostname}<small>${device.cpuModel}, ${device.vectorIsa}${quota}</small>${error === undefined ? null : markup`<small>${error}</small>`}`;
}

/** Shows the temperature now, or the last one known with its time, and what else was noted when it last measured. */
function temperature({ state, description, lastContact }: Agent, last: LastMeasured | undefined): Markup | string {
  const [now, then] = [description?.temperatureCelsius, last?.environment?.temperatureCelsius].map(temperatureWords);
  const isThere = state === 'up' || state === 'busy';
  const known =
    now !== undefined
      ? `${now} ${isThere ? 'now' : agoWords(lastContact)}`
      : then !== undefined
        ? `${then} ${agoWords(last?.at)}`
        : 'unknown';
  if (last === undefined) return known;
  return markup`${known}<small>measured ${agoWords(last.at)}: ${conditionWords(conditionsOf(last.environment))}</small>`;
}

function agentVersion({ description, protocolVersion }: Agent): Markup | string {
  if (description === undefined) return NONE;
  return markup`${description.agentVersion}${protocolVersion === undefined ? null : markup`<small>protocol ${protocolVersion}</small>`}`;
}

function certificateWords(admission: Admission | undefined): string {
  if (admission === undefined) return NONE;
  return admission.at === null ? 'enrolled' : `until ${admission.at.toISOString().slice(0, 10)}`;
}

function backends({ description }: Agent): Markup | string {
  if (description === undefined) return NONE;
  const [works, not] = [true, false].map((available) =>
    description.backends.filter((backend) => backend.available === available).map(({ name }) => name),
  );
  return markup`${works.join(', ') || 'none works'}${not.length > 0 ? markup`<small>not: ${not.join(', ')}</small>` : null}`;
}

/** Lists the invitations that wait, and who is shut out. */
function others(admissions: DevicesNow['admissions'], agents: readonly Agent[]): Markup | null {
  const rest = admissions.filter(
    ({ name, state }) => state !== 'enrolled' || !agents.some((agent) => agent.name === name),
  );
  if (rest.length === 0) return null;
  const word = { invited: 'invited, until', enrolled: 'enrolled, certificate until', revoked: 'revoked on' } as const;
  return markup`<h2>Invitations and revocations</h2><ul>${rest.map(
    ({ name, state, at }) =>
      markup`<li><b>${name}</b> ${word[state]} ${at === null ? 'unknown' : `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`}</li>`,
  )}</ul>`;
}
