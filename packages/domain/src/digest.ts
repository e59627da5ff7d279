import { sha256 } from '@noble/hashes/sha2.js';

const HEX = 16;

/** Returns the SHA-256 of bytes, one piece after the other, in hexadecimal. */
export function sha256Hex(pieces: Iterable<Uint8Array>): string {
  const hash = sha256.create();
  for (const piece of pieces) hash.update(piece);
  return [...hash.digest()].map((byte) => byte.toString(HEX).padStart(2, '0')).join('');
}
