import type { ChildProcess } from 'node:child_process';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const children = new Set<ChildProcess>();

/**
 * Ends a child when this process ends, also where a signal ends it and nothing else listens for that, as while the child starts. Who does
 * listen ends both in good order.
 */
export function endTogether(child: ChildProcess): void {
  if (children.size === 0) listen();
  children.add(child);
  child.once('close', () => {
    children.delete(child);
    if (children.size === 0) stopListening();
  });
}

function listen(): void {
  process.on('exit', endChildren);
  for (const signal of SIGNALS) process.on(signal, onSignal);
}

function stopListening(): void {
  process.off('exit', endChildren);
  for (const signal of SIGNALS) process.off(signal, onSignal);
}

function onSignal(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return;
  endChildren();
  stopListening();
  process.kill(process.pid, signal);
}

function endChildren(): void {
  for (const child of children) child.kill('SIGTERM');
}
