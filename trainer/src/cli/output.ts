import { setMaxListeners } from 'node:events';
import { AlphaTensorError, messageOf, printable, systemFault } from '@alphatensor-edge/shared';
import { SingleBar } from 'cli-progress';
import { CommanderError } from 'commander';
import { TERMINAL_WIDTH } from '../report/terminal.js';

// Standard output carries results (text or one JSON document), standard error everything else. Either may repeat what a device said of
// itself, and a device that was taken over must not reach the terminal.

export function printJson(value: unknown): void {
  // proto-loader marks optional fields by a second one, `_name`; no reader wants those.
  const text = JSON.stringify(value, (key, item: unknown) => (key.startsWith('_') ? undefined : item), 2);
  process.stdout.write(`${printable(text)}\n`);
}

export function print(line: string): void {
  process.stdout.write(`${printable(line)}\n`);
}

/** Tells how many columns of the terminal a table may take; undefined if the output is no terminal. */
export function terminalWidth(): number | undefined {
  return process.stdout.isTTY ? Math.min(process.stdout.columns, TERMINAL_WIDTH) : undefined;
}

const [BOLD, DIM, GREEN, PLAIN] = ['\u001b[1m', '\u001b[2m', '\u001b[32m', '\u001b[0m'];

/** Prints the answer of a report: what is claimed in green, commands dim, devices bold; on a terminal that has colours. */
export function printAnswer(text: string): void {
  const isPlain = !process.stdout.isTTY || (process.env.NO_COLOR ?? '') !== '' || process.env.TERM === 'dumb';
  for (const line of text.trimEnd().split('\n')) {
    const safe = printable(line);
    const style = /^ *▲/.test(safe) ? GREEN : /^ *[$–]/.test(safe) ? DIM : /^\S/.test(safe) ? BOLD : '';
    process.stdout.write(isPlain || style === '' ? `${safe}\n` : `${style}${safe}${PLAIN}\n`);
  }
}

/** Holds the codes that erase the terminal's line, so that a remark does not join a bar. */
const ERASE_LINE = '\r\u001b[K';
/** Holds the codes for remarks, which wrap, and for bars, which must not. */
const [WRAP, NO_WRAP] = ['\u001b[?7h', '\u001b[?7l'];
const SAVE_CURSOR = '\u001b7';
let barsShown = 0;

/** Writes a remark about what is going on to standard error, above the bar if one is shown. */
export function note(line: string): void {
  const text = printable(line);
  process.stderr.write(barsShown > 0 ? `${ERASE_LINE}${WRAP}${text}\n${NO_WRAP}` : `${text}\n`);
}

/** Shows the progress of a long step: by a bar on a terminal, elsewhere by a plain line now and then. */
export interface Progress {
  /** `fraction` from 0 to 1. */
  update(fraction: number, text: string): void;
  stop(): void;
}

/** The least seconds between two lines without a terminal. */
const PLAIN_LINE_SECONDS = 5;

/** @param hasEnd whether it is known when the step is done; else no share of it is shown */
export function progress(label: string, hasEnd = true): Progress {
  if (!process.stderr.isTTY) return plainProgress(label, hasEnd);
  const bar = new SingleBar({
    format: hasEnd ? `${label} [{bar}] {percentage}% {text}` : `${label} {text}`,
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: false,
    barsize: 24,
    linewrap: false,
    // A remark erased it: the next turn draws it again below.
    forceRedraw: true,
  });
  let isShown = true;
  barsShown++;
  bar.start(1000, 0, { text: '' });
  return {
    update: (fraction, text) =>
      bar.update(Math.round(Math.min(1, Math.max(0, fraction)) * 1000), { text: printable(text) }),
    stop: () => {
      if (!isShown) return;
      isShown = false;
      barsShown--;
      // The bar returns to the place it saved when it began, which remarks have moved away from.
      process.stderr.write(SAVE_CURSOR);
      bar.stop();
    },
  };
}

/** Makes a progress that is shown from its first update on. */
export function lazyProgress(label: string): Progress {
  let shown: Progress | undefined;
  return {
    update: (fraction, text) => {
      shown ??= progress(label);
      shown.update(fraction, text);
    },
    stop: () => shown?.stop(),
  };
}

function plainProgress(label: string, hasEnd: boolean): Progress {
  let printedAt = 0;
  let last = '';
  return {
    update: (fraction, text) => {
      const share = hasEnd ? `${Math.round(Math.min(1, fraction) * 100)}% ` : '';
      last = `${label} ${share}${text}`;
      if (performance.now() - printedAt < PLAIN_LINE_SECONDS * 1000) return;
      printedAt = performance.now();
      note(last);
      last = '';
    },
    stop: () => {
      if (last !== '') note(last);
      last = '';
    },
  };
}

/**
 * Says what went wrong in one sentence and returns the process's exit status. Writes the full trace only if ALPHATENSOR_DEBUG is set.
 */
export function reportFailure(thrown: unknown, json: boolean): number {
  if (thrown instanceof CommanderError) {
    if (thrown.exitCode === 0) return 0;
    // Commander has said it on standard error.
    if (json) printJson({ error: { code: 'INVALID_ARGUMENT', message: thrown.message.replace(/^error: /, '') } });
    return 2;
  }
  const error = systemFault(thrown) ?? thrown;
  if (json) printJson({ error: errorDocument(error) });
  note(`error: ${messageOf(error)}`);
  if (process.env.ALPHATENSOR_DEBUG && error instanceof Error) note(error.stack ?? '');
  return error instanceof AlphaTensorError ? error.exitCode : 1;
}

/** Prints a result. If it missed its goal, `failure` is printed in the same document and sets the exit status. */
export function printOutcome(document: object, failure: AlphaTensorError | undefined, asText?: () => void): void {
  if (asText === undefined) printJson(failure ? { ...document, error: errorDocument(failure) } : document);
  else asText();
  if (failure === undefined) return;
  note(`error: ${messageOf(failure)}`);
  process.exitCode = failure.exitCode;
}

function errorDocument(error: unknown): { code: string; field?: string | undefined; message: string } {
  const details =
    error instanceof AlphaTensorError ? { code: error.code, field: error.details.field } : { code: 'INTERNAL' };
  return { ...details, message: messageOf(error) };
}

/** Makes an abort signal that fires on the first Ctrl-C or SIGTERM. The second ends the process at once. */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  // Every measurement that waits listens to it.
  setMaxListeners(0, controller.signal);
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(130);
      note('stopping cleanly; press Ctrl-C again to stop at once');
      controller.abort(new AlphaTensorError('CANCELLED', 'Stopped on request.'));
    });
  }
  return controller.signal;
}
