import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A TensorBoard event file: TFRecords of `Event` messages (tensorboard/compat/proto/event.proto and summary.proto), written
 * without TensorFlow. Each run of the program writes a file of its own; TensorBoard reads a folder's files as one, in the
 * order of their names.
 */
export class EventFile {
  private constructor(readonly path: string) {}

  /**
   * Begins a new file in `directory`.
   * @param step the run begins or goes on after this step: TensorBoard drops what earlier files say of later ones, which a
   *   killed run may have recorded and now does again
   */
  static create(directory: string, step: number, milliseconds = Date.now()): EventFile {
    const time = milliseconds / 1000;
    const version = record(event(time, undefined, bytesField(EVENT.fileVersion, Buffer.from('brain.Event:2'))));
    const begin = bytesField(EVENT.sessionLog, varintField(SESSION_LOG.status, SESSION_LOG.started));
    const head = Buffer.concat([version, record(event(time, step + 1, begin))]);
    // Names have to sort in the order of the runs; two may begin in one second.
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
    const summary = Object.entries(values).map(([tag, value]) =>
      bytesField(
        SUMMARY.value,
        Buffer.concat([bytesField(VALUE.tag, Buffer.from(tag)), floatField(VALUE.simpleValue, value)]),
      ),
    );
    const message = event(milliseconds / 1000, step, bytesField(EVENT.summary, Buffer.concat(summary)));
    appendFileSync(this.path, record(message));
  }
}

// Field numbers of the messages.
const EVENT = { wallTime: 1, step: 2, fileVersion: 3, summary: 5, sessionLog: 7 } as const;
const SUMMARY = { value: 1 } as const;
const VALUE = { tag: 1, simpleValue: 2 } as const;
const SESSION_LOG = { status: 1, started: 1 } as const;

/** An `Event` at `time` (seconds since 1970) with `what` in it. */
function event(time: number, step: number | undefined, what: Buffer): Buffer {
  const position = step === undefined ? [] : [varintField(EVENT.step, step)];
  return Buffer.concat([doubleField(EVENT.wallTime, time), ...position, what]);
}

// The wire format of protocol buffers: a key of number and wire type (0 varint, 1 64 bits, 2 bytes, 5 32 bits), then the value.
function varintField(number: number, value: number): Buffer {
  return Buffer.from([...varint(number << 3), ...varint(value)]);
}

function doubleField(number: number, value: number): Buffer {
  const field = Buffer.alloc(9);
  field[0] = (number << 3) | 1;
  field.writeDoubleLE(value, 1);
  return field;
}

function bytesField(number: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([...varint((number << 3) | 2), ...varint(content.length)]), content]);
}

function floatField(number: number, value: number): Buffer {
  const field = Buffer.alloc(5);
  field[0] = (number << 3) | 5;
  field.writeFloatLE(value, 1);
  return field;
}

/** A whole number from 0 to 2^53, seven bits a byte, the least significant first. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return [...bytes, rest];
}

/** A TFRecord: length, its checksum, the data, its checksum (tensorflow/core/lib/io/record_writer.h). */
function record(data: Buffer): Buffer {
  const head = Buffer.alloc(12);
  head.writeBigUInt64LE(BigInt(data.length), 0);
  head.writeUInt32LE(maskedCrc32c(head.subarray(0, 8)), 8);
  const foot = Buffer.alloc(4);
  foot.writeUInt32LE(maskedCrc32c(data), 0);
  return Buffer.concat([head, data, foot]);
}

/** CRC-32C, rotated and shifted so that the checksum of data that holds checksums is no special case. */
export function maskedCrc32c(data: Uint8Array): number {
  const crc = crc32c(data);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** The remainders of all bytes by the Castagnoli polynomial, bits reversed. */
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc;
});

/** RFC 3720, appendix B.4. */
export function crc32c(data: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of data) crc = (crc >>> 8) ^ CRC_TABLE[(crc ^ byte) & 255];
  return (crc ^ 0xffffffff) >>> 0;
}
