import type { RunState } from '../../run/state.js';
import { type Markup, markup } from '../markup.js';

/** Writes `just now`, `5 min ago`, `3 h ago`, or a day. */
export function agoWords(at: string | Date | null | undefined, now = new Date()): string {
  if (at === null || at === undefined) return 'never';
  const seconds = Math.max(0, (now.getTime() - new Date(at).getTime()) / 1000);
  if (seconds < 60) return 'just now';
  if (seconds < 3600) return `${Math.round(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.round(seconds / 3600)} h ago`;
  return new Date(at).toISOString().slice(0, 10);
}

/** Writes `45 s`, `12 min 30 s` or `3 h 5 min`. */
export function durationWords(seconds: number): string {
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes} min ${Math.round(seconds % 60)} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/**
 * Gives how long a run has been going on, or went on, in its last session, seconds. One that crashed went on until its last change.
 * @returns undefined for a run that did not write when it began
 */
export function sessionSeconds({ state, began, at }: RunState, changedAt: Date, now = new Date()): number | undefined {
  if (began === undefined) return undefined;
  const end = state === 'live' ? now : state === 'crashed' || at === undefined ? changedAt : new Date(at);
  return Math.max(0, (end.getTime() - Date.parse(began)) / 1000);
}

/** Makes the sign of a state: a dot whose colour and word both tell it. */
export function stateSign(state: string): Markup {
  return markup`<span class="state ${state}">${state === 'unknown' ? 'not running' : state}</span>`;
}

/** Stands in a cell that has nothing to say. On a phone such cells are left out. */
export const NONE = '—';

/** Makes a cell of a table whose rows become blocks on a phone, where each cell has its name. */
export function cell(name: string, content: Markup | string | number): Markup {
  return markup`<td data-label="${name}"${content === NONE ? markup` class="none"` : null}><div>${content}</div></td>`;
}
