import { describe, expect, it } from 'vitest';
import { Bindings } from '../../../../trainer/src/shapes/bindings.js';
import { distinctProducts } from '../../../../trainer/src/shapes/distinct-products.js';
import { inferShapes } from '../../../../trainer/src/shapes/infer.js';
import type { Model } from '../../../../trainer/src/shapes/model.js';
import { declared, graph, list, model, node, reference, scalar, weights } from '../../../support/onnx-models.js';

const infer = (one: Model, sizes: Record<string, number> = {}) => inferShapes(one, new Bindings(Object.entries(sizes)));

/** Writes `2x3x4 *5` for each product. */
const words = (one: Model, sizes?: Record<string, number>): string[] =>
  infer(one, sizes).products.map(({ m, k, n, count }) => `${m}x${k}x${n} *${count}`);

const x = (...dims: (number | string)[]) => declared('x', dims);

describe('the products of operators', () => {
  it.each([
    ['one matrix for a stack takes the rows of all', [node('MatMul', 'x w', 'y')], [4, 8, 16], [16, 32], '32x16x32 *1'],
    ['two stacks stay apart', [node('MatMul', 'x w', 'y')], [4, 8, 16], [4, 16, 32], '8x16x32 *4'],
    ['a vector is a row', [node('MatMul', 'x w', 'y')], [16], [16, 32], '1x16x32 *1'],
    ['Gemm transposes', [node('Gemm', 'x w', 'y', { transA: 1, transB: 1 })], [16, 8], [32, 16], '8x16x32 *1'],
    [
      'groups, strides and dilations',
      [node('Conv', 'x w', 'y', { group: 2, strides: [2, 2], dilations: [2, 2], pads: [2, 2, 2, 2] })],
      [3, 8, 32, 32],
      [12, 4, 3, 3],
      '6x36x768 *2',
    ],
    [
      'same padding',
      [node('Conv', 'x w', 'y', { auto_pad: 'SAME_UPPER', strides: [2] })],
      [1, 4, 9],
      [6, 4, 3],
      '6x12x5 *1',
    ],
    ['the transpose of a convolution', [node('ConvTranspose', 'x w', 'y')], [2, 8, 5, 5], [8, 6, 3, 3], '54x8x50 *1'],
    ['letters', [node('Einsum', 'x w', 'y', { equation: 'bqd, bkd -> bqk' })], [2, 5, 16], [2, 7, 16], '5x16x7 *2'],
    [
      'a fused product',
      [node('com.microsoft.FusedMatMul', 'x w', 'y', { transB: 1 })],
      [8, 16],
      [32, 16],
      '8x16x32 *1',
    ],
    [
      'few bits',
      [node('com.microsoft.MatMulNBits', 'x w', 'y', { K: 16, N: 32 })],
      [2, 8, 16],
      [32, 1, 8],
      '16x16x32 *1',
    ],
  ])('%s', (_, nodes, from, kernel, expected) => {
    expect(words(model({ nodes, inputs: [x(...from)], initializers: [weights('w', ...kernel)] }))).toEqual([expected]);
  });

  it('attention: of ONNX, with and without a past, and of ONNX Runtime', () => {
    const inputs = [declared('q', [2, 5, 32]), declared('k', [2, 5, 16]), declared('past', [2, 2, 3, 8])];
    const own = node('Attention', 'q k k _ past past', 'y', { q_num_heads: 4, kv_num_heads: 2 });
    expect(words(model({ inputs, nodes: [own] }))).toEqual(['5x8x8 *8', '5x8x8 *8']);
    const plain = node('Attention', 'q k k', 'y', { q_num_heads: 4, kv_num_heads: 2 });
    expect(words(model({ inputs, nodes: [plain] }))).toEqual(['5x8x5 *8', '5x5x8 *8']);
    const fused = node('com.microsoft.Attention', 'q w', 'y', { num_heads: 4 });
    const initializers = [weights('w', 32, 96)];
    expect(words(model({ inputs, nodes: [fused], initializers }))).toEqual(['10x32x96 *1', '5x8x5 *8', '5x5x8 *8']);
    const grouped = node('com.microsoft.GroupQueryAttention', 'q k k past past', 'y', {
      num_heads: 4,
      kv_num_heads: 2,
    });
    expect(words(model({ inputs, nodes: [grouped] }))).toEqual(['5x8x8 *8', '5x8x8 *8']);
    const packed = node('com.microsoft.MultiHeadAttention', 'p', 'y', { num_heads: 4 });
    expect(words(model({ inputs: [declared('p', [2, 5, 4, 3, 8])], nodes: [packed] }))).toEqual([
      '5x8x5 *8',
      '5x5x8 *8',
    ]);
  });
});

