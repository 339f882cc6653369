import { type KeyObject, sign } from 'node:crypto';

const SEQUENCE = 0x30;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const ATTRIBUTES = 0xa0;
/** The OID 1.2.840.10045.4.3.2, ecdsa-with-SHA256 (RFC 5758), encoded. */
const ECDSA_WITH_SHA256 = Buffer.from('06082a8648ce3d040302', 'hex');

/**
 * A certification request (PKCS #10, RFC 2986, DER) without a subject, since the trainer decides on the name. Node has no way
 * to make one, and the libraries that do would be most of the agent.
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

/** Tag, length, content (X.690); of at most 255 bytes, which a request for a P-256 key never reaches. */
function der(tag: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const length = body.length < 0x80 ? [body.length] : [0x81, body.length];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}
