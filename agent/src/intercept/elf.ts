import { closeSync, openSync, readSync } from 'node:fs';

/** What the header of an ELF file says. */
export interface Elf {
  readonly bits: 32 | 64;
  readonly isLittleEndian: boolean;
  /** The number of the architecture, e_machine. */
  readonly machine: number;
  /** The dynamic loader, PT_INTERP; undefined: the file is statically linked, or a library. */
  readonly loader: string | undefined;
  /** Whether it has a dynamic section: it is linked with libraries, or is one. */
  readonly isDynamic: boolean;
}

const MAGIC = '\x7fELF';
const PT_DYNAMIC = 2;
const PT_INTERP = 3;
/** The longest path of a loader that is read. */
const MOST_LOADER_BYTES = 4096;

/**
 * Reads the header of an ELF file (System V ABI, chapters 4 and 5).
 * @returns undefined if it is not one
 * @throws the system's error if it cannot be read
 */
export function readElf(path: string): Elf | undefined {
  const file = openSync(path, 'r');
  try {
    const header = readAt(file, 0, 64);
    if (header.length < 52 || header.toString('latin1', 0, 4) !== MAGIC) return undefined;
    const bits = header[4] === 2 ? 64 : 32;
    const isLittleEndian = header[5] === 1;
    const number = (from: Buffer, offset: number, bytes: number): number =>
      isLittleEndian ? from.readUIntLE(offset, bytes) : from.readUIntBE(offset, bytes);
    // Offsets within a file are far below 2^48, which is what a number holds.
    const word = (from: Buffer, offset: number): number =>
      bits === 32 ? number(from, offset, 4) : number(from, offset + (isLittleEndian ? 0 : 2), 6);
    const [table, entryBytes, entries] =
      bits === 64
        ? [word(header, 32), number(header, 54, 2), number(header, 56, 2)]
        : [word(header, 28), number(header, 42, 2), number(header, 44, 2)];
    const segments = readAt(file, table, entryBytes * entries);
    let loader: string | undefined;
    let isDynamic = false;
    for (let at = 0; entryBytes > 0 && at + entryBytes <= segments.length; at += entryBytes) {
      const kind = number(segments, at, 4);
      if (kind === PT_DYNAMIC) isDynamic = true;
      if (kind !== PT_INTERP) continue;
      const [offset, size] =
        bits === 64
          ? [word(segments, at + 8), word(segments, at + 32)]
          : [word(segments, at + 4), word(segments, at + 16)];
      loader = readAt(file, offset, Math.min(size, MOST_LOADER_BYTES)).toString('latin1').replace(/\0.*$/s, '');
    }
    return { bits, isLittleEndian, machine: number(header, 18, 2), loader, isDynamic };
  } finally {
    closeSync(file);
  }
}

function readAt(file: number, offset: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  return buffer.subarray(0, readSync(file, buffer, 0, bytes, offset));
}
