import { readFileSync } from 'node:fs';
import { AlphaTensorError, messageOf } from './errors.js';

/**
 * Turns what the system refused into an error of ours, a sentence with what to do. Undefined for anything else.
 * @param error anything thrown
 */
export function systemFault(error: unknown): AlphaTensorError | undefined {
  if (error instanceof AlphaTensorError || !(error instanceof Error)) return undefined;
  const { code, path } = error as NodeJS.ErrnoException;
  const exhausted = (message: string): AlphaTensorError =>
    new AlphaTensorError('RESOURCE_EXHAUSTED', message, { cause: error });
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return exhausted(`The disk is full (${messageOf(error)}); free space and try again.`);
    case 'EMFILE':
      return exhausted(
        `This process may open ${ownLimit('open files')} files at a time, which is too few; raise ulimit -n.`,
      );
    case 'ENFILE':
      return exhausted('The system has as many files open as it can (fs.file-max); end other programs or raise it.');
    case 'EAGAIN':
      return exhausted(
        `No further process can be started (${messageOf(error)}); raise ulimit -u, or the limit of the container.`,
      );
    case 'ENOMEM':
      return exhausted(`There is too little memory (${messageOf(error)}); end other programs.`);
    case 'EROFS':
    case 'EACCES':
    case 'EPERM':
      return new AlphaTensorError('UNAVAILABLE', `${path ?? 'A file'} may not be used (${messageOf(error)}).`, {
        cause: error,
      });
    default:
      return undefined;
  }
}

/** Reads a limit of this process, as `ulimit` shows it: a number, or `unlimited`. Undefined where the system does not tell. */
export function ownLimit(name: 'open files' | 'cpu time'): string | undefined {
  try {
    const line = new RegExp(`^Max ${name} +(\\S+)`, 'm').exec(readFileSync('/proc/self/limits', 'utf8'));
    return line?.[1];
  } catch {
    return undefined;
  }
}

/** Ends this process without a message where nobody reads its output any more: `head` has seen enough, which is no fault. */
export function endWithoutReader(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      process.exit();
    });
  }
}
