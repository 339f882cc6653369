/**
 * Runs in the browser. When the server reports a change, it fetches the page again and replaces its parts one by one, so that
 * the scroll position and unfolded details stay. If the server is gone, it says so and keeps trying.
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
