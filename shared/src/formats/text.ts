import { AlphaTensorError } from '../errors.js';

/**
 * Decodes text in UTF-8 or UTF-16, with a byte order mark or without.
 * @throws AlphaTensorError UNSUPPORTED_FORMAT if it is no text
 */
export function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder(encodingOf(bytes), { fatal: true }).decode(bytes);
  } catch {
    throw new AlphaTensorError('UNSUPPORTED_FORMAT', 'it is neither text nor a zip archive');
  }
}

/** Most of such a file is ASCII, so that in UTF-16 every other byte is zero. */
function encodingOf(bytes: Uint8Array): string {
  const [a, b, c, d] = bytes;
  if ((a === 0xff && b === 0xfe) || (a > 0 && b === 0 && c > 0 && d === 0)) return 'utf-16le';
  if ((a === 0xfe && b === 0xff) || (a === 0 && b > 0 && c === 0 && d > 0)) return 'utf-16be';
  return 'utf-8';
}
