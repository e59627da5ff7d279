import { createHash, timingSafeEqual } from 'node:crypto';

/** Tells whether two secrets are the same, in a time that says nothing of where or how much they differ. */
export function sameSecret(given: string, wanted: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text, 'utf8').digest();
  return timingSafeEqual(digest(given), digest(wanted));
}