describe('bodies', () => {
  const product = graph({ nodes: [node('MatMul', 'x w', 'y')], outputs: [declared('y')] });
  const other = graph({ nodes: [node('Relu', 'x', 'z')], outputs: [declared('z')] });
  const base = { inputs: [x(4, 16), declared('c', [])], initializers: [weights('w', 16, 16)] };

  it('If: the branch that a constant picks; by data, the one with more arithmetic, which is said', () => {
    const nodes = [node('If', 'c', 'o', { then_branch: other, else_branch: product }), node('MatMul', 'o w', 'p')];
    const byData = infer(model({ ...base, nodes }));
    expect(byData.products.map(({ layer }) => layer)).toEqual(['y', 'p']);
    expect(byData.notes).toEqual(['Where If picks a branch by data, the branch with more arithmetic counts.']);
    const constant = { ...base, inputs: [x(4, 16)], initializers: [...base.initializers, scalar('c', 1)] };
    expect(infer(model({ ...constant, nodes })).products.map(({ layer }) => layer)).toEqual(['p']);
  });

  it('Loop: as often as a constant says, once if data says; what grows becomes unknown', () => {
    const body = graph({
      inputs: ['i', 'go', 'state', 'grown'].map((name) => declared(name)),
      nodes: [
        node('MatMul', 'state w', 'next'),
        node('Concat', 'grown state', 'longer', { axis: 0 }),
        node('MatMul', 'grown w', 'g'),
      ],
      outputs: ['go', 'next', 'longer', 'next'].map((name) => declared(name)),
    });
    const nodes = [node('Loop', 'turns _ x x', 'last all rows', { body })];
    const counted = infer(model({ ...base, nodes, initializers: [...base.initializers, scalar('turns', 7)] }));
    expect(counted.products.map(({ m, k, n, count }) => [m, k, n, count])).toEqual([[4, 16, 16, 7]]);
    expect(counted.unknown.map(({ layer, shape }) => [layer, shape])).toEqual([['g', '?x16x16']]);
    expect(counted.values.get('last')?.dims).toEqual([4, 16]);
    expect(counted.values.get('all')?.dims).toEqual([undefined, 16]);
    expect(counted.values.get('rows')?.dims).toEqual([7, 4, 16]);
    const uncounted = infer(model({ ...base, inputs: [...base.inputs, declared('turns', [])], nodes }));
    expect(uncounted.products.map(({ count }) => count)).toEqual([1]);
    expect(uncounted.notes).toEqual(['Loop "last" turns as often as data says; its body counts once.']);
  });

  it('Scan: once for each slice', () => {
    const body = graph({
      inputs: [declared('state'), declared('slice')],
      nodes: [node('MatMul', 'slice w', 'made')],
      outputs: [declared('state'), declared('made')],
    });
    const nodes = [node('Scan', 'x seq', 'end all', { body, num_scan_inputs: 1 })];
    const found = infer(model({ ...base, inputs: [x(1), declared('seq', [9, 4, 16])], nodes }));
    expect(found.products.map(({ m, k, n, count }) => [m, k, n, count])).toEqual([[4, 16, 16, 9]]);
    expect(found.values.get('all')?.dims).toEqual([9, 4, 16]);
  });

  it('functions of the model: with the caller’s attributes, and the layer’s name before theirs', () => {
    const inner = { ...node('Gemm', 'a b', 'c'), attributes: new Map([['transB', reference('flip')]]) };
    const functions = {
      'mine:Linear': {
        ...{ name: 'Linear', inputs: ['a', 'b'], outputs: ['c'], nodes: [inner], declared: [] },
        ...{ opsets: new Map([['', 18]]), defaults: new Map() },
      },
    };
    const nodes = [node('mine.Linear', 'x w', 'y', { flip: 1 })];
    const found = infer(model({ nodes, inputs: [x(4, 16)], initializers: [weights('w', 32, 16)] }, functions));
    expect(found.products.map(({ layer, m, k, n }) => [layer, m, k, n])).toEqual([['y/c', 4, 16, 32]]);
  });
});

