import type { Admission } from '../../fleet/trust/admissions.js';
import { count, formatList } from '../format.js';
import { type Markup, markup } from '../markup.js';
import type { DevicesNow } from './device-list.js';
import type { LivePage } from './page.js';
import { agoWords, cell, stateSign } from './words.js';

type Agent = DevicesNow['agents'][number];

/** Holds what the runs tell of devices. */
export interface DevicesInRuns {
  /** What each device last measured under, by its id. */
  readonly conditions: ReadonlyMap<string, string>;
  /** Names the live runs that measure on an agent. */
  liveRunsOf(agent: Pick<Agent, 'name' | 'address'>): readonly string[];
}

/** Makes the list of devices: who is there, busy with what, how far each is let in. */
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

function table(agents: readonly Agent[], { admissions }: DevicesNow, runs: DevicesInRuns): Markup {
  const rows = agents.map((agent) => {
    const { name, address, state, lastContact, description, error } = agent;
    const device = description?.device;
    const admission = admissions.find((one) => one.name === name && one.state === 'enrolled');
    const seen = state === 'lost' ? `last seen ${agoWords(lastContact)}` : queueWords(agent, runs.liveRunsOf(agent));
    const machine = device
      ? markup`${device.hostname}<small>${device.cpuModel}, ${device.vectorIsa}</small>`
      : (error ?? '—');
    const protocol =
      agent.protocolVersion === undefined ? null : markup`<small>protocol ${agent.protocolVersion}</small>`;
    return markup`<tr><th scope="row">${name}<small>${address.startsWith('unix:') ? 'dials in' : address}</small></th>
${cell('State', markup`${stateSign(stateWord(state))}<small>${seen}</small>`)}${cell('Machine', machine)}${cell('Backends', backendWords(agent))}${cell('Agent', markup`${description?.agentVersion ?? '—'}${protocol}`)}${cell('Last measured at', runs.conditions.get(description?.deviceId ?? '') ?? '—')}${cell('Certificate', certificateWords(admission))}</tr>`;
  });
  return markup`<div class="scroll" role="region" tabindex="0" aria-label="Devices"><table class="list cards">
<thead><tr><th scope="col">Device</th><th scope="col">State</th><th scope="col">Machine</th><th scope="col">Backends</th><th scope="col">Agent</th><th scope="col">Last measured at</th><th scope="col">Certificate</th></tr></thead>
<tbody>${rows}</tbody></table></div>`;
}

function certificateWords(admission: Admission | undefined): string {
  if (admission === undefined) return '—';
  return admission.at === null ? 'enrolled' : `until ${admission.at.toISOString().slice(0, 10)}`;
}

function stateWord(state: Agent['state']): string {
  return state === 'up' ? 'online' : state;
}

function queueWords({ state, description }: Agent, liveRuns: readonly string[]): string {
  const queue = description?.queue;
  if (state === 'asking') return 'no answer yet';
  if (!queue) return '';
  const room = `room for ${queue.capacityJobs}`;
  const runs = liveRuns.length === 0 ? '' : ` for ${formatList(liveRuns)}`;
  if (state !== 'busy') return runs === '' ? `idle, ${room}` : `between jobs${runs}, ${room}`;
  return `${queue.runningJobs} measuring${runs}, ${queue.waitingJobs} waiting, ${room}`;
}

function backendWords({ description }: Agent): Markup {
  if (description === undefined) return markup`—`;
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
      markup`<li><b>${name}</b> ${word[state]} ${at === null ? 'unknown' : at.toISOString().slice(0, 16).replace('T', ' ')}</li>`,
  )}</ul>`;
}
