// A certificate for localhost, signed by itself, made with what Node has: X.509 version 3 (RFC 5280) in DER.

import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

const HOUR_MS = 3_600_000;
const SEQUENCE = 0x30;
const SET = 0x31;
const OCTETS = 0x04;

const OIDS = {
  // RFC 5758 3.2, ecdsa-with-SHA256
  signature: [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02],
  commonName: [0x55, 0x04, 0x03],
  subjectAltName: [0x55, 0x1d, 0x11],
} as const;

function der(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  return Buffer.concat([Buffer.from([tag, ...lengthOf(body)]), body]);
}

/** In as few octets as can be, which is what makes it DER. */
function lengthOf({ length }: Buffer): readonly number[] {
  if (length < 0x80) return [length];
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
}

const oid = (bytes: readonly number[]): Buffer => der(0x06, Buffer.from(bytes));
const text = (value: string): Buffer => der(0x0c, Buffer.from(value));
const name = (common: string): Buffer =>
  der(SEQUENCE, der(SET, der(SEQUENCE, oid(OIDS.commonName), text(common))));
const extension = (id: readonly number[], value: Buffer): Buffer =>
  der(SEQUENCE, oid(id), der(OCTETS, value));

/** UTCTime, YYMMDDHHMMSSZ. */
const time = (ms: number): Buffer =>
  der(0x17, Buffer.from(`${new Date(ms).toISOString().replace(/\D/g, '').slice(2, 14)}Z`));

const pem = (label: string, bytes: Buffer): string =>
  `-----BEGIN ${label}-----\n${bytes.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END ${label}-----\n`;

export interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

/** Valid for an hour before and after now. */
export function createCertificate(): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = der(SEQUENCE, oid(OIDS.signature));
  const issuer = name('Ampledger test');
  // The first octet is positive and not 0, as DER wants a number.
  const serial = Buffer.concat([Buffer.from([1]), randomBytes(8)]);
  // Not an authority: it stands for itself alone, and some clients take no authority for a server.
  const extensions = der(
    SEQUENCE,
    extension(OIDS.subjectAltName, der(SEQUENCE, der(0x82, Buffer.from('localhost')))),
  );
  const body = der(
    SEQUENCE,
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, serial),
    algorithm,
    issuer,
    der(SEQUENCE, time(Date.now() - HOUR_MS), time(Date.now() + HOUR_MS)),
    issuer,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, extensions),
  );
  const signature = der(0x03, Buffer.from([0]), sign('sha256', body, privateKey));
  return {
    certificate: pem('CERTIFICATE', der(SEQUENCE, body, algorithm, signature)),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}
