import { type UnzipFileInfo, unzipSync } from 'fflate';
import { AlphaTensorError, messageOf } from '../errors.js';
import { LIMITS } from '../factorization.js';
import { modeLengths, parseSize, type Size } from '../tensor.js';
import { type Coefficient, real } from './coefficient.js';
import type { Entry } from './entry.js';
import { parseNpy } from './npy.js';
import { type NumericArray, type NumpyArray, unsupportedArray } from './numpy-array.js';
import { HALF_PRECISION, parseRational, type Rational } from './rational.js';
import { type AnyRecord, type FactorizationRecord, realRecord } from './record.js';
import { type Matrix, reconstruct } from './scheme.js';

const EXTENSION = '.npy';

/** Bounds an array of an archive, unpacked, whose name says no size. */
const MAX_UNPACKED_BYTES = 2 ** 27;
/** Bounds what an array takes for each coefficient and besides, whatever its type: complex numbers take 16, and pickled ones more. */
const [COEFFICIENT_BYTES, HEADER_BYTES] = [32, 2 ** 16];

/** Lists the sizes that an archive holds, in its order: its keys, such as `2,2,2`. @throws AlphaTensorError UNSUPPORTED_FORMAT */
export function listNpzKeys(archive: Uint8Array): string[] {
  const keys: string[] = [];
  unzip(archive, ({ name }) => {
    if (name.endsWith(EXTENSION)) keys.push(name.slice(0, -EXTENSION.length));
    return false;
  });
  return keys;
}

/**
 * Lists the factorizations of an archive. Each array is one, as published with AlphaTensor
 * (https://github.com/google-deepmind/alphatensor): key `n,m,p`; u, v, w of shapes (nm,R), (mp,R), (pn,R), w indexing the
 * product transposed, as one array (3,nn,R) or an object array. Or three arrays are one: u, v and w, as np.savez(u=, v=, w=) writes them, or
 * np.savez without names. An archive does not say which arithmetic it is for: it is modulo 2 where all coefficients are 0 or 1 and only that
 * reconstructs the product.
 * @throws AlphaTensorError UNSUPPORTED_FORMAT
 */
export function npzEntries(archive: Uint8Array): Entry[] {
  const keys = listNpzKeys(archive);
  const three = THREE_KEYS.find((names) => names.every((name) => keys.includes(name)));
  if (three !== undefined) {
    return [{ read: () => readModes(three.map((key) => numericArray(parseNpy(unpackKey(archive, key, keys))))) }];
  }
  return keys.map((key) => ({
    name: key,
    size: sizeOfKey(key),
    read: () => readArrays(parseNpy(unpackKey(archive, key, keys)), isSize(key) ? parseSize(key) : undefined),
  }));
}

const THREE_KEYS = [
  ['u', 'v', 'w'],
  ['U', 'V', 'W'],
  ['A', 'B', 'C'],
  ['a', 'b', 'c'],
  ['arr_0', 'arr_1', 'arr_2'],
] as const;

/** Reads one factorization of an archive. @throws AlphaTensorError NOT_FOUND, UNSUPPORTED_FORMAT, INVALID_ARGUMENT or NOT_A_FACTORIZATION */
export function readNpz(archive: Uint8Array, key: string): FactorizationRecord {
  const entries = npzEntries(archive);
  const entry = entries.find(({ name }) => name === key);
  if (entry === undefined) {
    throw new AlphaTensorError('NOT_FOUND', `There is no ${key}; there are ${summarize(listNpzKeys(archive))}.`);
  }
  return realRecord(entry.read());
}

/** Reads u, v and w from one array, or from one of three. The size follows from their lengths if it is not given. */
export function readArrays(array: NumpyArray, size?: Size): AnyRecord {
  return readModes(splitModes(array), size);
}

function readModes([u, v, w]: readonly NumericArray[], size?: Size): AnyRecord {
  return reconstruct({ size, modes: [matrixOf(u), matrixOf(v), matrixOf(w)], orders: ['transposed', 'row-major'] });
}

