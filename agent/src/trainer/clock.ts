import { connect } from 'node:http2';
import { AlphaTensorError } from '@alphatensor-edge/shared';

const ANSWER_MS = 5_000;

/** Tells whether a connection failed because a certificate is not valid at the time of this device. */
export function isClockFault(details: string): boolean {
  return /certificate (is not yet valid|has expired)|CERT_NOT_YET_VALID|CERT_HAS_EXPIRED/i.test(details);
}

/**
 * Makes the error for a certificate that this device's clock calls invalid, with both clocks.
 * @param theirs the trainer's clock; undefined if it does not say
 */
export function clockFault(
  trainer: string,
  theirs: Date | undefined,
  cause: unknown,
  now = new Date(),
): AlphaTensorError {
  const clocks =
    theirs === undefined
      ? `this device's clock says ${shown(now)}`
      : `this device's clock says ${shown(now)}, and the trainer's ${shown(theirs)}`;
  return new AlphaTensorError(
    'UNAVAILABLE',
    `The certificate of the trainer at ${trainer} is not valid now: ${clocks}; set the clock that is wrong, for example with "timedatectl set-ntp true".`,
    { cause },
  );
}

function shown(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, 'Z');
}

/**
 * Asks a trainer for its time. It is only told to a person, so nothing is verified. Undefined if there is no answer.
 * @param trainer HOST:PORT
 */
export function trainerTime(trainer: string): Promise<Date | undefined> {
  return new Promise((resolve) => {
    const session = connect(`https://${trainer}`, { rejectUnauthorized: false, ALPNProtocols: ['h2'] });
    const timer = setTimeout(() => end(), ANSWER_MS);
    const end = (date?: string): void => {
      clearTimeout(timer);
      session.destroy();
      const time = Date.parse(date ?? '');
      resolve(Number.isNaN(time) ? undefined : new Date(time));
    };
    session.once('error', () => end());
    session
      .request({ ':path': '/' })
      .once('response', ({ date }) => end(date))
      .once('error', () => end())
      .end();
  });
}
