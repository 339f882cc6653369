import { decodeNumbers, type NumpyArray, unsupportedArray } from './numpy-array.js';
import { unpickleArray } from './numpy-pickle.js';

/**
 * Reads one `.npy` (format versions 1 and 2, numpy/lib/format.py), numeric or an object array of numeric arrays.
 * @throws AlphaTensorError UNSUPPORTED_FORMAT
 */
export function parseNpy(bytes: Uint8Array): NumpyArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12 || latin1(bytes.subarray(0, 6)) !== '\x93NUMPY') {
    throw unsupportedArray('it is not a numpy array');
  }
  const version = view.getUint8(6);
  if (version !== 1 && version !== 2) throw unsupportedArray(`version ${version} of the format is not known`);
  const start = version === 1 ? 10 : 12;
  const end = start + (version === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (end > bytes.length) throw unsupportedArray('its header is cut short');
  const header = latin1(bytes.subarray(start, end));
  const descr = header.match(/'descr':\s*'([^']*)'/)?.[1];
  const fortran = header.match(/'fortran_order':\s*(True|False)/)?.[1];
  const shape = header.match(/'shape':\s*\(([^)]*)\)/)?.[1];
  if (descr === undefined || fortran === undefined || shape === undefined) {
    throw unsupportedArray('its header is not a plain array of one type');
  }
  const payload = bytes.subarray(end);
  if (descr === '|O') return unpickleArray(payload);
  const lengths = shape.split(',').filter((text) => text.trim() !== '');
  return decodeNumbers(payload, descr, lengths.map(Number), fortran === 'True');
}

/** The Latin 1 of numpy, byte by byte; that of a TextDecoder is windows-1252 (encoding.spec.whatwg.org), in newer Nodes at least. */
function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}
