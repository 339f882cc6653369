import { AlphaTensorError, messageOf } from '@alphatensor-edge/shared';
import { SingleBar } from 'cli-progress';
import { CommanderError } from 'commander';

// Standard output carries results (text or one JSON document), standard error everything else.

export function printJson(value: unknown): void {
  // proto-loader marks optional fields by a second one, `_name`; no reader wants those.
  const text = JSON.stringify(value, (key, item: unknown) => (key.startsWith('_') ? undefined : item), 2);
  process.stdout.write(`${text}\n`);
}

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** A remark about what is going on; never part of a result. */
export function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Progress of one long step: a bar on a terminal, a plain line now and then elsewhere. */
export interface Progress {
  /** `fraction` from 0 to 1. */
  update(fraction: number, text: string): void;
  stop(): void;
}

/** Without a terminal a line is printed at most this often. */
const PLAIN_LINE_SECONDS = 5;

export function progress(label: string): Progress {
  if (!process.stderr.isTTY) return plainProgress(label);
  const bar = new SingleBar({
    format: `${label} [{bar}] {percentage}% {text}`,
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: false,
    barsize: 24,
    linewrap: false,
  });
  bar.start(1000, 0, { text: '' });
  return {
    update: (fraction, text) => bar.update(Math.round(Math.min(1, Math.max(0, fraction)) * 1000), { text }),
    stop: () => bar.stop(),
  };
}

function plainProgress(label: string): Progress {
  let printedAt = 0;
  let last = '';
  return {
    update: (fraction, text) => {
      last = `${label} ${Math.round(fraction * 100)}% ${text}`;
      if (performance.now() - printedAt < PLAIN_LINE_SECONDS * 1000) return;
      printedAt = performance.now();
      note(last);
      last = '';
    },
    stop: () => {
      if (last !== '') note(last);
    },
  };
}

/**
 * Says what went wrong in one sentence and returns the process's exit status. The full trace only with DEBUG set.
 */
export function reportFailure(error: unknown, json: boolean): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const known = error instanceof AlphaTensorError;
  if (json) {
    const details = known ? { code: error.code, field: error.details.field } : { code: 'INTERNAL' };
    printJson({ error: { ...details, message: messageOf(error) } });
  }
  note(`error: ${messageOf(error)}`);
  if (process.env.DEBUG && error instanceof Error) note(error.stack ?? '');
  return known ? error.exitCode : 1;
}

/** An abort signal that fires on the first Ctrl-C or SIGTERM; the second one ends the process at once. */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(130);
      note('\nstopping cleanly; press Ctrl-C again to stop at once');
      controller.abort(new AlphaTensorError('CANCELLED', 'Stopped on request.'));
    });
  }
  return controller.signal;
}
