import { createPrivateKey, createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { connect } from 'node:tls';
import {
  type CheckResponse,
  ERROR_METADATA,
  fingerprint,
  loadTrainerProto,
  mutualTls,
  parseToken,
  refuseAllButTrainer,
  serverTls,
  TLS_CHANNEL_OPTIONS,
  whyNotConnected,
} from '@alphatensor-edge/proto';
import { AlphaTensorError, messageOf } from '@alphatensor-edge/shared';
import { type ChannelCredentials, type requestCallback, type ServiceError, status } from '@grpc/grpc-js';
import { clockFault, isClockFault, trainerTime } from './clock.js';
import { agentIdentity, type Credentials } from './credentials.js';
import { certificateRequest } from './csr.js';

const CALL_SECONDS = 15;
const CONNECT_MS = 10_000;

/**
 * Makes a key and gets a certificate for it. The key does not leave the device.
 * @param trainer HOST:PORT of `at-trainer hub`
 * @throws AlphaTensorError INVALID_ARGUMENT (not a token, not an address), UNAUTHENTICATED (the token is not valid, or
 * another trainer answers), RESOURCE_EXHAUSTED (too many attempts), UNAVAILABLE
 */
export async function enroll(trainer: string, tokenText: string): Promise<Credentials> {
  const token = parseToken(tokenText);
  if (token === undefined) {
    throw new AlphaTensorError(
      'INVALID_ARGUMENT',
      'This is not a token; copy all that at-trainer agents invite printed.',
      { field: '--token' },
    );
  }
  const ca = await fetchCa(trainer, token.caFingerprint);
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const request = { secret: token.secret, certificateRequest: certificateRequest(publicKey, privateKey) };
  const { certificate } = await callTrainer<{ certificate: string }>(
    trainer,
    serverTls(ca, refuseAllButTrainer),
    (stub, options, callback) => stub.enroll(request, options, callback),
  );
  return { trainer, ca, certificate, key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

/**
 * Gets a new certificate for the same key.
 * @throws AlphaTensorError UNAUTHENTICATED (revoked, expired), UNAVAILABLE
 */
export async function renew(credentials: Credentials): Promise<Credentials> {
  requireValid(credentials);
  const key = createPrivateKey(credentials.key);
  const request = { certificateRequest: certificateRequest(createPublicKey(key), key) };
  const { certificate } = await callTrainer<{ certificate: string }>(
    credentials.trainer,
    mutualTls(credentials, refuseAllButTrainer),
    (stub, options, callback) => stub.renew(request, options, callback),
  );
  return { ...credentials, certificate };
}

/**
 * Asks the trainer whether it accepts this device.
 * @throws AlphaTensorError UNAUTHENTICATED, UNAVAILABLE
 */
export function checkTrainer(credentials: Credentials): Promise<CheckResponse> {
  return callTrainer(credentials.trainer, mutualTls(credentials, refuseAllButTrainer), (stub, options, callback) =>
    stub.check({}, options, callback),
  );
}

/**
 * Refuses a certificate that has expired. A connection would only say "handshake failure".
 * @throws AlphaTensorError UNAUTHENTICATED
 */
export function requireValid(credentials: Credentials): void {
  const { name, validTo } = agentIdentity(credentials);
  if (validTo.getTime() > Date.now()) return;
  throw new AlphaTensorError(
    'UNAUTHENTICATED',
    `The certificate of this device expired on ${validTo.toISOString()}, or its clock is wrong; ` +
      `run at-trainer agents invite ${name} at the trainer and at-agent enroll here.`,
  );
}

type Stub = InstanceType<ReturnType<typeof loadTrainerProto>['Enrollment']>;

function callTrainer<Response>(
  trainer: string,
  channelCredentials: ChannelCredentials,
  start: (stub: Stub, options: { deadline: Date }, callback: requestCallback<Response>) => void,
): Promise<Response> {
  const stub = new (loadTrainerProto().Enrollment)(trainer, channelCredentials, TLS_CHANNEL_OPTIONS);
  return new Promise<Response>((resolve, reject) => {
    start(stub, { deadline: new Date(Date.now() + CALL_SECONDS * 1000) }, (error, response) =>
      error === null ? resolve(response as Response) : reject(error),
    );
  })
    .catch(async (error: ServiceError) => {
      if (!isClockFault(error.details)) throw fromTrainer(error, trainer);
      throw clockFault(trainer, await trainerTime(trainer), error);
    })
    .finally(() => stub.close());
}

/** Turns what the trainer, or the transport, said into an error of ours. */
export function fromTrainer(error: ServiceError, trainer: string): AlphaTensorError {
  // The trainer's own words are sentences for people.
  if (error.metadata.get(ERROR_METADATA.code).length > 0) {
    const codes = {
      [status.UNAUTHENTICATED]: 'UNAUTHENTICATED',
      [status.RESOURCE_EXHAUSTED]: 'RESOURCE_EXHAUSTED',
    } as const;
    const code = codes[error.code as keyof typeof codes] ?? 'INTERNAL';
    return new AlphaTensorError(code, error.details, { cause: error });
  }
  if (isClockFault(error.details)) return clockFault(trainer, undefined, error);
  return new AlphaTensorError(
    'UNAVAILABLE',
    `${notReached(trainer)} (${whyNotConnected(error.details) ?? error.details}).`,
    { cause: error },
  );
}

function notReached(trainer: string): string {
  return `No trainer answers at ${trainer}; check that at-trainer hub runs there and that its port can be reached from here`;
}

/**
 * Fetches the endpoint's CA certificate (PEM) if it is the one in the token. Nothing is sent before it is known.
 * @throws AlphaTensorError UNAUTHENTICATED, UNAVAILABLE
 */
function fetchCa(trainer: string, expected: Buffer): Promise<string> {
  const { host, port } = splitAddress(trainer);
  return new Promise((resolve, reject) => {
    // Verified by the fingerprint, and from then on by the CA.
    const socket = connect({ host, port, rejectUnauthorized: false, ALPNProtocols: ['h2'], timeout: CONNECT_MS });
    const fail = (error: AlphaTensorError): void => {
      socket.destroy();
      reject(error);
    };
    socket.once('secureConnect', () => {
      const issuer = socket.getPeerCertificate(true)?.issuerCertificate?.raw;
      if (issuer === undefined || !fingerprint(issuer).equals(expected)) {
        return fail(
          new AlphaTensorError(
            'UNAUTHENTICATED',
            `The server at ${trainer} is not the trainer that made this token; check the address and the token.`,
          ),
        );
      }
      socket.end();
      resolve(new X509Certificate(issuer).toString());
    });
    const unreachable = (why: string): void =>
      fail(new AlphaTensorError('UNAVAILABLE', `${notReached(trainer)} (${why}).`));
    socket.once('timeout', () => unreachable('no answer'));
    socket.once('error', (error) => unreachable(messageOf(error)));
  });
}

/**
 * Splits HOST:PORT or [IPv6]:PORT.
 * @throws AlphaTensorError INVALID_ARGUMENT for any other text
 */
export function splitAddress(address: string): { host: string; port: number } {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9_.-]+)):(\d{1,5})$/.exec(address);
  const port = Number(match?.[3]);
  if (match !== null && port >= 1 && port <= 65_535) return { host: match[1] ?? match[2], port };
  throw new AlphaTensorError(
    'INVALID_ARGUMENT',
    `"${address}" is not the address of a trainer; write HOST:PORT such as trainer.example:50052.`,
    { field: '--trainer' },
  );
}
