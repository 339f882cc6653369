import { AlphaTensorError } from '@alphatensor-edge/shared';
import type { StoredWeight } from '../network/parameters.js';

/**
 * Writes named tensors in the safetensors layout (https://github.com/huggingface/safetensors): the header's length in 8 bytes,
 * little-endian, then a JSON header, then the data. `F16` halves the file and keeps 11 bits of every weight.
 */
export function encodeSafetensors(tensors: readonly StoredWeight[], dtype: 'F32' | 'F16'): Uint8Array {
  const width = dtype === 'F32' ? 4 : 2;
  const header: Record<string, unknown> = {};
  let offset = 0;
  for (const { name, shape, values } of tensors) {
    header[name] = { dtype, shape, data_offsets: [offset, offset + values.length * width] };
    offset += values.length * width;
  }
  const text = JSON.stringify(header);
  // The data begin at a multiple of 8 bytes.
  const head = Buffer.from(text.padEnd(Math.ceil(text.length / 8) * 8));
  const bytes = new Uint8Array(8 + head.length + offset);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(head.length), true);
  bytes.set(head, 8);
  let cursor = 8 + head.length;
  for (const { values } of tensors) {
    for (const value of values) {
      if (dtype === 'F32') view.setFloat32(cursor, value, true);
      else view.setUint16(cursor, toHalf(value), true);
      cursor += width;
    }
  }
  return bytes;
}

/** Reads named tensors. @throws AlphaTensorError UNSUPPORTED_FORMAT if the bytes are damaged */
export function decodeSafetensors(bytes: Uint8Array): StoredWeight[] {
  try {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const headLength = Number(view.getBigUint64(0, true));
    const header: Record<string, unknown> = JSON.parse(Buffer.from(bytes.subarray(8, 8 + headLength)).toString());
    return Object.entries(header)
      .filter(([name]) => name !== '__metadata__')
      .map(([name, entry]) => {
        const {
          dtype,
          shape,
          data_offsets: range,
        } = entry as { dtype: string; shape: number[]; data_offsets: number[] };
        if (dtype !== 'F32' && dtype !== 'F16') throw new Error(`the type ${dtype} of ${name} is not supported`);
        const width = dtype === 'F32' ? 4 : 2;
        const count = shape.reduce((x, y) => x * y, 1);
        if (range[1] - range[0] !== count * width)
          throw new Error(`${name} does not have the length that its shape says`);
        const start = 8 + headLength + range[0];
        const values = new Float32Array(count);
        for (let i = 0; i < count; i++) {
          const at = start + i * width;
          values[i] = dtype === 'F32' ? view.getFloat32(at, true) : fromHalf(view.getUint16(at, true));
        }
        return { name, shape, values };
      });
  } catch (cause) {
    throw new AlphaTensorError('UNSUPPORTED_FORMAT', 'The weights are damaged or not a safetensors file.', { cause });
  }
}

const scratch = new DataView(new ArrayBuffer(4));

/** IEEE 754 binary16, rounded to nearest even; what is too large becomes infinite. */
function toHalf(value: number): number {
  scratch.setFloat32(0, value);
  const bits = scratch.getUint32(0);
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude >= 0x47800000) return sign | 0x7c00;
  if (magnitude < 0x38800000) {
    // Subnormal: a multiple of 2^-24.
    const scaled = Math.abs(value) * 2 ** 24;
    const floor = Math.floor(scaled);
    const rest = scaled - floor;
    return sign | (rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor);
  }
  const rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1);
  return sign | ((rounded - 0x38000000) >>> 13);
}

function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
