import { messageOf } from '@alphatensor-edge/shared';
import { lastContact } from '../../fleet/agent-contacts.js';
import { listAgents } from '../../fleet/agent-registry.js';
import { type AgentStatus, fleetState } from '../../fleet/state.js';
import { type Admission, admissions } from '../../fleet/trust/admissions.js';

/** Holds what the page of devices shows. */
export interface DevicesNow {
  /** State `asking`: no answer and no refusal yet. */
  readonly agents: readonly (Omit<AgentStatus, 'state'> & { readonly state: AgentStatus['state'] | 'asking' })[];
  readonly admissions: readonly Admission[];
  /** Why the list cannot be read; undefined: it can. */
  readonly error: string | undefined;
}

/** Milliseconds for which an answer counts as present. */
const FRESH_MS = 5_000;

/** Knows the agents of this user and asks them in the background, so that no page waits for one that is lost. */
export class DeviceList {
  #states = new Map<string, AgentStatus>();
  #askedAt = 0;
  #asking: Promise<void> | undefined;

  now(): DevicesNow {
    try {
      const agents = listAgents().map(
        ({ name, address }) =>
          this.#states.get(name) ?? {
            name,
            address,
            state: 'asking' as const,
            lastContact: lastContact(address) ?? null,
          },
      );
      return { agents, admissions: admissions(), error: undefined };
    } catch (error) {
      return { agents: [], admissions: [], error: messageOf(error) };
    }
  }

  /** Asks the agents, unless they were asked just now. */
  refresh(now = Date.now()): Promise<void> {
    if (this.#asking === undefined && now - this.#askedAt >= FRESH_MS) {
      this.#askedAt = now;
      this.#asking = this.#ask().finally(() => {
        this.#asking = undefined;
      });
    }
    return this.#asking ?? Promise.resolve();
  }

  async #ask(): Promise<void> {
    try {
      const states = await fleetState(listAgents());
      // What a lost one said before is still what is known of it; its state says how old that is.
      this.#states = new Map(
        states.map((state) => [
          state.name,
          state.state === 'lost' ? { ...lastSaid(this.#states.get(state.name)), ...state } : state,
        ]),
      );
    } catch {
      // The page says why the list cannot be read.
    }
  }

  /** Makes a text that changes with what the page shows. */
  version(): string {
    const { agents, admissions: admitted } = this.now();
    const shown = agents.map(({ name, state, description }) => {
      // Their times go on by themselves.
      const jobs = description?.jobs.map(({ seconds: _, ...job }) => job);
      return [name, state, description?.queue, jobs, temperatureWords(description?.temperatureCelsius)];
    });
    return JSON.stringify([shown, admitted]);
  }
}

function lastSaid(known: AgentStatus | undefined): Pick<AgentStatus, 'description' | 'protocolVersion'> {
  return known === undefined ? {} : { description: known.description, protocolVersion: known.protocolVersion };
}

/** Writes `54 °C`; undefined: unknown. */
export function temperatureWords(celsius: number | null | undefined): string | undefined {
  return celsius === undefined || celsius === null ? undefined : `${Math.round(celsius)} °C`;
}
