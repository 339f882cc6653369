import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import protobuf from 'protobufjs';

/**
 * Writes a TensorBoard event file, without TensorFlow. It holds TFRecords of `Event` messages (tensorboard/compat/proto/event.proto and
 * summary.proto). Each start of the program writes a new file. TensorBoard reads the files of a folder as one, in the order of their
 * names.
 */
export class EventFile {
  private constructor(readonly path: string) {}

  /**
   * Begins a new file in `directory`.
   * @param step the step after which the run begins or goes on. TensorBoard drops what earlier files say about later steps: a killed
   *   run may have recorded steps that it now repeats.
   */
  static create(directory: string, step: number, milliseconds = Date.now()): EventFile {
    const time = milliseconds / 1000;
    const head = Buffer.concat([
      record({ wallTime: time, fileVersion: 'brain.Event:2' }),
      record({ wallTime: time, step: step + 1, sessionLog: { status: START } }),
    ]);
    // The names must sort in the order of the starts. Two may happen in one second.
    for (let number = 0; ; number++) {
      const name = `events.out.tfevents.${String(Math.floor(time)).padStart(10, '0')}.at-trainer.${number}`;
      const path = join(directory, name);
      try {
        writeFileSync(path, head, { flag: 'wx' });
        return new EventFile(path);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
    }
  }

  /** Adds one value for each tag, rounded to 32-bit floats. */
  addScalars(step: number, values: Readonly<Record<string, number>>, milliseconds = Date.now()): void {
    const value = Object.entries(values).map(([tag, simpleValue]) => ({ tag, simpleValue }));
    appendFileSync(this.path, record({ wallTime: milliseconds / 1000, step, summary: { value } }));
  }
}

/** Describes the part of the published messages that is needed. */
const EVENT = protobuf
  .parse(`
    syntax = "proto3";
    message Event {
      double wall_time = 1; // seconds since 1970
      int64 step = 2;
      oneof what { string file_version = 3; Summary summary = 5; SessionLog session_log = 7; }
    }
    message Summary { message Value { string tag = 1; float simple_value = 2; } repeated Value value = 1; }
    message SessionLog { enum SessionStatus { STATUS_UNSPECIFIED = 0; START = 1; } SessionStatus status = 1; }`)
  .root.lookupType('Event');
const START = 1;

/** Encodes an event as a TFRecord: length, its checksum, the data, its checksum (tensorflow/core/lib/io/record_writer.h). */
function record(event: { readonly wallTime: number; readonly [field: string]: unknown }): Buffer {
  const data = EVENT.encode(event).finish();
  const head = Buffer.alloc(12);
  head.writeBigUInt64LE(BigInt(data.length), 0);
  head.writeUInt32LE(maskedCrc32c(head.subarray(0, 8)), 8);
  const foot = Buffer.alloc(4);
  foot.writeUInt32LE(maskedCrc32c(data), 0);
  return Buffer.concat([head, data, foot]);
}

/** Computes CRC-32C, then rotates it and adds a constant. So the checksum of data that contain checksums is no special case. */
export function maskedCrc32c(data: Uint8Array): number {
  const crc = crc32c(data);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** Holds the remainder of each byte by the Castagnoli polynomial, bits reversed. */
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc;
});

/** Computes CRC-32C (RFC 3720, appendix B.4). */
export function crc32c(data: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of data) crc = (crc >>> 8) ^ CRC_TABLE[(crc ^ byte) & 255];
  return (crc ^ 0xffffffff) >>> 0;
}
