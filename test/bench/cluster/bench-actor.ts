// An actor of a cluster without a network: it sleeps, and sends a game of <2,2,3>'s real size, through the outbox of `play`:
// bench-actor.js ADDRESS NAME SLEEP_MS ACKED_FILE. It writes the id of each game that the server has to ACKED_FILE, a line each.
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectCluster } from '@alphatensor-edge/trainer/cluster/connect.js';
import { encodeGame, type GameMessage } from '@alphatensor-edge/trainer/cluster/game-message.js';
import { Outbox } from '@alphatensor-edge/trainer/cluster/outbox.js';
import { GameMaker } from '../../support/cluster-games.js';
import { NEWEST } from './books.js';

/** Games that are made before; each is sent again and again with another policy. */
const PREPARED = 20;

const [address, name, sleepMs, acked] = process.argv.slice(2);
const word = `${process.pid}x${Date.now()}`;
const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort());

const maker = await GameMaker.open(`${name}/${word}`);
const prepared = Array.from({ length: PREPARED }, (_, index) => maker.make(`${name}.${word}.${index}`, NEWEST));
const cluster = await connectCluster(address);
const outbox = new Outbox(cluster, name, {
  onMessage: (text) => console.error(`${name}: ${text}`),
  signal: stop.signal,
});
const ids: string[] = [];
let written = 0;
console.log(JSON.stringify({ bytes: encodeGame(prepared[0]).length }));
for (let count = 0; !stop.signal.aborted; count++) {
  await sleep(Number(sleepMs), undefined, { signal: stop.signal }).catch(() => undefined);
  const id = `${name}.${word}.${count}`;
  outbox.add(id, encodeGame(another(prepared[count % PREPARED], id, count)));
  ids.push(id);
  await outbox.settle(200);
  note();
}
note();
await cluster.close();
process.exit();

/** Games are sent in order, so the first `sent` of them have arrived. */
function note(): void {
  if (outbox.sent === written) return;
  appendFileSync(acked, `${ids.slice(written, outbox.sent).join('\n')}\n`);
  written = outbox.sent;
}

/** The same game with another policy before its first move, so that it is another one. */
function another(game: GameMessage, id: string, count: number): GameMessage {
  const [first, ...others] = game.searched;
  const shift = first.policy[0] * (((count + 1) / 1e6) % 0.5);
  const policy = [first.policy[0] - shift, first.policy[1] + shift, ...first.policy.slice(2)];
  return { ...game, id, searched: [{ ...first, policy }, ...others] };
}
