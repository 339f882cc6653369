import type { ClusterStatus } from '../../cluster/status.js';
import { refusedWords } from '../../cluster/status-words.js';
import { count, formatSignificant } from '../format.js';
import { type Markup, markup } from '../markup.js';
import { section } from '../shell.js';
import { agoWords, cell } from './words.js';

/** Shows the machines that play for a run: rates, weights, shares of the replay, refused games. */
export function clusterSection(status: ClusterStatus): Markup {
  const { cluster, state, queue, version, actors, at, dead } = status;
  const rows = actors.map(
    ({ name, games, solved, gamesPerSecond, version: played, replayShare, lastSeen, refused, lastRefusal }) =>
      markup`<tr><th scope="row">${name}<small>${lastSeen === undefined ? 'never seen' : `seen ${agoWords(lastSeen)}`}</small></th>
${cell('Games', markup`${games}<small>${solved} solved</small>`)}${cell('Games a second', formatSignificant(gamesPerSecond))}${cell('Weights of step', played ?? '—')}${cell('Of the replay', `${Math.round(100 * replayShare)} %`)}${cell(
  'Refused',
  markup`${refusedWords(refused)}${lastRefusal === undefined ? null : markup`<small>${lastRefusal}</small>`}`,
)}</tr>`,
  );
  const learner = state === 'ended' ? 'The learner has ended' : 'The learner runs';
  return section(
    'cluster',
    'Cluster',
    markup`<p>${learner} in ${cluster} (${agoWords(at)}); the newest weights are of step ${version}. ${count(queue.waiting, 'game')} ${queue.waiting === 1 ? 'waits' : 'wait'}, ${queue.inHand} in hand; ${dead} refused are kept.</p>
<div class="scroll" role="region" tabindex="0" aria-label="Actors"><table class="list cards">
<thead><tr><th scope="col">Actor</th><th scope="col">Games</th><th scope="col">Games a second</th><th scope="col">Weights of step</th><th scope="col">Of the replay</th><th scope="col">Refused</th></tr></thead>
<tbody>${rows}</tbody></table></div>`,
  );
}
