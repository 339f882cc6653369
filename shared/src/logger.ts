import { destination, type Logger, levels, pino } from 'pino';
import { AlphaTensorError } from './errors.js';

export type { Logger } from 'pino';

/** The environment variable that sets the level where no option does. */
export const LOG_LEVEL_VARIABLE = 'ALPHATENSOR_LOG_LEVEL';

const DEFAULT_LEVEL = 'warn';

/**
 * JSON lines on stderr, so that stdout stays the command's own output. The level is the option's, else that of
 * ALPHATENSOR_LOG_LEVEL, else `warn`.
 * @throws AlphaTensorError INVALID_ARGUMENT for a level that pino does not know
 */
export function createLogger(name: string, level?: string): Logger {
  const chosen = level ?? process.env[LOG_LEVEL_VARIABLE] ?? DEFAULT_LEVEL;
  const known = [...Object.values(levels.labels), 'silent'];
  if (!known.includes(chosen)) {
    throw new AlphaTensorError('INVALID_ARGUMENT', `"${chosen}" is not a log level; use one of ${known.join(', ')}.`, {
      field: level === undefined ? LOG_LEVEL_VARIABLE : 'log-level',
    });
  }
  // Synchronous: what was said before a crash must not be lost, and there are few lines.
  return pino({ name, level: chosen, base: { pid: process.pid } }, destination({ fd: 2, sync: true }));
}
