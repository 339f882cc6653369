import { AlphaTensorError, messageOf } from '@alphatensor-edge/shared';
import { type JetStreamClient, type JetStreamManager, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { type Authenticator, connect, type NatsConnection, nkeyAuthenticator } from '@nats-io/transport-node';
import { type ClusterAddress, readAddress } from './address.js';
import { type Names, namesOf } from './names.js';

/** Milliseconds that a request may take. */
const TIMEOUT_MS = 5000;
/** Milliseconds between two attempts to reach a server that was reached before. There is no last attempt. */
const RECONNECT_MS = 1000;
/** Actors and observers may not ask about the account that JetStream runs in. */
const NO_CHECK = { checkAPI: false };

/** Holds a connection to a cluster. */
export interface Cluster {
  readonly names: Names;
  /** This side's name, if the credentials give one. */
  readonly name: string | undefined;
  readonly address: ClusterAddress;
  readonly connection: NatsConnection;
  readonly js: JetStreamClient;
  readonly jsm: JetStreamManager;
  close(): Promise<void>;
}

/**
 * Connects to a cluster. A connection that is lost later is made again, as often as it takes.
 * @param text what `--cluster` names
 * @throws AlphaTensorError INVALID_ARGUMENT as readAddress; UNAVAILABLE if no server answers or it has no JetStream; UNAUTHENTICATED if
 *   it does not take the key
 */
export async function connectCluster(text: string): Promise<Cluster> {
  const address = readAddress(text);
  const { credentials, server, cluster } = address;
  const connection = await dial(address);
  try {
    const isLearner = (credentials?.level ?? 'learner') === 'learner';
    const js = jetstream(connection, { timeout: TIMEOUT_MS, ...(isLearner ? {} : NO_CHECK) });
    const jsm = await jetstreamManager(connection, { timeout: TIMEOUT_MS, ...(isLearner ? {} : NO_CHECK) });
    const names = namesOf(cluster);
    return { names, name: credentials?.name, address, connection, js, jsm, close: () => connection.close() };
  } catch (cause) {
    await connection.close();
    if (!/jetstream.*not enabled/i.test(messageOf(cause))) throw cause;
    throw new AlphaTensorError(
      'UNAVAILABLE',
      `The NATS server at ${server} has no JetStream; start it with nats-server -js, or with the configuration of at-trainer cluster init.`,
      { field: '--cluster', cause },
    );
  }
}

async function dial({ server, credentials }: ClusterAddress): Promise<NatsConnection> {
  const secured = (authenticator: Authenticator) => ({
    authenticator,
    // Answers come to a place that no other actor may listen to.
    inboxPrefix: `_INBOX_${credentials?.name}`,
  });
  try {
    return await connect({
      servers: server,
      timeout: TIMEOUT_MS,
      maxReconnectAttempts: -1,
      reconnectTimeWait: RECONNECT_MS,
      ignoreAuthErrorAbort: true,
      ...(credentials === undefined ? {} : secured(nkeyAuthenticator(Buffer.from(credentials.seed)))),
      ...(credentials?.ca === undefined ? {} : { tls: { ca: credentials.ca } }),
    });
  } catch (cause) {
    throw refusedBy(server, cause);
  }
}

function refusedBy(server: string, cause: unknown): AlphaTensorError {
  const message = messageOf(cause);
  if (/authorization|authentication|nkey|nonce/i.test(message)) {
    return new AlphaTensorError(
      'UNAUTHENTICATED',
      `The NATS server at ${server} does not take this key (${message}); give the file that at-trainer cluster invite wrote, and reload the server after an invitation: nats-server --signal reload.`,
      { field: '--cluster', cause },
    );
  }
  // A busy server may close a connection before it has shown anything.
  if (/certificate|self.signed|tls|ssl/i.test(message) && !/disconnected/i.test(message)) {
    return new AlphaTensorError(
      'UNAUTHENTICATED',
      `The NATS server at ${server} does not show the certificate that the credentials name (${message}); give the credentials of this server.`,
      { field: '--cluster', cause },
    );
  }
  return new AlphaTensorError(
    'UNAVAILABLE',
    `No NATS server answers at ${server} (${message}); start one there, for example nats-server -js, or correct the address.`,
    { field: '--cluster', cause },
  );
}
