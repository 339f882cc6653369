/**
 * Decodes text in UTF-8 or UTF-16, with a byte order mark or without, or in an encoding of one byte a character such as Latin 1: what
 * is outside of ASCII is in comments and names. Undefined if it is no text.
 */
export function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder(encodingOf(bytes), { fatal: true }).decode(bytes);
  } catch {
    return bytes.some(isControl) ? undefined : Buffer.from(bytes).toString('latin1');
  }
}

/** Whether a byte is no character of a text: below the space, but for the tab and ends of lines and pages. */
function isControl(byte: number): boolean {
  return byte < 0x20 && !(byte >= 0x09 && byte <= 0x0d);
}

/** Most of such a file is ASCII, so that in UTF-16 every other byte is zero. */
function encodingOf(bytes: Uint8Array): string {
  const [a, b, c, d] = bytes;
  if ((a === 0xff && b === 0xfe) || (a > 0 && b === 0 && c > 0 && d === 0)) return 'utf-16le';
  if ((a === 0xfe && b === 0xff) || (a === 0 && b > 0 && c === 0 && d > 0)) return 'utf-16be';
  return 'utf-8';
}
