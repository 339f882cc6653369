import { loadAgentProto } from '@alphatensor-edge/proto';
import { describe, expect, it } from 'vitest';
import { guardedService, topFields } from '../../../../agent/src/server/wire.js';
import { request } from '../../../support/agent.js';

const { requestSerialize } = loadAgentProto().BenchmarkAgent.service.Benchmark;
const { requestDeserialize } = guardedService().Benchmark;
const bytes = requestSerialize(request());

describe('the guarded service', () => {
  it('decodes what callers send, unknown fields included', () => {
    expect(requestDeserialize(bytes)).toEqual(request());
    const unknown = Buffer.from([(15 << 3) | 2, 3, 1, 2, 3, (15 << 3) | 0, 0xff, 0x01]);
    expect(requestDeserialize(Buffer.concat([unknown, bytes]))).toEqual(request());
  });

  it('leaves a few levels too many to the check that names them', () => {
    const levels = Array.from({ length: 1000 }, () => request().levels[0]);
    expect(requestDeserialize(requestSerialize(request({ levels }))).levels).toHaveLength(1000);
  });

  it('does not decode a thousand empty levels and more', () => {
    const empty = Buffer.alloc(2002, Buffer.from([(5 << 3) | 2, 0]));
    expect(() => requestDeserialize(Buffer.concat([bytes, empty]))).toThrow(RangeError);
  });

  it.each([
    ['levels under another wire type, which protobuf.js would read', [5 << 3, 0]],
    ['a version under another wire type', [(1 << 3) | 5, 0, 0, 0, 0]],
    ['a group', [(15 << 3) | 3, (15 << 3) | 4]],
    ['a tag that does not end', [0x80]],
    ['a length beyond the end', [(15 << 3) | 2, 9]],
    ['text that is cut off', [(2 << 3) | 2, 9, 0x61]],
  ])('does not decode %s', (_, wrong) => {
    expect(() => requestDeserialize(Buffer.concat([bytes, Buffer.from(wrong)]))).toThrow(RangeError);
  });
});

describe('topFields', () => {
  it('lists the fields in order and steps over what they hold', () => {
    const known = [1 << 3, 0x80, 0x01, (2 << 3) | 2, 2, 0xff, 0xff];
    // 300 << 3 | 5 as a varint, and four bytes; then field 15 with eight.
    const others = [0xe5, 0x12, 1, 2, 3, 4, (15 << 3) | 1, 0, 0, 0, 0, 0, 0, 0, 0];
    expect([...topFields(Uint8Array.from([...known, ...others]), new Map())]).toEqual([1, 2, 300, 15]);
  });
});
