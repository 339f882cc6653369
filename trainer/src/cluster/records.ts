import { createHash } from 'node:crypto';

// Records in a file that is only appended to: the length of the data in 4 bytes, the first 4 bytes of their SHA-256, the kind in one byte,
// the data. A record that a killed process left unfinished is the last one and does not fit its sum.

const HEAD = 9;

/** Holds a record of a file. */
export interface FileRecord {
  readonly kind: number;
  readonly data: Uint8Array;
}

/** Writes a record. */
export function encodeRecord({ kind, data }: FileRecord): Buffer {
  const head = Buffer.alloc(HEAD);
  head.writeUInt32LE(data.length, 0);
  sumOf(kind, data).copy(head, 4);
  head.writeUInt8(kind, 8);
  return Buffer.concat([head, data]);
}

/** Reads records up to the end, or up to one that is unfinished or damaged. `length` is where the whole ones end. */
export function decodeRecords(bytes: Buffer): { readonly records: FileRecord[]; readonly length: number } {
  const records: FileRecord[] = [];
  let at = 0;
  while (at + HEAD <= bytes.length) {
    const end = at + HEAD + bytes.readUInt32LE(at);
    if (end > bytes.length) break;
    const kind = bytes.readUInt8(at + 8);
    const data = bytes.subarray(at + HEAD, end);
    if (!sumOf(kind, data).equals(bytes.subarray(at + 4, at + 8))) break;
    records.push({ kind, data });
    at = end;
  }
  return { records, length: at };
}

function sumOf(kind: number, data: Uint8Array): Buffer {
  return createHash('sha256').update(Uint8Array.of(kind)).update(data).digest().subarray(0, 4);
}
