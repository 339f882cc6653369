import { expect, it } from 'vitest';
import { decodeSafetensors, encodeSafetensors } from '../../../../trainer/src/run/safetensors.js';

it('safetensors store half precision as IEEE 754 says', () => {
  const values = Float32Array.of(0, -0, 1, -2, 65504, 65520, 2 ** -24, 2 ** -25, 1 + 2 ** -11, 1 + 3 * 2 ** -11, 0.1);
  const [{ values: read }] = decodeSafetensors(encodeSafetensors([{ name: 'x', shape: [11], values }], 'F16'));
  expect([...read]).toEqual([0, -0, 1, -2, 65504, Infinity, 2 ** -24, 0, 1, 1 + 2 ** -9, 0.0999755859375]);
});
