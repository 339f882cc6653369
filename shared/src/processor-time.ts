import { AlphaTensorError } from './errors.js';
import { readText } from './system-files.js';

/**
 * Makes this process say why, where it has used up the processor time that its shell grants it (setrlimit(2), RLIMIT_CPU). The
 * system ends it without a word where the limit cannot be raised, as `ulimit -t` sets it. That is said at the beginning.
 */
export function tellProcessorTime(): void {
  const [, soft, hard] = /^Max cpu time +(\S+) +(\S+)/m.exec(readText('/proc/self/limits')) ?? [];
  if (soft === undefined || soft === 'unlimited') return;
  if (soft === hard) {
    process.stderr.write(
      `note: the system ends this process without a word after ${soft} s of processor time; raise ulimit -t for what takes longer\n`,
    );
  }
  process.on('SIGXCPU', () => {
    process.stderr.write(`error: This process has used up its ${soft} s of processor time; raise ulimit -t.\n`);
    process.exit(new AlphaTensorError('RESOURCE_EXHAUSTED', '').exitCode);
  });
}
