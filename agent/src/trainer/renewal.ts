import { isRenewalDue } from '@alphatensor-edge/proto';
import { type Logger, messageOf } from '@alphatensor-edge/shared';
import { renew } from './client.js';
import { agentIdentity, type Credentials, loadCredentials, saveCredentials } from './credentials.js';

/**
 * The time between attempts, milliseconds. Twenty or more days are left when a renewal is first due, so the
 * trainer may be away for a while.
 */
const RETRY_MS = 3_600_000;
/** Tells how soon a running agent takes up what `at-agent enroll --force` wrote, milliseconds. */
const READ_MS = 10_000;

/**
 * Renews a device's credentials if they are in the last third of their time. Undefined if they are not.
 * @param trainer HOST:PORT where it is today, if not where it was at the enrolment
 */
export async function renewIfDue(stateFolder: string, trainer?: string): Promise<Credentials | undefined> {
  const credentials = loadCredentials(stateFolder);
  if (credentials === undefined || !isRenewalDue(agentIdentity(credentials), new Date())) return undefined;
  const { certificate } = await renew({ ...credentials, trainer: trainer ?? credentials.trainer });
  const renewed = { ...credentials, certificate };
  saveCredentials(stateFolder, renewed);
  return renewed;
}

interface KeepRenewedOptions {
  readonly stateFolder: string;
  readonly trainer: string | undefined;
  /** The credentials in use at the start. */
  readonly credentials: Credentials | undefined;
  readonly readMs?: number | undefined;
}

/**
 * Looks every hour whether the credentials must be renewed. Tells whenever they change, by a renewal or an enrolment.
 */
export function keepRenewed(
  { stateFolder, trainer, credentials, readMs = READ_MS }: KeepRenewedOptions,
  onChanged: (credentials: Credentials) => void,
  logger: Logger,
): { close(): void } {
  let used = credentials?.certificate;
  const takeUp = (present: Credentials | undefined, words: string): void => {
    if (present === undefined || present.certificate === used) return;
    used = present.certificate;
    onChanged(present);
    logger.info(words);
  };
  const read = (): void => {
    try {
      takeUp(loadCredentials(stateFolder), 'new credentials taken up');
    } catch {
      // The next look reports what cannot be read. The credentials in use stay.
    }
  };
  const look = (): void => {
    renewIfDue(stateFolder, trainer).then(
      (renewed) => takeUp(renewed, 'certificate renewed'),
      (error) =>
        logger.warn({ reason: messageOf(error) }, 'the certificate could not be renewed; trying again in an hour'),
    );
  };
  look();
  const timers = [setInterval(look, RETRY_MS), setInterval(read, readMs)];
  return {
    close: () => {
      for (const timer of timers) clearInterval(timer);
    },
  };
}
