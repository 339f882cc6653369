import type { Outcome } from '@alphatensor-edge/proto';
import { AlphaTensorError, type ErrorCode } from '@alphatensor-edge/shared';

/** The error code of each outcome that is not a fault. */
const CODES: Readonly<Partial<Record<Outcome['kind'], ErrorCode>>> = {
  OUTCOME_KIND_CANCELLED: 'CANCELLED',
  OUTCOME_KIND_TIMEOUT: 'TIMEOUT',
  OUTCOME_KIND_OUT_OF_MEMORY: 'RESOURCE_EXHAUSTED',
  OUTCOME_KIND_UNSUPPORTED: 'UNAVAILABLE',
};

/** Makes the error for an outcome without a measurement, with its diagnostics on the lines after the message. */
export function errorOf({ kind, message, diagnostics }: Outcome): AlphaTensorError {
  const text = diagnostics === '' ? message : `${message}\n${diagnostics.trimEnd()}`;
  return new AlphaTensorError(CODES[kind] ?? 'INTERNAL', text);
}
