import type { Size } from '../tensor.js';
import type { AnyRecord } from './record.js';

/** One scheme of a file, before it is reconstructed. */
export interface Entry {
  /** What the file calls it, such as the key of an archive. */
  readonly name?: string | undefined;
  /** Its size, if that is known before it is read. */
  readonly size?: Size | undefined;
  /** @throws AlphaTensorError UNSUPPORTED_FORMAT, INVALID_ARGUMENT or NOT_A_FACTORIZATION */
  readonly read: () => AnyRecord;
}
