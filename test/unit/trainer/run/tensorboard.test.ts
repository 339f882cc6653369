import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import protobuf from 'protobufjs';
import { afterAll, describe, expect, it } from 'vitest';
import { MetricsLog } from '../../../../trainer/src/run/metrics.js';
import { crc32c, EventFile, maskedCrc32c } from '../../../../trainer/src/run/tensorboard.js';

const folder = mkdtempSync(join(tmpdir(), 'tensorboard-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// As published, apart from what the writer takes of it.
const Event = protobuf
  .parse(`
    syntax = "proto3";
    message Event {
      double wall_time = 1;
      int64 step = 2;
      oneof what { string file_version = 3; Summary summary = 5; SessionLog session_log = 7; }
    }
    message Summary { message Value { string tag = 1; float simple_value = 2; } repeated Value value = 1; }
    message SessionLog { enum SessionStatus { UNSPECIFIED = 0; START = 1; STOP = 2; } SessionStatus status = 1; }`)
  .root.lookupType('Event');

/** The events of a file, each record's checksums compared. */
function decode(path: string): Record<string, unknown>[] {
  const bytes = readFileSync(path);
  const events = [];
  for (let at = 0; at < bytes.length; ) {
    const length = Number(bytes.readBigUInt64LE(at));
    expect(bytes.readUInt32LE(at + 8)).toBe(maskedCrc32c(bytes.subarray(at, at + 8)));
    const data = bytes.subarray(at + 12, at + 12 + length);
    expect(bytes.readUInt32LE(at + 12 + length)).toBe(maskedCrc32c(data));
    events.push(Event.toObject(Event.decode(data), { longs: Number, enums: String }));
    at += length + 16;
  }
  return events;
}

const eventFiles = (directory: string): string[] =>
  readdirSync(directory)
    .filter((name) => name.includes('tfevents'))
    .sort()
    .map((name) => join(directory, name));

describe('the checksum', () => {
  it('is CRC-32C, masked as TFRecords have it', () => {
    // RFC 3720, appendix B.4.
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(255))).toBe(0x62a8ab43);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
    // As in the head of every event file, whose first record has 24 bytes: 18 0 0 0 0 0 0 0 a3 7f 4b 22.
    const length = Buffer.alloc(8);
    length.writeUInt8(24);
    expect(maskedCrc32c(length)).toBe(0x224b7fa3);
  });
});

describe('an event file', () => {
  it('says when it began and then gives every scalar with its step and time', () => {
    const { path } = EventFile.create(folder, 0, 1_700_000_000_250);
    const file = EventFile.create(folder, 300, 1_700_000_000_250);
    file.addScalars(350, { 'loss/policy': 0.5, 'rank/best': 23 }, 1_700_000_001_500);
    file.addScalars(2 ** 40 + 1, { 'games/mean_return': -7.25 }, 1_700_000_002_000);
    expect(decode(path)).toEqual([
      { wallTime: 1_700_000_000.25, fileVersion: 'brain.Event:2' },
      { wallTime: 1_700_000_000.25, step: 1, sessionLog: { status: 'START' } },
    ]);
    expect(decode(file.path)).toEqual([
      { wallTime: 1_700_000_000.25, fileVersion: 'brain.Event:2' },
      { wallTime: 1_700_000_000.25, step: 301, sessionLog: { status: 'START' } },
      {
        wallTime: 1_700_000_001.5,
        step: 350,
        summary: {
          value: [
            { tag: 'loss/policy', simpleValue: 0.5 },
            { tag: 'rank/best', simpleValue: 23 },
          ],
        },
      },
      {
        wallTime: 1_700_000_002,
        step: 2 ** 40 + 1,
        summary: { value: [{ tag: 'games/mean_return', simpleValue: -7.25 }] },
      },
    ]);
    expect(eventFiles(folder)).toEqual([path, file.path]);
  });
});

describe('the metrics of a run', () => {
  it('go into lines and events alike, and on in a new event file when the run is resumed', () => {
    const runDir = mkdtempSync(join(folder, 'run-'));
    const first = new MetricsLog(runDir, 0);
    first.append({ time: 1.5, step: 50, policyLoss: 2, valueLoss: 0.25, learningRate: 0.001 });
    first.append({ time: 3, step: 100, games: 8, solved: 2, bestRank: 7, evaluationsPerSecond: 512 });
    const second = new MetricsLog(runDir, 50);
    second.append({ time: 2.5, step: 100, games: 8, solved: 3, somethingNew: 1 });

    const lines = readFileSync(join(runDir, 'metrics.jsonl'), 'utf8').trim().split('\n');
    expect(lines).toHaveLength(3);
    const [before, after] = eventFiles(runDir).map(decode);
    const scalars = (events: Record<string, unknown>[]) =>
      events.slice(2).map(({ step, summary }) => ({ step, summary }));
    expect(scalars(before)).toEqual([
      {
        step: 50,
        summary: {
          value: [
            { tag: 'loss/policy', simpleValue: 2 },
            { tag: 'loss/value', simpleValue: 0.25 },
            { tag: 'optimizer/learning_rate', simpleValue: Math.fround(0.001) },
          ],
        },
      },
      {
        step: 100,
        summary: {
          value: [
            { tag: 'games/played', simpleValue: 8 },
            { tag: 'games/solved', simpleValue: 2 },
            { tag: 'rank/best', simpleValue: 7 },
            { tag: 'search/evaluations_per_second', simpleValue: 512 },
          ],
        },
      },
    ]);
    expect(after[1]).toMatchObject({ step: 51, sessionLog: { status: 'START' } });
    expect(scalars(after)).toMatchObject([
      { step: 100, summary: { value: [{ tag: 'games/played' }, { tag: 'games/solved' }, { tag: 'somethingNew' }] } },
    ]);
  });
});
