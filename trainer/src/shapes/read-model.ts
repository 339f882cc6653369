import { readFileSync, statSync } from 'node:fs';
import { AlphaTensorError, messageOf } from '@alphatensor-edge/shared';
import { decodeModel } from '../onnx/messages.js';
import { type Model, modelOf } from './model.js';

/** The largest file that is read: that of a Protocol Buffers message, so of any ONNX model. Larger models keep weights in other files. */
const MOST_BYTES = 2 ** 31 - 1;

/**
 * Reads a model's graph. The files of its external weights need not be there.
 * @throws AlphaTensorError NOT_FOUND, or UNSUPPORTED_FORMAT for what is no model
 */
export function readModel(path: string): Model {
  return modelOf(decodeModel(readBytes(path), path));
}

function readBytes(path: string): Buffer {
  const failure = (code: 'NOT_FOUND' | 'UNSUPPORTED_FORMAT', why: string, cause?: unknown): AlphaTensorError =>
    new AlphaTensorError(code, why, { field: 'model', cause });
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) throw failure('NOT_FOUND', `There is no file "${path}"; give the path of a .onnx file.`);
  if (!stat.isFile()) throw failure('UNSUPPORTED_FORMAT', `"${path}" is not a file; give the .onnx file itself.`);
  if (stat.size > MOST_BYTES) {
    const size = `${(stat.size / 2 ** 30).toFixed(1)} GiB`;
    throw failure(
      'UNSUPPORTED_FORMAT',
      `"${path}" has ${size}, more than the 2 GiB that an ONNX model can have; give the .onnx file itself, not its weights.`,
    );
  }
  try {
    return readFileSync(path);
  } catch (cause) {
    throw failure('NOT_FOUND', `"${path}" cannot be read: ${messageOf(cause)}.`, cause);
  }
}
