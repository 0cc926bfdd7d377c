const UNKNOWN_AUTHORITY =
  'The certificate is not signed by a public authority, or an intermediate certificate is not sent with it';

/**
 * Why TLS was not agreed upon, for who runs the receiver. Node's messages speak of node's own switches, and OpenSSL's of its
 * source files.
 */
const BY_CODE: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'The certificate has expired',
  CERT_NOT_YET_VALID: 'The certificate is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'The certificate is signed by itself, and not by a public authority',
  SELF_SIGNED_CERT_IN_CHAIN: 'The certificate is signed by an authority that is not a public one',
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
};

/** In OpenSSL's own reason. */
const BY_REASON: readonly (readonly [RegExp, string])[] = [
  [/alert protocol version|unsupported protocol/, 'The receiver speaks no TLS 1.2 or later'],
  [/wrong version number|packet length too long/, 'The receiver does not speak TLS on this port'],
  [/certificate required/, 'The receiver asks for a client certificate'],
];

export const isTlsError = (code: string): boolean => code === 'EPROTO' || code.startsWith('ERR_SSL_');

/** Undefined for what is no error of TLS. `reason` is OpenSSL's, or the message that has it inside. */
export function tlsWords(code: string, reason: string): string | undefined {
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return `The certificate is for another name. ${reason}`;
  if (BY_CODE[code] !== undefined || !isTlsError(code)) return BY_CODE[code];
  const [, inside = reason] = /SSL routines:[^:]*:([^:]+):/.exec(reason) ?? [];
  return BY_REASON.find(([pattern]) => pattern.test(inside))?.[1] ?? inside;
}
