import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/**
 * X.509 certificates for TLS tests, made anew in each run: node can read certificates but not write them, and what is
 * checked in expires, or is a private key in a repository. Just as much DER as RFC 5280 wants of a P-256 certificate.
 */
export interface Certificate {
  readonly subject: string;
  /** PEM, as node's TLS takes them. */
  readonly key: string;
  readonly cert: string;
}

export interface Wanted {
  /** Common name. */
  readonly subject: string;
  /** Subject alternative names; none for an authority. */
  readonly names?: readonly string[];
  /** Without one it signs itself. */
  readonly issuer?: Certificate;
  readonly authority?: boolean;
  /** Until when it is valid, ms; for a day, if not said. It is valid since a year before. */
  readonly until?: number;
}

const DAY = 86_400_000;
const OIDS = {
  commonName: [0x55, 0x04, 0x03],
  basicConstraints: [0x55, 0x1d, 0x13],
  subjectAltName: [0x55, 0x1d, 0x11],
  ecdsaWithSha256: [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02],
} as const;

export function makeCertificate(wanted: Wanted): Certificate {
  const { subject, issuer } = wanted;
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signer = issuer ? createPrivateKey(issuer.key) : privateKey;
  const content = toBeSigned(wanted, publicKey);
  const signature = sign('sha256', content, signer);
  const der = sequence(content, ALGORITHM, bits(signature));
  return { subject, key: String(privateKey.export({ type: 'pkcs8', format: 'pem' })), cert: pem(der) };
}

function toBeSigned({ subject, names = [], issuer, authority = false, until }: Wanted, publicKey: KeyObject): Buffer {
  const last = until ?? Date.now() + DAY;
  const alternatives = names.map((name) => tlv(0x82, Buffer.from(name)));
  return sequence(
    tlv(0xa0, tlv(0x02, Buffer.from([2]))),
    // Positive, so that it needs no leading zero.
    tlv(0x02, Buffer.concat([Buffer.from([0x01]), randomBytes(8)])),
    ALGORITHM,
    nameOf(issuer?.subject ?? subject),
    sequence(time(last - 365 * DAY), time(last)),
    nameOf(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    tlv(
      0xa3,
      sequence(
        ...(authority ? [extension(OIDS.basicConstraints, sequence(tlv(0x01, Buffer.from([0xff]))))] : []),
        ...(alternatives.length > 0 ? [extension(OIDS.subjectAltName, sequence(...alternatives))] : []),
      ),
    ),
  );
}

function tlv(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const sequence = (...parts: readonly Buffer[]): Buffer => tlv(0x30, Buffer.concat(parts));
const oid = (bytes: readonly number[]): Buffer => tlv(0x06, Buffer.from(bytes));
const bits = (content: Buffer): Buffer => tlv(0x03, Buffer.concat([Buffer.from([0]), content]));
const ALGORITHM = sequence(oid(OIDS.ecdsaWithSha256));

const nameOf = (name: string): Buffer =>
  sequence(tlv(0x31, sequence(oid(OIDS.commonName), tlv(0x0c, Buffer.from(name)))));
const extension = (id: readonly number[], value: Buffer): Buffer => sequence(oid(id), tlv(0x04, value));

/** UTCTime, to the second: `YYMMDDHHMMSSZ`. */
const time = (at: number): Buffer =>
  tlv(0x17, Buffer.from(`${new Date(at).toISOString().slice(2, 19).replace(/\D/g, '')}Z`));

const pem = (der: Buffer): string =>
  `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replace(/.{64}(?=.)/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
