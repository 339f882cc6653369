import type { Operator } from '../call.js';
import { foldElementwise, foldMoved } from '../fold.js';
import { axisOf, type Dimension } from '../value.js';

// Operators that make an axis longer or shorter.

const expand: Operator = (call) => {
  const [input, shape] = call.inputs;
  if (shape?.data === undefined) return [call.unknown(input?.type)];
  const dims = call.broadcast([input?.dims, shape.data]);
  return [
    call.value(
      input?.type,
      dims,
      foldElementwise([input], dims, (a) => a),
    ),
  ];
};

const tile: Operator = (call) => {
  const input = call.inputs[0];
  const repeats = call.inputs[1]?.data;
  if (input?.dims === undefined) return [call.unknown(input?.type)];
  // Opset 1 repeated one axis.
  const isOld = call.has(2);
  const dims = input.dims.map((dim, axis): Dimension => {
    const times = isOld ? (call.numbers(2)?.[0] === axis ? repeats?.[0] : 1) : repeats?.[axis];
    return dim === undefined || times === undefined ? undefined : dim * times;
  });
  const { dims: from } = input;
  const data = foldMoved(input, dims, (position) => position.map((one, axis) => one % (from[axis] ?? 1)));
  return [call.value(input.type, dims, data)];
};

const pad: Operator = (call) => {
  const input = call.inputs[0];
  if (input?.dims === undefined) return [call.unknown(input?.type)];
  const pads = call.listOf('pads', 1) ?? call.ints('paddings');
  const axes = call.listOf('axes', 3);
  if (pads === 'unknown' || pads === undefined || axes === 'unknown')
    return [
      call.value(
        input.type,
        input.dims.map(() => undefined),
      ),
    ];
  const touched = axes?.map((axis) => axisOf(axis, input.dims?.length ?? 0)) ?? input.dims.map((_, axis) => axis);
  const dims = input.dims.map((dim, axis): Dimension => {
    const index = touched.indexOf(axis);
    return dim === undefined || index < 0 ? dim : dim + pads[index] + pads[index + touched.length];
  });
  return [call.value(input.type, dims)];
};

const depthToSpace: Operator = (call) => {
  const [block, dims] = [call.int('blocksize', 1), call.dims(0)];
  const [n, c, h, w] = dims ?? [];
  const scale = (size: Dimension, by: number): Dimension => (size === undefined ? undefined : size * by);
  return [call.value(call.inputs[0]?.type, dims && [n, scale(c, 1 / block ** 2), scale(h, block), scale(w, block)])];
};

const spaceToDepth: Operator = (call) => {
  const [block, dims] = [call.int('blocksize', 1), call.dims(0)];
  const [n, c, h, w] = dims ?? [];
  const scale = (size: Dimension, by: number): Dimension => (size === undefined ? undefined : Math.floor(size * by));
  return [
    call.value(call.inputs[0]?.type, dims && [n, scale(c, block ** 2), scale(h, 1 / block), scale(w, 1 / block)]),
  ];
};

/** Resize and Upsample: sizes, or a factor for each axis. */
const resize: Operator = (call) => {
  const input = call.inputs[0];
  if (input?.dims === undefined) return [call.unknown(input?.type)];
  const isUpsample = call.node.op === 'Upsample';
  const isShort = isUpsample || call.opset < 11;
  const sizes = isShort ? undefined : call.numbers(3);
  const attribute = call.attribute('scales')?.floats;
  const scales = attribute?.length ? attribute : call.numbers(isShort ? 1 : 2);
  const axes =
    call.ints('axes')?.map((axis) => axisOf(axis, input.dims?.length ?? 0)) ?? input.dims.map((_, axis) => axis);
  const policy = call.text('keep_aspect_ratio_policy', 'stretch');
  if (policy !== 'stretch')
    return [
      call.value(
        input.type,
        input.dims.map((dim, axis) => (axes.includes(axis) ? undefined : dim)),
      ),
    ];
  const dims = input.dims.map((dim, axis): Dimension => {
    const index = axes.indexOf(axis);
    if (index < 0) return dim;
    if (sizes?.length) return sizes[index];
    // Scales are 32-bit floats, and sizes that they just miss are meant.
    return scales?.length && dim !== undefined ? Math.floor(dim * Math.fround(scales[index]) + 1e-6) : undefined;
  });
  return [call.value(input.type, dims)];
};

export const RESIZING: Record<string, Operator> = {
  Expand: expand,
  Tile: tile,
  Pad: pad,
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
  Resize: resize,
  Upsample: resize,
};
