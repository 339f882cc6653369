import { count, formatRange, formatRatio, formatSignificant } from '../format.js';
import { type Markup, markup } from '../markup.js';
import type { LivePage } from './page.js';
import type { RunCard } from './run-card.js';
import { sparkline } from './spark.js';
import { agoWords, cell, NONE, stateSign } from './words.js';

/** Makes the list of all runs. Two or more can be ticked and compared. */
export function runsPage(cards: readonly RunCard[], folder: string): LivePage {
  const live = cards.filter(({ state }) => state.state === 'live').length;
  return {
    title: 'Runs',
    status: `${count(cards.length, 'run')} in the folder ${folder}, ${live} live.`,
    body: cards.length === 0 ? noRuns(folder) : list(cards),
    isOfHome: true,
  };
}

function noRuns(folder: string): Markup {
  return markup`<p>There is no run in ${folder} yet. One begins with <code class="command">npx at-trainer quickstart</code></p>`;
}

function list(cards: readonly RunCard[]): Markup {
  return markup`<form action="/compare" method="get"><div class="scroll" role="region" tabindex="0" aria-label="Runs"><table class="list cards">
<thead><tr><th scope="col">Run</th><th scope="col">State</th><th scope="col">Fastest<small>that is claimed</small></th><th scope="col">Rank</th><th scope="col">Over time</th><th scope="col">Devices</th><th scope="col">Started</th></tr></thead>
<tbody>${cards.map(row)}</tbody></table></div>
<button type="submit" class="main">Compare the ticked runs</button></form>`;
}

function row({ name, state, kind, size, startedAt, changedAt, bestRank, best, devices, jobs, spark }: RunCard): Markup {
  const since = state.state === 'live' ? (state.stage ?? 'running') : agoWords(state.at ?? changedAt);
  const fastest =
    best === undefined
      ? jobs === 0
        ? NONE
        : markup`<span class="quiet">nothing claimed</span>`
      : markup`<b>${formatRatio(best.speedup.estimate)}×</b> <small>${formatRange(best.speedup)}, ${best.what}</small>`;
  return markup`<tr><th scope="row"><input type="checkbox" name="run" value="${name}" id="tick-${name}" aria-label="Compare ${name}"> <a href="/runs/${encodeURIComponent(name)}">${name}</a><small>${[kind, size].filter(Boolean).join(' ')}</small></th>
${cell('State', markup`${stateSign(state.state)}<small>${since}</small>`)}${cell('Fastest', fastest)}${cell('Rank', bestRank ?? NONE)}${cell('Over time', spark === undefined ? NONE : sparkCell(spark))}${cell(
  'Devices',
  jobs === 0 ? NONE : markup`${devices.join(', ')}<small>${count(jobs, 'job')}</small>`,
)}${cell('Started', startedAt === undefined ? 'unknown' : agoWords(startedAt))}</tr>`;
}

function sparkCell({ title, points }: NonNullable<RunCard['spark']>): Markup {
  const [first, last] = [points[0], points[points.length - 1]].map(([, value]) =>
    Number.isInteger(value) ? String(value) : formatSignificant(value),
  );
  return markup`${sparkline(points)}<small>${title.toLowerCase()}, ${first} to ${last}</small>`;
}
