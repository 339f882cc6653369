import { type UnzipFileInfo, unzipSync } from 'fflate';
import { AlphaTensorError, messageOf } from '../errors.js';
import type { Arithmetic, VerifiedFactorization } from '../factorization.js';
import { parseSize, type Size } from '../tensor.js';
import { parseNpy } from './npy.js';
import type { NumericArray, NumpyArray } from './numpy-array.js';
import { parseRational } from './rational.js';
import { type FactorizationRecord, type RationalRows, verifiedFromRows } from './record.js';

const EXTENSION = '.npy';

/** One array of an archive, unpacked; more than the largest factorization that LIMITS allow is refused. */
const MAX_UNPACKED_BYTES = 2 ** 29;

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
 * Reads one factorization of an archive as published with AlphaTensor
 * (https://github.com/google-deepmind/alphatensor): key `n,m,p`; u, v, w of shapes (nm,R), (mp,R), (pn,R), w indexing the
 * product transposed, as one array (3,nn,R) or an object array. The others stay packed. An archive does not say which
 * arithmetic it is for: it is modulo 2 where all coefficients are 0 or 1 and only that reconstructs the product.
 * @throws AlphaTensorError NOT_FOUND, UNSUPPORTED_FORMAT, INVALID_ARGUMENT or NOT_A_FACTORIZATION
 */
export function readNpz(archive: Uint8Array, key: string): FactorizationRecord {
  const packed = unzip(archive, ({ name }) => name === `${key}${EXTENSION}`)[`${key}${EXTENSION}`];
  if (packed === undefined) {
    throw new AlphaTensorError('NOT_FOUND', `There is no ${key}; there are ${summarize(listNpzKeys(archive))}.`);
  }
  const size = parseSize(key);
  const [u, v, w] = splitModes(parseNpy(packed));
  return { factorization: verifiedInSomeArithmetic(size, [rows(u), rows(v), rows(w)]), origin: 'imported' };
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
        if (file.originalSize > MAX_UNPACKED_BYTES)
          throw new Error(`${file.name} unpacks to ${file.originalSize} bytes`);
        return true;
      },
    });
  } catch (cause) {
    throw new AlphaTensorError('UNSUPPORTED_FORMAT', `The archive is damaged or incomplete (${messageOf(cause)}).`, {
      cause,
    });
  }
}

function splitModes(array: NumpyArray): readonly NumericArray[] {
  if ('items' in array) {
    if (array.items.length === 3) return array.items;
  } else if (array.shape.length === 3 && array.shape[0] === 3) {
    const [, length, rank] = array.shape;
    return [0, 1, 2].map((mode) => ({
      shape: [length, rank],
      data: array.data.subarray(mode * length * rank, (mode + 1) * length * rank),
    }));
  }
  throw new AlphaTensorError('UNSUPPORTED_FORMAT', `An array of shape (${array.shape}) does not hold u, v and w.`);
}

/** Column r of the array, as row r. */
function rows({ shape, data }: NumericArray): RationalRows {
  if (shape.length !== 2) {
    throw new AlphaTensorError('UNSUPPORTED_FORMAT', `A factor matrix has ${shape.length} dimensions; two are needed.`);
  }
  const [length, rank] = shape;
  return Array.from({ length: rank }, (_, r) =>
    Array.from({ length }, (_, entry) => parseRational(data[entry * rank + r])),
  );
}

function verifiedInSomeArithmetic(
  size: Size,
  modes: readonly [RationalRows, RationalRows, RationalRows],
): VerifiedFactorization {
  const isBinary = modes.every((matrix) =>
    matrix.every((row) =>
      row.every(({ numerator, denominator }) => denominator === 1 && (numerator & 1) === numerator),
    ),
  );
  const read = (arithmetic: Arithmetic): VerifiedFactorization => verifiedFromRows(size, arithmetic, modes);
  try {
    return read('standard');
  } catch (error) {
    if (!isBinary || !(error instanceof AlphaTensorError) || error.code !== 'NOT_A_FACTORIZATION') throw error;
    return read('modulo-2');
  }
}
