import { strToU8 } from 'fflate';

/** Writes a `.npy` file, format version 1 or 2. */
export function npy(header: string, data: Uint8Array, version: 1 | 2 = 1): Uint8Array {
  const text = strToU8(`{${header}, }\n`, true);
  const prefix = Buffer.from(
    version === 1 ? '\x93NUMPY\x01\x00\x00\x00' : '\x93NUMPY\x02\x00\x00\x00\x00\x00',
    'latin1',
  );
  if (version === 1) prefix.writeUInt16LE(text.length, 8);
  else prefix.writeUInt32LE(text.length, 8);
  return Uint8Array.from(Buffer.concat([prefix, text, data]));
}
