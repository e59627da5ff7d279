import { generateKeyPairSync, sign } from 'node:crypto';

/** A key of 127.0.0.1 and localhost, and the certificate that it signs for itself, in PEM. */
export interface LoopbackCertificate {
  readonly key: string;
  readonly cert: string;
}

const OID = {
  ecdsaWithSha256: [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02],
  commonName: [0x55, 0x04, 0x03],
  subjectAltName: [0x55, 0x1d, 0x11],
};
const TAG = {
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  oid: 0x06,
  utf8: 0x0c,
  time: 0x18,
  sequence: 0x30,
  set: 0x31,
  version: 0xa0,
  extensions: 0xa3,
  dnsName: 0x82,
  ipAddress: 0x87,
};

/** Makes a certificate, so that no key lies in the repository and none runs out. @source RFC 5280, section 4.1 */
export function loopbackCertificate(): LoopbackCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const algorithm = sequence(der(TAG.oid, OID.ecdsaWithSha256));
  const name = sequence(
    der(TAG.set, sequence(der(TAG.oid, OID.commonName), der(TAG.utf8, Buffer.from('127.0.0.1')))),
  );
  const day = (year: number) => der(TAG.time, Buffer.from(`${year}0101000000Z`));
  const addresses = sequence(
    der(TAG.ipAddress, [127, 0, 0, 1]),
    der(TAG.dnsName, Buffer.from('localhost')),
  );
  const signed = sequence(
    der(TAG.version, der(TAG.integer, [2])),
    der(TAG.integer, [1]),
    algorithm,
    name,
    sequence(day(2000), day(2100)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(
      TAG.extensions,
      sequence(sequence(der(TAG.oid, OID.subjectAltName), der(TAG.octets, addresses))),
    ),
  );
  const signature = sign('sha256', signed, privateKey);
  const certificate = sequence(signed, algorithm, der(TAG.bits, Buffer.from([0]), signature));
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64')}\n-----END CERTIFICATE-----\n`,
  };
}

const sequence = (...parts: readonly Uint8Array[]): Buffer => der(TAG.sequence, ...parts);

function der(tag: number, ...parts: readonly (Uint8Array | readonly number[])[]): Buffer {
  const content = Buffer.concat(parts.map((part) => Buffer.from(part)));
  const { length } = content;
  return Buffer.concat([Buffer.from([tag, ...sizeOf(length)]), content]);
}

/** Strict readers take no length that is written longer than it need be. */
function sizeOf(length: number): readonly number[] {
  if (length < 128) return [length];
  return length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
}
