import { setTimeout } from 'node:timers/promises';
import type { Outcome } from '@alphatensor-edge/proto';
import { AlphaTensorError } from '@alphatensor-edge/shared';
import type { Job, Progress, RunJob } from '../job/job.js';

/** Tells a caller about its job before the outcome. */
export type JobEvent = Progress | { readonly kind: 'queued'; readonly jobsAhead: number };

/** Tells of a job that waits or runs. */
export interface QueuedJob {
  readonly job: Job;
  readonly isRunning: boolean;
  /** What its callers heard last. */
  readonly lastEvent: JobEvent;
  /** Seconds since it began to run, or since it came if it waits. */
  readonly seconds: number;
}

/** Holds one caller's claim to a job. */
interface Ticket {
  readonly outcome: Promise<Outcome>;
  /** Lets go of the job. When the last caller does, the job is stopped. */
  release(): void;
}

/** Bounds the results kept for callers that ask again. */
const MAX_FINISHED = 256;

interface Entry {
  readonly job: Job;
  readonly fingerprint: string;
  readonly listeners: Set<(event: JobEvent) => void>;
  readonly stop: AbortController;
  readonly outcome: Promise<Outcome>;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
  lastEvent: JobEvent;
  /** When it came, then when it began to run, of `performance.now`. */
  since: number;
}

/**
 * Runs one job at a time, in order of arrival. A job id names one job. Asking for it again attaches to it while it
 * waits or runs, and gives its outcome afterwards.
 */
export class JobQueue {
  readonly #waiting: Entry[] = [];
  readonly #live = new Map<string, Entry>();
  readonly #finished = new Map<string, { readonly fingerprint: string; readonly outcome: Outcome }>();
  #running: Entry | undefined;
  #idle: Promise<void> = Promise.resolve();
  #closed = false;

  readonly #runJob: RunJob;
  readonly #capacity: number;

  /** @param capacity number of jobs that may wait while one runs */
  constructor(runJob: RunJob, capacity: number) {
    this.#runJob = runJob;
    this.#capacity = capacity;
  }

  get state(): { runningJobs: number; waitingJobs: number; capacityJobs: number } {
    return {
      runningJobs: this.#running === undefined ? 0 : 1,
      waitingJobs: this.#waiting.length,
      capacityJobs: this.#capacity,
    };
  }

  /** Tells whether a program is being timed now, which nothing should disturb. */
  get isTiming(): boolean {
    const kind = this.#running?.lastEvent.kind;
    return kind === 'measuring' || kind === 'tuning';
  }

