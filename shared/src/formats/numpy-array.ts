import { AlphaTensorError } from '../errors.js';

/** A numeric array, whatever its type and order in the file. `data` is in C order. */
export interface NumericArray {
  readonly shape: readonly number[];
  readonly data: Float64Array;
  /** The imaginary parts of a complex array. */
  readonly imaginary?: Float64Array | undefined;
  /** Whether the numbers have only the 11 significant bits of a float16. */
  readonly isHalf?: boolean | undefined;
}

/** An array of arrays, such as numpy makes for ragged data. */
export type NumpyArray = NumericArray | { readonly shape: readonly number[]; readonly items: readonly NumericArray[] };

interface Scalar {
  readonly bytes: number;
  readonly read: (view: DataView, offset: number, littleEndian: boolean) => number;
}

const SCALARS: Readonly<Record<string, Scalar>> = {
  b1: { bytes: 1, read: (view, offset) => view.getUint8(offset) },
  u1: { bytes: 1, read: (view, offset) => view.getUint8(offset) },
  i1: { bytes: 1, read: (view, offset) => view.getInt8(offset) },
  i2: { bytes: 2, read: (view, offset, little) => view.getInt16(offset, little) },
  i4: { bytes: 4, read: (view, offset, little) => view.getInt32(offset, little) },
  u2: { bytes: 2, read: (view, offset, little) => view.getUint16(offset, little) },
  u4: { bytes: 4, read: (view, offset, little) => view.getUint32(offset, little) },
  // Past 2^53 the value is no longer exact, but it is far past every limit on coefficients, too.
  i8: { bytes: 8, read: (view, offset, little) => Number(view.getBigInt64(offset, little)) },
  u8: { bytes: 8, read: (view, offset, little) => Number(view.getBigUint64(offset, little)) },
  f2: { bytes: 2, read: (view, offset, little) => halfFloat(view.getUint16(offset, little)) },
  f4: { bytes: 4, read: (view, offset, little) => view.getFloat32(offset, little) },
  f8: { bytes: 8, read: (view, offset, little) => view.getFloat64(offset, little) },
};

/** Complex types, as the types of their parts, the real one first. */
const COMPLEX: Readonly<Record<string, string>> = { c8: 'f4', c16: 'f8' };

/** The value of an IEEE 754 binary16. */
function halfFloat(bits: number): number {
  const [sign, exponent, fraction] = [bits >> 15 === 0 ? 1 : -1, (bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

/**
 * Decodes raw array data to numbers in C order. `descr` is numpy's type, for example `<i4`.
 * @throws AlphaTensorError UNSUPPORTED_FORMAT
 */
export function decodeNumbers(
  bytes: Uint8Array,
  descr: string,
  shape: readonly number[],
  fortranOrder: boolean,
): NumericArray {
  const name = descr.slice(1);
  if (Object.hasOwn(COMPLEX, name)) return decodeComplex(bytes, `${descr[0]}${COMPLEX[name]}`, shape, fortranOrder);
  const scalar = Object.hasOwn(SCALARS, name) ? SCALARS[name] : undefined;
  if (scalar === undefined || !/^[<>|=]/.test(descr)) {
    throw unsupportedArray(
      `its type ${descr} is not one of ${[...Object.keys(SCALARS), ...Object.keys(COMPLEX)].join(', ')}`,
    );
  }
  if (!shape.every((length) => Number.isInteger(length) && length >= 0))
    throw unsupportedArray('its shape is malformed');
  const count = shape.reduce((product, length) => product * length, 1);
  if (bytes.length !== count * scalar.bytes) {
    throw unsupportedArray(`it has ${bytes.length} bytes of data where its shape needs ${count * scalar.bytes}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = descr[0] !== '>';
  const data = new Float64Array(count);
  for (let index = 0; index < count; index++) {
    const place = fortranOrder ? fortranPlace(index, shape) : index;
    data[index] = scalar.read(view, place * scalar.bytes, little);
  }
  return name === 'f2' ? { shape, data, isHalf: true } : { shape, data };
}

/** A complex array is one of pairs. Each part is taken out of it in the order of the elements. */
function decodeComplex(
  bytes: Uint8Array,
  descr: string,
  shape: readonly number[],
  fortranOrder: boolean,
): NumericArray {
  const pairs = decodeNumbers(bytes, descr, fortranOrder ? [2, ...shape] : [...shape, 2], fortranOrder).data;
  const count = pairs.length / 2;
  const part = (index: number): Float64Array =>
    Float64Array.from({ length: count }, (_, i) => pairs[fortranOrder ? index * count + i : 2 * i + index]);
  return { shape, data: part(0), imaginary: part(1) };
}

/** Where the element with C-order `index` lies in Fortran order. */
function fortranPlace(index: number, shape: readonly number[]): number {
  let rest = index;
  let place = 0;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const position = rest % shape[axis];
    rest = (rest - position) / shape[axis];
    let stride = 1;
    for (let before = 0; before < axis; before++) stride *= shape[before];
    place += position * stride;
  }
  return place;
}

/** Makes the error of everything that reads numpy's files. */
export function unsupportedArray(why: string): AlphaTensorError {
  return new AlphaTensorError('UNSUPPORTED_FORMAT', `The array cannot be read: ${why}.`);
}
