import { createHash } from 'node:crypto';

/** Returns the lower-case hexadecimal SHA-256 of a token's text, which is all that is stored of it. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token, 'utf8').digest('hex');
}