  /** Lists the running job, then those that wait, in their order. */
  get jobs(): QueuedJob[] {
    const now = performance.now();
    return [...(this.#running === undefined ? [] : [this.#running]), ...this.#waiting].map((entry) => ({
      job: entry.job,
      isRunning: entry === this.#running,
      lastEvent: entry.lastEvent,
      seconds: (now - entry.since) / 1000,
    }));
  }

  /**
   * Queues a job, or attaches to the one with this id. `listener` hears the latest event at once.
   * @throws AlphaTensorError RESOURCE_EXHAUSTED (full), INVALID_ARGUMENT (the id was used for another job), UNAVAILABLE
   * (closed)
   */
  submit(job: Job, fingerprint: string, listener: (event: JobEvent) => void): Ticket {
    if (this.#closed) throw shuttingDown();
    const known = this.#live.get(job.jobId) ?? this.#finished.get(job.jobId);
    if (known !== undefined && known.fingerprint !== fingerprint) {
      throw new AlphaTensorError(
        'INVALID_ARGUMENT',
        `job_id "${job.jobId}" was used for another request; choose a new one.`,
        { field: 'job_id' },
      );
    }
    const stored = this.#finished.get(job.jobId);
    if (stored !== undefined) return { outcome: Promise.resolve(stored.outcome), release: () => undefined };
    const ticket = this.#attach(this.#live.get(job.jobId) ?? this.#enqueue(job, fingerprint), listener);
    this.#startNext();
    return ticket;
  }

  /**
   * Refuses the waiting jobs, gives the running one `drainSeconds` to end, then stops it and waits until nothing runs.
   */
  async close(drainSeconds = 0): Promise<void> {
    this.#closed = true;
    for (const entry of [...this.#waiting]) this.#abandon(entry, shuttingDown());
    if (drainSeconds > 0) await Promise.race([this.#idle, setTimeout(drainSeconds * 1000, undefined, { ref: false })]);
    for (const entry of [...this.#live.values()]) this.#abandon(entry, shuttingDown());
    await this.#idle;
  }

  #enqueue(job: Job, fingerprint: string): Entry {
    if (this.#running !== undefined && this.#waiting.length >= this.#capacity) {
      throw new AlphaTensorError(
        'RESOURCE_EXHAUSTED',
        `The agent's queue is full (${this.#capacity} jobs wait); try again in a few seconds or use another agent.`,
      );
    }
    const { runningJobs, waitingJobs } = this.state;
    const entry = makeEntry(job, fingerprint, { kind: 'queued', jobsAhead: runningJobs + waitingJobs });
    this.#live.set(job.jobId, entry);
    this.#waiting.push(entry);
    return entry;
  }

  #attach(entry: Entry, listener: (event: JobEvent) => void): Ticket {
    // Every ticket has its own listener, even if two callers pass the same function.
    const hear = (event: JobEvent): void => listener(event);
    entry.listeners.add(hear);
    hear(entry.lastEvent);
    return {
      outcome: entry.outcome,
      release: () => {
        if (entry.listeners.delete(hear) && entry.listeners.size === 0) this.#abandon(entry, cancelled());
      },
    };
  }

  /** Gives up a job that nobody waits for. Its id is free again at once, even while the job is still being stopped. */
  #abandon(entry: Entry, reason: AlphaTensorError): void {
    if (!this.#isLive(entry)) return;
    this.#live.delete(entry.job.jobId);
    const index = this.#waiting.indexOf(entry);
    if (index >= 0) this.#waiting.splice(index, 1);
    entry.reject(reason);
    entry.stop.abort(reason);
    this.#tellPositions();
  }

  #startNext(): void {
    if (this.#running !== undefined) return;
    this.#running = this.#waiting.shift();
    if (this.#running !== undefined) this.#idle = this.#run(this.#running);
  }

  async #run(entry: Entry): Promise<void> {
    entry.since = performance.now();
    try {
      const outcome = await this.#runJob(entry.job, {
        signal: entry.stop.signal,
        onProgress: (progress) => tell(entry, progress),
      });
      entry.resolve(outcome);
      // A stopped job says nothing about its algorithm, so it runs again when it is asked for again. A job given up at
      // the last moment must not answer for another that has taken its id since.
      if (outcome.kind !== 'OUTCOME_KIND_CANCELLED' && this.#isLive(entry)) this.#keep(entry, outcome);
    } catch (error) {
      entry.reject(error);
    } finally {
      if (this.#isLive(entry)) this.#live.delete(entry.job.jobId);
      this.#running = undefined;
      this.#startNext();
      this.#tellPositions();
    }
  }

  /** Tells whether somebody waits for it. */
  #isLive(entry: Entry): boolean {
    return this.#live.get(entry.job.jobId) === entry;
  }

  #keep(entry: Entry, outcome: Outcome): void {
    this.#finished.set(entry.job.jobId, { fingerprint: entry.fingerprint, outcome });
    const oldest = this.#finished.keys().next();
    if (this.#finished.size > MAX_FINISHED && !oldest.done) this.#finished.delete(oldest.value);
  }

  #tellPositions(): void {
    const { runningJobs } = this.state;
    this.#waiting.forEach((entry, index) => {
      const jobsAhead = runningJobs + index;
      const last = entry.lastEvent;
      if (last.kind !== 'queued' || last.jobsAhead !== jobsAhead) tell(entry, { kind: 'queued', jobsAhead });
    });
  }
}

function makeEntry(job: Job, fingerprint: string, lastEvent: JobEvent): Entry {
  let resolve: Entry['resolve'] = () => undefined;
  let reject: Entry['reject'] = () => undefined;
  const outcome = new Promise<Outcome>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  // If every caller has left, nobody handles the rejection.
  outcome.catch(() => undefined);
  return {
    job,
    fingerprint,
    listeners: new Set(),
    stop: new AbortController(),
    outcome,
    resolve,
    reject,
    lastEvent,
    since: performance.now(),
  };
}

function tell(entry: Entry, event: JobEvent): void {
  entry.lastEvent = event;
  for (const listener of entry.listeners) listener(event);
}

function cancelled(): AlphaTensorError {
  return new AlphaTensorError('CANCELLED', 'The job was cancelled.');
}

function shuttingDown(): AlphaTensorError {
  return new AlphaTensorError('UNAVAILABLE', 'The agent is shutting down; try again when it is back.');
}