describe('what is not known', () => {
  const w = weights('w', 16, 16);

  it('asks for the sizes of names where products depend on them', () => {
    const nodes = [node('MatMul', 'x w', 'y')];
    expect(words(model({ nodes, inputs: [x(4, 16), declared('mask', ['other'])], initializers: [w] }))).toHaveLength(1);
    const named = model({ nodes, inputs: [x('batch', 'a + b', 16), declared('mask', ['other'])], initializers: [w] });
    expect(() => infer(named)).toThrow(
      'The model has 4 dimensions without a size; add --dim batch=SIZE --dim a=SIZE --dim b=SIZE --dim other=SIZE.',
    );
    expect(words(named, { batch: 2, a: 3, b: 4 })).toEqual(['14x16x16 *1']);
    expect(() => infer(named, { batch: 2, a: 3, b: 4, n: 5 })).toThrow(
      'The model has no dimension named n; it has batch, a + b, other.',
    );
    expect(() => infer(named, { bacth: 2 })).toThrow(
      'The model has no dimension named bacth; it has batch, a + b, other.',
    );
    const unnamed = model({ nodes, inputs: [declared('x', [undefined, 16])], initializers: [w] });
    expect(() => infer(unnamed)).toThrow("The model has a dimension without a size; add --dim 'x[0]=SIZE'.");
    expect(words(unnamed, { 'x[0]': 6 })).toEqual(['6x16x16 *1']);
  });

  it('says which operator has no rule and what follows from it, unless the file declares the shape', () => {
    const nodes = [node('lab.Strange', 'x', 'y'), node('MatMul', 'y w', 'z'), node('MatMul', 'x w', 'v')];
    const strange = { nodes, inputs: [x(4, 16)], initializers: [w] };
    const found = infer(model(strange));
    expect(found.products.map(({ layer }) => layer)).toEqual(['v']);
    const reason = 'there is no rule for the operator lab.Strange ("y")';
    expect(found.unknown).toEqual([{ layer: 'z', op: 'MatMul', shape: '?x16x16', reason }]);
    expect(found.notes).toEqual([
      'There is no rule for the operator lab.Strange ("y"), so shapes that follow from it are unknown.',
    ]);
    expect(words(model({ ...strange, declared: [declared('y', [8, 16])] }))).toEqual(['8x16x16 *1', '4x16x16 *1']);
    expect(words(model({ ...strange, declared: [declared('y', ['rows', 16])] }), { rows: 9 })[0]).toBe('9x16x16 *1');
  });

  it('says which shape depends on data, and takes its size by its place', () => {
    const nodes = [node('NonZero', 'x', 'where'), node('Cast', 'where', 'y', { to: 1 }), node('MatMul', 'w2 y', 'z')];
    const found = model({ nodes, inputs: [x(4, 16)], initializers: [weights('w2', 5, 2)] });
    expect(infer(found).unknown[0].reason).toBe('the shape that NonZero ("where") makes depends on data');
    expect(words(found, { 'where[1]': 30 })).toEqual(['5x2x30 *1']);
  });

  it('refuses shapes that contradict each other, and tells where', () => {
    const nodes = [node('MatMul', 'x w', 'y')];
    expect(() => infer(model({ nodes, inputs: [x(4, 15)], initializers: [w] }))).toThrow(
      'At MatMul "y" 15 columns of A meet 16 rows of B; the model is wrong, or a --dim does not suit it.',
    );
    const reshape = model({
      nodes: [node('Reshape', 'x s', 'y')],
      inputs: [x(4, 15)],
      initializers: [list('s', 7, -1)],
    });
    expect(() => infer(reshape)).toThrow('At Reshape "y" 60 numbers do not fit the shape [7, -1]');
  });

  it('says where the file contradicts its own inputs, and where operators are newer than the rules', () => {
    const nodes = [node('MatMul', 'x w', 'y')];
    const newer = { ...model({ nodes, inputs: [x(4, 16)], initializers: [w], outputs: [declared('y', [5, 16])] }) };
    const { notes, products } = infer({ ...newer, opsets: new Map([['', 99]]) });
    expect(products).toHaveLength(1);
    expect(notes).toEqual([
      "The model has version 99 of ONNX's operators; the rules here were compared up to 28.",
      'Of "y" the file says [5, 16], and from its inputs follows [4, 16], which is used.',
    ]);
  });
});

describe('distinctProducts', () => {
  it('puts equal shapes of one number format together, the largest share first', () => {
    const one = (layer: string, m: number, count: number, type: 'f32' | 'f16' = 'f32') => ({
      layer,
      op: 'MatMul',
      m,
      k: 10,
      n: 10,
      count,
      type,
    });
    const distinct = distinctProducts([one('a', 10, 1), one('b', 20, 3), one('c', 10, 2), one('d', 10, 1, 'f16')]);
    expect(distinct.map(({ m, type, count, share, layers }) => [m, type, count, share, layers.length])).toEqual([
      [20, 'f32', 3, 0.6, 1],
      [10, 'f32', 3, 0.3, 2],
      [10, 'f16', 1, 0.1, 1],
    ]);
  });
});
