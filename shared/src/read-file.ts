import { closeSync, openSync, readSync } from 'node:fs';
import { AlphaTensorError, messageOf } from './errors.js';

/** Bounds the files that are read whole, bytes: far more than the largest that is of use. */
export const MAX_FILE_BYTES = 2 ** 28;

const CHUNK_BYTES = 2 ** 20;

/**
 * Reads a whole file, or a pipe, up to a bound. Its length is not asked for before, because that of a pipe or of a device such
 * as /dev/zero is not known.
 * @throws AlphaTensorError UNSUPPORTED_FORMAT for a longer one, and what reading throws (ENOENT and so on)
 */
export function readBounded(path: string, maxBytes = MAX_FILE_BYTES): Buffer {
  const fd = openSync(path, 'r');
  try {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for (;;) {
      const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, maxBytes + 1 - bytes));
      const read = readSync(fd, chunk);
      if (read === 0) return Buffer.concat(chunks, bytes);
      chunks.push(chunk.subarray(0, read));
      bytes += read;
      if (bytes > maxBytes) throw tooLong(path, maxBytes);
    }
  } finally {
    closeSync(fd);
  }
}

/** Reads a whole text, UTF-8, up to a bound. @throws as readBounded */
export function readTextBounded(path: string, maxBytes = MAX_FILE_BYTES): string {
  return readBounded(path, maxBytes).toString('utf8');
}

/** Reads a text that a person named. @throws AlphaTensorError NOT_FOUND, UNSUPPORTED_FORMAT */
export function readNamed(path: string): string {
  try {
    return readTextBounded(path);
  } catch (cause) {
    if (cause instanceof AlphaTensorError) throw cause;
    throw new AlphaTensorError('NOT_FOUND', `${path} cannot be read (${messageOf(cause)}).`, { cause });
  }
}

function tooLong(path: string, maxBytes: number): AlphaTensorError {
  return new AlphaTensorError(
    'UNSUPPORTED_FORMAT',
    `"${path}" has more than ${maxBytes / 2 ** 20} MiB, which is too long for a file of this kind; check its name.`,
  );
}
