import { AlphaTensorError } from '@alphatensor-edge/shared';

/** Makes the error of an answer that cannot be true. The reason follows a colon. */
export function notBelieved(reason: string): AlphaTensorError {
  return new AlphaTensorError('NOT_BELIEVED', reason);
}
