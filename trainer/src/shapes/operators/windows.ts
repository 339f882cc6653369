import type { Call, Operator } from '../call.js';
import { type Dimension, product, type Value } from '../value.js';

// Operators that move a window over an image: convolutions and pooling.

interface Window {
  readonly kernel: readonly Dimension[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly pads: readonly number[];
  readonly autoPad: string;
  readonly ceils: boolean;
}

function windowOf(call: Call, kernel: readonly Dimension[]): Window {
  const rank = kernel.length;
  const ones = Array<number>(rank).fill(1);
  return {
    kernel,
    strides: call.ints('strides') ?? ones,
    dilations: call.ints('dilations') ?? ones,
    pads: call.ints('pads') ?? Array<number>(2 * rank).fill(0),
    autoPad: call.text('auto_pad', 'NOTSET'),
    ceils: call.int('ceil_mode', 0) !== 0,
  };
}

/** Counts the positions of a window along each axis of an image. */
function positions(
  image: readonly Dimension[],
  { kernel, strides, dilations, pads, autoPad, ceils }: Window,
): Dimension[] {
  const rank = kernel.length;
  return image.map((size, axis): Dimension => {
    const [stride, length] = [strides[axis], kernel[axis]];
    if (size === undefined) return undefined;
    if (autoPad.startsWith('SAME')) return Math.ceil(size / stride);
    if (length === undefined) return undefined;
    const [before, after] = autoPad === 'VALID' ? [0, 0] : [pads[axis], pads[axis + rank]];
    const free = size + before + after - (dilations[axis] * (length - 1) + 1);
    const steps = ceils ? Math.ceil(free / stride) : Math.floor(free / stride);
    // A window that would begin in the padding behind the image is left out.
    const isOutside = ceils && steps * stride >= size + before;
    return Math.max(0, steps + 1 - (isOutside ? 1 : 0));
  });
}

/** Divides a known size; undefined stays. */
function over(size: Dimension, by: number): Dimension {
  return size === undefined ? undefined : size / by;
}

/**
 * Hands on a convolution as its implicit product (im2col): the weights, out channels per group x (in channels per group * kernel),
 * times the patches, with a column for each position of each image of the batch. One product for each group.
 */
function convolve(call: Call, input: number, weights: number, resultType: Value['type']): Value {
  const [image, kernel] = [call.dims(input), call.dims(weights)];
  if (kernel === undefined) {
    call.product({ m: undefined, k: undefined, n: undefined }, [call.inputs[weights], call.inputs[input]]);
    return call.value(
      resultType,
      image?.map((dim, axis) => (axis === 0 ? dim : undefined)),
    );
  }
  const [channels, perGroup, ...shape] = kernel;
  const group = call.int('group', 1);
  const [batch, inChannels] = image ?? [];
  if (image !== undefined && image.length !== kernel.length) {
    throw call.conflict(`an image of ${image.length} dimensions meets weights of ${kernel.length}`);
  }
  if (inChannels !== undefined && perGroup !== undefined && inChannels !== perGroup * group) {
    throw call.conflict(`an image of ${inChannels} channels meets weights for ${perGroup * group}`);
  }
  const out = image ? positions(image.slice(2), windowOf(call, shape)) : shape.map(() => undefined);
  call.product(
    { m: over(channels, group), k: product([perGroup, ...shape]), n: product([batch, ...out]), count: group },
    [call.inputs[weights], call.inputs[input]],
  );
  return call.value(resultType, [batch, channels, ...out]);
}

const conv: Operator = (call) => [convolve(call, 0, 1, call.inputs[0]?.type)];
const convInteger: Operator = (call) => [convolve(call, 0, 1, 'i32')];
const qLinearConv: Operator = (call) => [convolve(call, 0, 3, call.inputs[7]?.type)];

/** The transpose of a convolution: weights^T, (out channels per group * kernel) x in channels per group, times the image's positions. */
const convTranspose: Operator = (call) => {
  const [image, kernel] = [call.dims(0), call.dims(1)];
  const type = call.inputs[0]?.type;
  if (kernel === undefined) {
    call.product({ m: undefined, k: undefined, n: undefined }, [call.inputs[1], call.inputs[0]]);
    return [
      call.value(
        type,
        image?.map((dim, axis) => (axis === 0 ? dim : undefined)),
      ),
    ];
  }
  const [inChannels, perGroup, ...shape] = kernel;
  const group = call.int('group', 1);
  const size = image?.slice(2) ?? shape.map(() => undefined);
  call.product(
    {
      m: product([perGroup, ...shape]),
      k: over(inChannels, group),
      n: product([image?.[0], ...size]),
      count: group,
    },
    [call.inputs[1], call.inputs[0]],
  );
  const { strides, dilations, pads, autoPad } = windowOf(call, shape);
  const added = call.ints('output_padding');
  const out = size.map((length, axis): Dimension => {
    const fixed = call.ints('output_shape')?.at(axis - size.length);
    if (fixed !== undefined) return fixed;
    const edge = shape[axis];
    if (length === undefined) return undefined;
    if (autoPad.startsWith('SAME')) return length * strides[axis];
    if (edge === undefined) return undefined;
    const padding = autoPad === 'VALID' ? 0 : pads[axis] + pads[axis + shape.length];
    return strides[axis] * (length - 1) + (added?.[axis] ?? 0) + (edge - 1) * dilations[axis] + 1 - padding;
  });
  return [call.value(type, [image?.[0], perGroup === undefined ? undefined : perGroup * group, ...out])];
};

const pool: Operator = (call) => {
  const dims = call.dims(0);
  const type = call.inputs[0]?.type;
  const kernel = call.ints('kernel_shape') ?? [];
  const result = dims && [...dims.slice(0, 2), ...positions(dims.slice(2), windowOf(call, kernel))];
  return [call.value(type, result), call.value('i64', result)];
};

const globalPool: Operator = (call) => [
  call.value(
    call.inputs[0]?.type,
    call.dims(0)?.map((dim, axis) => (axis < 2 ? dim : 1)),
  ),
];

/** Regions of interest: one output for each region. */
const regions: Operator = (call) => {
  const [height, width] =
    call.node.op === 'RoiAlign'
      ? [call.int('output_height', 1), call.int('output_width', 1)]
      : (call.ints('pooled_shape') ?? []);
  return [call.value(call.inputs[0]?.type, [call.dims(1)?.[0], call.dims(0)?.[1], height, width])];
};

const gridSample: Operator = (call) => {
  const [image, grid] = [call.dims(0), call.dims(1)];
  return [call.value(call.inputs[0]?.type, grid && [image?.[0], image?.[1], ...grid.slice(1, -1)])];
};

export const WINDOWS: Record<string, Operator> = {
  Conv: conv,
  DeformConv: conv,
  ConvInteger: convInteger,
  QLinearConv: qLinearConv,
  ConvTranspose: convTranspose,
  MaxPool: pool,
  AveragePool: pool,
  LpPool: pool,
  GlobalAveragePool: globalPool,
  GlobalMaxPool: globalPool,
  GlobalLpPool: globalPool,
  RoiAlign: regions,
  MaxRoiPool: regions,
  GridSample: gridSample,
};
