import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { AlphaTensorError } from '@alphatensor-edge/shared';

/** @throws AlphaTensorError UNAVAILABLE if a Python has no torch */
export async function requireTorch(python: string): Promise<void> {
  await promisify(execFile)(python, ['-c', 'import torch']).catch(() => {
    throw new AlphaTensorError('UNAVAILABLE', `${python} has no torch; give --torch a Python that can import it.`);
  });
}
