import { existsSync } from 'node:fs';
import { AlphaTensorError } from '@alphatensor-edge/shared';
import { type Credentials, readCredentials } from './credentials.js';
import { DEFAULT_CLUSTER, NAME } from './names.js';

/** Says how a cluster is reached. */
export interface ClusterAddress {
  /** HOST:PORT of the NATS server. */
  readonly server: string;
  readonly cluster: string;
  /** Undefined for a server that asks for no key. */
  readonly credentials: Credentials | undefined;
}

/** The port of NATS where none is given. */
const PORT = '4222';
const WHAT = 'nats://HOST:PORT, nats://HOST:PORT/CLUSTER, or the file that `at-trainer cluster invite` wrote';

/**
 * Reads what `--cluster` names: the address of a server, with the cluster's name as its path, or a file of credentials, which has both.
 * @throws AlphaTensorError INVALID_ARGUMENT for another text, and as readCredentials
 */
export function readAddress(text: string): ClusterAddress {
  if (!text.includes('://')) {
    if (!existsSync(text)) {
      throw new AlphaTensorError('INVALID_ARGUMENT', `"${text}" is no file and no address; give ${WHAT}.`, {
        field: '--cluster',
      });
    }
    const credentials = readCredentials(text);
    return { ...parseAddress(credentials.address), credentials };
  }
  return { ...parseAddress(text), credentials: undefined };
}

/** Reads nats://HOST:PORT/CLUSTER. @throws AlphaTensorError INVALID_ARGUMENT */
export function parseAddress(text: string): Pick<ClusterAddress, 'server' | 'cluster'> {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const cluster = url === undefined || url.pathname.length < 2 ? DEFAULT_CLUSTER : url.pathname.slice(1);
  if (url?.protocol !== 'nats:' || url.hostname === '' || url.search !== '' || !NAME.test(cluster)) {
    throw new AlphaTensorError('INVALID_ARGUMENT', `"${text}" is no address of a cluster; give ${WHAT}.`, {
      field: '--cluster',
    });
  }
  if (url.username !== '' || url.password !== '') {
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      'An address with a password could be read in the list of processes; give the file of credentials instead.',
      { field: '--cluster' },
    );
  }
  return { server: `${url.hostname}:${url.port || PORT}`, cluster };
}
