import type { RunState } from '../../run/state.js';
import { CLIENT_SCRIPT } from '../client.js';
import { type Markup, markup } from '../markup.js';
import { pageHtml } from '../shell.js';
import { stateSign } from './words.js';

/** Milliseconds after which a page is shown anew though no file changed, so that no `just now` and no elapsed time grows old. */
const REFRESH_MS = 10_000;

/**
 * Runs in the browser. When the server reports a change, it fetches the page again and replaces its parts one by one, so that
 * the scroll position, unfolded details, ticked boxes and the filter stay. If the server is gone, it says so and keeps trying.
 */
const LIVE_SCRIPT = `
const status = () => document.querySelector('.live');
const ticked = () => new Set([...document.querySelectorAll('input:checked')].map((one) => one.value));
let version = '';
let shownAt = Date.now();
async function refresh(next) {
  const response = await fetch(location.href, { cache: 'no-store' });
  if (!response.ok) return;
  const fresh = new DOMParser().parseFromString(await response.text(), 'text/html');
  const open = new Set([...document.querySelectorAll('details[open] > summary')].map((one) => one.textContent));
  const boxes = ticked();
  const focus = document.activeElement?.id;
  const wanted = document.getElementById('filter')?.value;
  for (const part of ['header', 'main']) document.querySelector(part).replaceWith(fresh.querySelector(part));
  for (const one of document.querySelectorAll('details > summary')) one.parentElement.open = open.has(one.textContent);
  for (const box of document.querySelectorAll('input[type=checkbox]')) box.checked = boxes.has(box.value);
  document.title = fresh.title;
  enhance();
  const filter = document.getElementById('filter');
  if (filter !== null && wanted) {
    filter.value = wanted;
    filter.dispatchEvent(new Event('input'));
  }
  if (focus) document.getElementById(focus)?.focus({ preventScroll: true });
  version = next;
  shownAt = Date.now();
}
const events = new EventSource('/events?of=' + encodeURIComponent(location.pathname + location.search));
events.addEventListener('version', ({ data }) => {
  if (data === version) status().classList.remove('lost');
  // Times that have gone on are shown anew, but not while somebody selects text.
  const isOld = Date.now() - shownAt > ${REFRESH_MS} && getSelection().isCollapsed;
  if (data !== version || isOld) refresh(data).catch(() => {});
});
events.addEventListener('error', () => {
  status().classList.add('lost');
  status().textContent = 'No connection to at-trainer serve; what is shown may be old. Trying again.';
  version = '';
});
`;

/** Holds a page of the server before it is written. */
export interface LivePage {
  readonly title: string;
  /** The state of a run, which stands before the status. */
  readonly state?: RunState['state'] | undefined;
  /** A sentence that is always true of what is shown. */
  readonly status: string;
  readonly body: Markup;
  /** Whether it belongs to the home of all runs, and so links to its other pages. */
  readonly isOfHome: boolean;
}

const PAGES = [
  ['/', 'Runs'],
  ['/devices', 'Devices'],
  ['/catalogue', 'Catalogue'],
] as const;

/** Writes a page that keeps itself up to date. */
export function livePageHtml({ title, state, status, body, isOfHome }: LivePage, path: string): string {
  const links = PAGES.map(
    ([target, name]) =>
      markup`<li><a href="${target}"${target === path ? markup` aria-current="page"` : null}>${name}</a></li>`,
  );
  return pageHtml({
    title: `${title} · AlphaTensor Edge`,
    header: markup`${isOfHome ? markup`<nav class="home" aria-label="Pages"><ul>${links}</ul></nav>` : null}<h1>${title}</h1>
<p class="live" role="status">${state && markup`${stateSign(state)} · `}${status}</p>
`,
    main: body,
    footer: 'AlphaTensor Edge. This page only reads.',
    script: CLIENT_SCRIPT + LIVE_SCRIPT,
    connects: true,
  });
}
