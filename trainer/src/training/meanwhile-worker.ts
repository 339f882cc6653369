import { parentPort, workerData } from 'node:worker_threads';
import { Random } from '@alphatensor-edge/shared';
import { type EndedGame, type PublishedGames, RefilledGames } from './refilled-games.js';
import { type PlayerData, workerPlayer } from './worker-player.js';

// This program runs in a worker thread and plays games without end, with the newest weights that it was given; see meanwhile.ts.

/** Holds what a worker is started with. */
export interface MeanwhileData extends PlayerData {
  /** Number of games side by side. */
  readonly lanes: number;
  /** Tells this worker's games from those of all others. Their random numbers follow from it and the run's seed. */
  readonly name: string;
}

/** Gives a worker other weights, tells it that the learner took so many of its games, or ends it. */
export type MeanwhileOrder =
  | ({ readonly kind: 'publish'; readonly weights: Float32Array } & PublishedGames)
  | { readonly kind: 'taken'; readonly games: number }
  | { readonly kind: 'stop' };

/** Tells which games ended and how old the oldest under way is, or why the worker failed. */
export type MeanwhileMessage =
  | {
      readonly kind: 'played';
      readonly games: readonly EndedGame[];
      /** The step of the oldest weights with which a game under way began; undefined if there is none. */
      readonly oldest: number | undefined;
    }
  | { readonly kind: 'failed'; readonly error: string };

/** A learner that takes no games gets no more than so many for each game that is played side by side. */
const UNTAKEN_A_LANE = 2;

if (parentPort !== null) {
  const port = parentPort;
  const { lanes, name, ...data } = workerData as MeanwhileData;
  let newest: Extract<MeanwhileOrder, { kind: 'publish' }> | undefined;
  let untaken = 0;
  let wake = (): void => undefined;
  const stop = new AbortController();

  port.on('message', (order: MeanwhileOrder) => {
    if (order.kind === 'publish') newest = order;
    else if (order.kind === 'taken') untaken -= order.games;
    else stop.abort();
    wake();
  });

  const play = async (): Promise<void> => {
    const player = await workerPlayer(data);
    const games = new RefilledGames(data.config, { lanes, name, random: new Random(`${data.config.seed}/${name}`) });
    let told: number | undefined;
    const tell = (ended: readonly EndedGame[]): void => {
      if (ended.length === 0 && games.oldest === told) return;
      told = games.oldest;
      port.postMessage({ kind: 'played', games: ended, oldest: told } satisfies MeanwhileMessage);
    };
    while (!stop.signal.aborted) {
      if (newest !== undefined && newest.step !== games.weightsStep) {
        const { step, plan, begun, weights } = newest;
        games.renew({ step, plan, begun }, await player(weights));
      }
      games.fill(UNTAKEN_A_LANE * lanes - untaken);
      tell([]);
      if (games.underWay === 0) {
        // A message that came in the meantime has been seen above, but for the one to stop.
        if (stop.signal.aborted) break;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      const ended = await games.step(stop.signal);
      untaken += ended.length;
      tell(ended);
    }
  };
  play()
    .catch((error: unknown) => {
      if (stop.signal.aborted) return;
      port.postMessage({ kind: 'failed', error: String(error) } satisfies MeanwhileMessage);
    })
    // The thread ends by itself, as native code that is cut off in the middle of a call can crash the process.
    .finally(() => port.close());
}
