import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decodeModel } from '../../trainer/src/onnx/messages.js';
import { Bindings } from '../../trainer/src/shapes/bindings.js';
import { inferShapes } from '../../trainer/src/shapes/infer.js';
import { type Model, modelOf } from '../../trainer/src/shapes/model.js';

/** What onnx.shape_inference gives, by onnx-products.py. */
const expected: Record<string, { dims: Record<string, number>; products: unknown[] }> = JSON.parse(
  readFileSync(new URL('onnx-products.json', import.meta.url), 'utf8'),
);

function readGolden(name: string): Model {
  return modelOf(decodeModel(gunzipSync(readFileSync(new URL(`onnx/${name}.onnx.gz`, import.meta.url))), name));
}

/** Takes away what the file says of its own values, so that all is inferred. */
function withoutDeclared(model: Model): Model {
  const outputs = model.graph.outputs.map((output) => ({ ...output, dims: undefined }));
  return { ...model, graph: { ...model.graph, declared: [], outputs } };
}

describe('the products of models', () => {
  it.each(Object.entries(expected))('are those of ONNX’s own shape inference: %s', (name, { dims, products }) => {
    const found = inferShapes(withoutDeclared(readGolden(name)), new Bindings(Object.entries(dims)));
    expect(found.products.map(({ layer, op, m, k, n, count }) => [layer, op, m, k, n, count])).toEqual(products);
    expect(found.products.every(({ type }) => type === 'f32')).toBe(true);
    expect({ unknown: found.unknown, notes: found.notes }).toEqual({ unknown: [], notes: [] });
  });
});
