import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { expectRefusal } from '../support/refusal.js';
import { type Ended, startTrainer, temporaryFolder } from '../support/trainer-process.js';

const folder = temporaryFolder();
afterAll(() => folder.remove());

const shapes = (...options: string[]): Promise<Ended> => startTrainer(['shapes', ...options], folder.path).ended;

function golden(name: string): string {
  const path = join(folder.path, `${name}.onnx`);
  writeFileSync(path, gunzipSync(readFileSync(new URL(`../golden/onnx/${name}.onnx.gz`, import.meta.url))));
  return path;
}

describe('at-trainer shapes', () => {
  it('lists the products of a model with their share, as a table and as JSON', async () => {
    const model = golden('encoder');
    const sizes = ['--dim', 'batch=2', '--dim', 'sequence=48'];
    const { stdout, stderr, code } = await shapes(model, ...sizes);
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    const [title, head, first, ...rest] = stdout.trim().split('\n');
    expect(title).toBe(`${model}: 64 products in 7 shapes, 14.7 MFLOP a run, ONNX's operators version 18`);
    expect(head.trim().split(/ +/)).toEqual(['share', 'MxKxN', 'type', 'count', 'layers']);
    expect(first).toBe('42.7 %  96x64x512  f32       1  up (MatMul)');
    expect(rest).toContain('26.7 %  96x64x64   f32       5  q_projection (MatMul) and 4 more');
    const report = JSON.parse((await shapes(model, ...sizes, '--json')).stdout);
    expect(report).toMatchObject({ model, opset: 18, dims: { batch: 2, sequence: 48 }, unknown: [], notes: [] });
    const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
    expect(sum(report.products.map(({ share }: { share: number }) => share))).toBeCloseTo(1);
    expect(sum(report.products.map(({ arithmetic }: { arithmetic: number }) => arithmetic))).toBe(report.arithmetic);
  });

  it('says in one sentence which sizes are missing', async () => {
    const ended = await shapes(golden('encoder'), '--dim', 'batch=2');
    expectRefusal(ended, 2, /^error: The model has a dimension without a size; add --dim sequence=SIZE\.$/m);
  });
});
