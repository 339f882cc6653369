import { isRenewalDue, type TlsMaterial } from '@alphatensor-edge/proto';
import { type Logger, messageOf } from '@alphatensor-edge/shared';
import { agentIdentity, loadCredentials, saveCredentials } from './credentials.js';
import { renew } from './trainer-client.js';

/** Twenty or more days are left when it is due first, so that a trainer may well be away for a while. */
const RETRY_MS = 3_600_000;

/** Renews the credentials of a device if they are in the last third of their time; undefined if they are not. */
export async function renewIfDue(stateFolder: string, now = new Date()): Promise<TlsMaterial | undefined> {
  const credentials = loadCredentials(stateFolder);
  if (credentials === undefined || !isRenewalDue(agentIdentity(credentials), now)) return undefined;
  const renewed = await renew(credentials);
  saveCredentials(stateFolder, renewed);
  return renewed;
}

/** Looks every hour whether the credentials are to be renewed. */
export function keepRenewed(
  stateFolder: string,
  onRenewed: (material: TlsMaterial) => void,
  logger: Logger,
): { close(): void } {
  const look = (): void => {
    renewIfDue(stateFolder).then(
      (material) => {
        if (material === undefined) return;
        onRenewed(material);
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
