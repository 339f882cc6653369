import { isRenewalDue } from '@alphatensor-edge/proto';
import { type Logger, messageOf } from '@alphatensor-edge/shared';
import { agentIdentity, type Credentials, loadCredentials, saveCredentials } from './credentials.js';
import { renew } from './trainer-client.js';

/** Twenty or more days are left when it is due first, so that a trainer may well be away for a while. */
const RETRY_MS = 3_600_000;

/**
 * Renews the credentials of a device if they are in the last third of their time; undefined if they are not.
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

/** Looks every hour whether the credentials are to be renewed. */
export function keepRenewed(
  { stateFolder, trainer }: { readonly stateFolder: string; readonly trainer: string | undefined },
  onRenewed: (renewed: Credentials) => void,
  logger: Logger,
): { close(): void } {
  const look = (): void => {
    renewIfDue(stateFolder, trainer).then(
      (renewed) => {
        if (renewed === undefined) return;
        onRenewed(renewed);
        logger.info('certificate renewed');
      },
      (error) =>
        logger.warn({ reason: messageOf(error) }, 'the certificate could not be renewed; trying again in an hour'),
    );
  };
  look();
  const timer = setInterval(look, RETRY_MS);
  return { close: () => clearInterval(timer) };
}
