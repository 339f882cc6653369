import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import protobuf from 'protobufjs';
import { afterAll, describe, expect, it } from 'vitest';
import { readModel } from '../../../../trainer/src/shapes/read-model.js';

const folder = mkdtempSync(join(tmpdir(), 'onnx-'));
afterAll(() => rmSync(folder, { recursive: true }));

const whole = gunzipSync(readFileSync(new URL('../../../golden/onnx/light_bvlc_alexnet.onnx.gz', import.meta.url)));

function file(name: string, content: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('readModel', () => {
  it.each([
    ['empty.onnx', '', 'is empty; fetch the model again'],
    ['text.onnx', '{"not": "a model"}', 'is not an ONNX model'],
    ['pointer.onnx', 'version https://git-lfs.github.com/spec/v1\n', 'fetch the model with git lfs pull'],
    ['cut.onnx', whole.subarray(0, 2000), 'begins like an ONNX model but is cut off or damaged'],
    ['version.onnx', Uint8Array.of(8, 7), 'begins like an ONNX model but is cut off or damaged'],
    ['zeros.onnx', new Uint8Array(100), 'is not an ONNX model'],
  ])('says what %s is', (name, content, why) => {
    expect(() => readModel(file(name, content))).toThrow(why);
  });

  it('cuts off at any byte without another error than its own', () => {
    for (let length = 0; length < whole.length; length += 37) {
      expect(() => readModel(file('prefix.onnx', whole.subarray(0, length)))).toThrow(/^".*" (is|begins)/);
    }
  });

  it('refuses a missing file, a folder and what is larger than a model can be', () => {
    expect(() => readModel(join(folder, 'none.onnx'))).toThrow('There is no file');
    expect(() => readModel(folder)).toThrow('is not a file; give the .onnx file itself.');
    const large = file('large.onnx', '');
    // A hole: it takes no space.
    truncateSync(large, 3 * 2 ** 30);
    expect(() => readModel(large)).toThrow('has 3.0 GiB, more than the 2 GiB that an ONNX model can have');
  });

  it('reads lists of numbers however they are stored, and leaves weights where they are', () => {
    const messages = protobuf.parse(`syntax = "proto2";
      message Model { optional int64 ir = 1; optional Graph graph = 7; }
      message Graph { repeated Tensor initializer = 5; }
      message Tensor {
        repeated int64 dims = 1; optional int32 type = 2; repeated float floats = 4; repeated int64 ints = 7 [packed = true];
        optional string name = 8; optional bytes raw = 9; optional int32 location = 14;
      }`).root;
    const raw = Buffer.alloc(24);
    for (const [index, value] of [3n, -1n, 2n ** 40n].entries()) raw.writeBigInt64LE(value, 8 * index);
    const initializer = [
      { name: 'packed', dims: [2], type: 7, ints: [2, -1] },
      { name: 'unpacked', dims: [2], type: 1, floats: [0.5, 2] },
      { name: 'raw', dims: [3], type: 7, raw },
      { name: 'weights', dims: [100, 1000], type: 1, raw: Buffer.alloc(400_000) },
      { name: 'elsewhere', dims: [3, 4], type: 1, location: 1 },
      { name: 'scalar', dims: [], type: 7, ints: [5] },
    ];
    const bytes = messages.lookupType('Model').encode({ ir: 7, graph: { initializer } }).finish();
    const { graph } = readModel(file('made.onnx', bytes));
    expect(graph.initializers.map(({ name, dims, data }) => [name, dims, data])).toEqual([
      ['packed', [2], [2, -1]],
      ['unpacked', [2], [0.5, 2]],
      ['raw', [3], [3, -1, 2 ** 40]],
      ['weights', [100, 1000], undefined],
      ['elsewhere', [3, 4], undefined],
      ['scalar', [], [5]],
    ]);
  });
});
