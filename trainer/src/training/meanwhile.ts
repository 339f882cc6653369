import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { AlphaTensorError, mean, verify } from '@alphatensor-edge/shared';
import { onThreads } from '../network/act-backend.js';
import type { MetricsLine } from '../run/metrics.js';
import type { GameSource, GameSourceContext, Publication, SourcedGame, TakeOptions } from './game-source.js';
import type { MeanwhileData, MeanwhileMessage, MeanwhileOrder } from './meanwhile-worker.js';
import type { EndedGame } from './refilled-games.js';
import { shareWeights } from './worker-player.js';

/** Holds a thread, what it has played, and how old the oldest of its games under way is. */
interface Seat {
  readonly worker: Worker;
  readonly exited: Promise<unknown>;
  ended: EndedGame[];
  oldest: number | undefined;
}

/**
 * Plays games on worker threads while the learner learns. Each thread plays with the newest weights that were published, and begins a
 * game where one ends. Neither side waits for the other within two bounds: the learner is at most `maxStaleness` steps ahead of the
 * weights with which the oldest game under way began, and a thread whose games are not taken stops after a few.
 */
export class GamesMeanwhile implements GameSource {
  readonly description: string;
  readonly isInTurn = false;
  readonly #seats: readonly Seat[];
  readonly #maxStaleness: number;
  #failure: AlphaTensorError | undefined;
  #staleness: number[] = [];
  #waited = 0;
  #wake: () => void = () => undefined;

  /** @throws AlphaTensorError INVALID_ARGUMENT for a reward that must be estimated */
  constructor({ network, config, acting, reward }: GameSourceContext) {
    if (!reward.isPlain) {
      throw new AlphaTensorError(
        'INVALID_ARGUMENT',
        'The latency in the reward is estimated in the main thread, so that games cannot be played while it learns; leave out --play meanwhile.',
        { field: '--play' },
      );
    }
    const { games, workers, maxStaleness } = config.acting;
    this.#maxStaleness = maxStaleness;
    const shapes = network.parameters.export().map(({ name, shape }) => ({ name, shape }));
    const run = randomUUID().slice(0, 8);
    const lanes = Math.ceil(games / workers);
    this.#seats = Array.from({ length: games > 0 ? workers : 0 }, (_, index) => {
      const workerData: MeanwhileData = { config, acting: onThreads(acting), shapes, lanes, name: `${run}-${index}` };
      const worker = new Worker(new URL('./meanwhile-worker.js', import.meta.url), { workerData });
      const exited = new Promise((resolve) => worker.once('exit', resolve));
      const seat: Seat = { worker, exited, ended: [], oldest: undefined };
      worker.on('message', (message: MeanwhileMessage) => this.#hear(seat, message));
      worker.on('error', (error) => this.#fail(String(error)));
      return seat;
    });
    this.description = `learning and playing at the same time: games on ${workers} ${workers === 1 ? 'thread' : 'threads'}, with weights at most ${maxStaleness} steps old; no two such runs are the same`;
  }

  async publish({ step, weights, plan, begun }: Publication): Promise<void> {
    // Each publication has an array of its own, as a thread may still read the one before.
    const order: MeanwhileOrder = { kind: 'publish', step, plan, begun, weights: shareWeights(weights()) };
    for (const seat of this.#seats) {
      // A thread that has no game under way begins one with these weights; the learner does not run away from it before that.
      seat.oldest ??= step;
      seat.worker.postMessage(order);
    }
  }

  /** Takes the games that have ended. It waits while a game under way began with weights more than `maxStaleness` steps old. */
  async take({ step, signal }: TakeOptions): Promise<readonly SourcedGame[]> {
    const asked = performance.now();
    while (this.#failure === undefined && this.#oldest < step - this.#maxStaleness) await this.#news(signal);
    this.#waited += (performance.now() - asked) / 1000;
    if (this.#failure !== undefined) throw this.#failure;
    const taken = this.#seats.flatMap((seat) => takeFrom(seat));
    this.#staleness.push(...taken.map(({ weightsStep }) => step - weightsStep));
    return taken;
  }

  metrics(): MetricsLine {
    const staleness = this.#staleness;
    const line = {
      ...(staleness.length > 0 && { staleness: mean(staleness), maxStaleness: Math.max(...staleness) }),
      learnerWaited: this.#waited,
    };
    this.#staleness = [];
    this.#waited = 0;
    return line;
  }

  async close(): Promise<void> {
    const order: MeanwhileOrder = { kind: 'stop' };
    await Promise.all(
      this.#seats.map(({ worker, exited }) => {
        worker.postMessage(order);
        return exited;
      }),
    );
  }

  get #oldest(): number {
    return Math.min(...this.#seats.map(({ oldest }) => oldest ?? Infinity));
  }

  #hear(seat: Seat, message: MeanwhileMessage): void {
    if (message.kind === 'failed') {
      this.#fail(message.error);
      return;
    }
    seat.ended.push(...message.games);
    seat.oldest = message.oldest;
    this.#wake();
  }

  #fail(reason: string): void {
    this.#failure ??= new AlphaTensorError('INTERNAL', `A worker thread that plays games failed: ${reason}`);
    this.#wake();
  }

  /** Waits for the next message. @throws AlphaTensorError CANCELLED if `signal` is aborted */
  async #news(signal: AbortSignal | undefined): Promise<void> {
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      this.#wake = wake;
      signal?.addEventListener('abort', wake);
      if (signal?.aborted) wake();
    });
    if (signal?.aborted) throw new AlphaTensorError('CANCELLED', 'The run was stopped while it waited for games.');
  }
}

/** Takes a thread's games. A factorization in a message is not verified yet. */
function takeFrom(seat: Seat): SourcedGame[] {
  const { ended, worker } = seat;
  if (ended.length === 0) return [];
  seat.ended = [];
  worker.postMessage({ kind: 'taken', games: ended.length } satisfies MeanwhileOrder);
  return ended.map(({ game, weightsStep }) => ({ ...game, found: game.found.map(verify), weightsStep }));
}
