import { type KeyObject, sign } from 'node:crypto';

const SEQUENCE = 0x30;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const ATTRIBUTES = 0xa0;
/** The OID 1.2.840.10045.4.3.2, ecdsa-with-SHA256 (RFC 5758), encoded. */
const ECDSA_WITH_SHA256 = Buffer.from('06082a8648ce3d040302', 'hex');

/**
 * Makes a certification request (PKCS #10, RFC 2986, DER) without a subject, because the trainer decides on the name.
 * Node cannot make one, and the libraries that can would be larger than the rest of the agent.
 */
export function certificateRequest(publicKey: KeyObject, privateKey: KeyObject): Buffer {
  const info = der(
    SEQUENCE,
    der(INTEGER, Buffer.from([0])),
    der(SEQUENCE),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(ATTRIBUTES),
  );
  const signature = sign('sha256', info, privateKey);
  return der(SEQUENCE, info, der(SEQUENCE, ECDSA_WITH_SHA256), der(BIT_STRING, Buffer.from([0]), signature));
}

/** Encodes tag, length and content (X.690). The content has at most 255 bytes, which suffices for a P-256 key. */
function der(tag: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const length = body.length < 0x80 ? [body.length] : [0x81, body.length];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}
