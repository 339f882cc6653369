import type { ConsumerMessages } from '@nats-io/jetstream';

/** Milliseconds without a message after which a fetch has lost its server. The server ends one that is whole after a second. */
const SILENT_MS = 5000;

/**
 * Ends a fetch whose server was started again meanwhile: the client would wait for it for ever, as nobody remembers the request.
 * @returns `refresh`, to be called when messages have been handled, and `end`
 */
export function watch(messages: ConsumerMessages): { refresh(): void; end(): void } {
  const timer = setInterval(() => {
    // What has arrived is handled first: this process may have been busy.
    if (messages.getPending() === 0) messages.stop();
  }, SILENT_MS);
  return { refresh: () => timer.refresh(), end: () => clearInterval(timer) };
}
