import { REFUSALS, type Refusal } from './refusal.js';
import type { ClusterStatus } from './status.js';

// These functions put how a cluster stands into words.

/** Gives an actor's refused games with the reasons: `3 stale, 1 false-claim`; `0` if there are none. */
export function refusedWords(refused: Partial<Record<Refusal, number>>): string {
  const parts = (Object.keys(REFUSALS) as Refusal[]).flatMap((reason) =>
    refused[reason] ? [`${refused[reason]} ${reason}`] : [],
  );
  return parts.join(', ') || '0';
}

/** Lists how a cluster stands, a line each. */
export function statusLines(status: ClusterStatus, now = Date.now()): string[] {
  const { cluster, run, state, step, version, queue, takenIn, dead, actors } = status;
  const age = Math.max(0, Math.round((now - Date.parse(status.at)) / 1000));
  const is = state === 'ended' ? `ended ${age} s ago` : age > 10 ? `silent for ${age} s` : 'running';
  return [
    `cluster   ${cluster}, run ${run}: the learner is ${is}`,
    `learner   step ${step}, newest weights of step ${version}`,
    `queue     ${queue.waiting} games wait, ${queue.inHand} in hand, ${Math.ceil(queue.bytes / 1024)} KB; ${takenIn} taken in since the last step; ${dead} refused ones are kept`,
    ...(actors.length === 0
      ? ['actors    none has been here']
      : actors.map((actor) => `actor     ${actorWords(actor, now)}`)),
  ];
}

function actorWords(actor: ClusterStatus['actors'][number], now: number): string {
  const { name, games, solved, refused, gamesPerSecond, version, replayShare, lastSeen, lastRefusal } = actor;
  const seen =
    lastSeen === undefined ? 'never' : `${Math.max(0, Math.round((now - Date.parse(lastSeen)) / 1000))} s ago`;
  return [
    `${name}: ${games} games, ${solved} solved, ${gamesPerSecond.toFixed(2)} a second`,
    `weights of step ${version ?? '—'}`,
    `${Math.round(100 * replayShare)} % of the replay`,
    `seen ${seen}`,
    `refused ${refusedWords(refused)}${lastRefusal === undefined ? '' : ` (last: ${lastRefusal})`}`,
  ].join('; ');
}