function numericArray(array: NumpyArray): NumericArray {
  if ('items' in array) throw unsupportedArray('it is an array of arrays where one of numbers is needed');
  return array;
}

function unpackKey(archive: Uint8Array, key: string, keys: readonly string[]): Uint8Array {
  const packed = unzip(archive, ({ name }) => name === `${key}${EXTENSION}`)[`${key}${EXTENSION}`];
  if (packed === undefined) {
    throw new AlphaTensorError('NOT_FOUND', `There is no ${key}; there are ${summarize(keys)}.`);
  }
  return packed;
}

/** Whether a key is written as a size, such as `2,2,2` or `2x2x2`; one of another kind says nothing of it. */
function isSize(key: string): boolean {
  return /^\d+[,x]\d+[,x]\d+$/.test(key);
}

/** The size that a key names; undefined also for one that is not accepted, which reading it says. */
function sizeOfKey(key: string): Size | undefined {
  try {
    return isSize(key) ? parseSize(key) : undefined;
  } catch {
    return undefined;
  }
}

/** Lists keys as `2,2,2  2,2,3 … and 88 more` */
export function summarize(keys: readonly string[]): string {
  const shown = keys.slice(0, 8).join('  ');
  return keys.length > 8 ? `${shown} … and ${keys.length - 8} more` : shown;
}

function unzip(archive: Uint8Array, wanted: (file: UnzipFileInfo) => boolean): Record<string, Uint8Array> {
  try {
    return unzipSync(archive, {
      filter: (file) => {
        if (!wanted(file)) return false;
        const most = maxUnpackedBytes(file.name);
        if (file.originalSize > most) {
          throw new Error(
            `${file.name} unpacks to ${file.originalSize} bytes, and no factorization takes more than ${most}`,
          );
        }
        return true;
      },
    });
  } catch (cause) {
    throw new AlphaTensorError('UNSUPPORTED_FORMAT', `The archive is damaged or incomplete (${messageOf(cause)}).`, {
      cause,
    });
  }
}

/** Bounds an array by the size in its name: the largest rank that is read, in the widest type. */
function maxUnpackedBytes(name: string): number {
  const key = name.slice(0, -EXTENSION.length);
  if (!/^\d+,\d+,\d+$/.test(key)) return MAX_UNPACKED_BYTES;
  const [u, v, w] = modeLengths(parseSize(key));
  return (u + v + w) * LIMITS.maxRank * COEFFICIENT_BYTES + HEADER_BYTES;
}

function splitModes(array: NumpyArray): readonly NumericArray[] {
  if ('items' in array) {
    if (array.items.length === 3) return array.items;
  } else if (array.shape.length === 3 && array.shape[0] === 3) {
    const [, rows, columns] = array.shape;
    const part = (data: Float64Array, mode: number): Float64Array =>
      data.subarray(mode * rows * columns, (mode + 1) * rows * columns);
    return [0, 1, 2].map((mode) => ({
      ...array,
      shape: [rows, columns],
      data: part(array.data, mode),
      imaginary: array.imaginary && part(array.imaginary, mode),
    }));
  }
  throw new AlphaTensorError('UNSUPPORTED_FORMAT', `An array of shape (${array.shape}) does not hold u, v and w.`);
}

function matrixOf({ shape, data, imaginary, isHalf }: NumericArray): Matrix {
  if (shape.length !== 2 && shape.length !== 3) {
    throw new AlphaTensorError('UNSUPPORTED_FORMAT', `A factor matrix has ${shape.length} dimensions; two are needed.`);
  }
  // Of three, the last two are those of the matrix that a factor is.
  const [rows, columns] = [shape[0], shape[1] * (shape[2] ?? 1)];
  const rational = (x: number): Rational => parseRational(x, isHalf ? HALF_PRECISION : undefined);
  return Array.from({ length: rows }, (_, i) =>
    Array.from({ length: columns }, (_, j): Coefficient => {
      const at = i * columns + j;
      const re = real(rational(data[at]));
      return imaginary === undefined ? re : { re: re.re, im: rational(imaginary[at]) };
    }),
  );
}
