/**
 * Runs in the browser: on every change that the server tells, fetches the page again and puts its parts in place of the old ones,
 * so that the place on the page and what is unfolded stay. Without a server it says so and goes on trying.
 */
export const LIVE_SCRIPT = `
'use strict';
const status = () => document.querySelector('.live');
let version = '';
async function refresh(next) {
  const response = await fetch(location.pathname, { cache: 'no-store' });
  if (!response.ok) return;
  const fresh = new DOMParser().parseFromString(await response.text(), 'text/html');
  const open = [...document.querySelectorAll('details')].map((one) => one.open);
  for (const part of ['header', 'main']) document.querySelector(part).replaceWith(fresh.querySelector(part));
  document.querySelectorAll('details').forEach((one, index) => { one.open = open[index] ?? false; });
  document.title = fresh.title;
  status().classList.add('current');
  version = next;
}
const events = new EventSource('events');
events.addEventListener('version', ({ data }) => {
  if (data === version) status().classList.add('current');
  else refresh(data).catch(() => {});
});
events.addEventListener('error', () => {
  status().classList.remove('current');
  status().textContent = 'No connection to at-trainer serve; what is shown may be old. Trying again.';
  version = '';
});
`;
