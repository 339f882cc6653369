import { destination, type Logger, pino } from 'pino';
import pretty from 'pino-pretty';

export type { Logger } from 'pino';

/**
 * Makes a log on stderr, so that stdout stays the command's own output: JSON, one object per line, or lines for people.
 * @param level one that pino knows
 */
export function createLogger(name: string, level: string, format: 'json' | 'pretty'): Logger {
  // Synchronous: what was said before a crash must not be lost, and there are few lines.
  const stderr = destination({ fd: 2, sync: true });
  return pino(
    { name, level, base: { pid: process.pid } },
    format === 'json' ? stderr : pretty({ destination: stderr, colorize: process.stderr.isTTY === true }),
  );
}
