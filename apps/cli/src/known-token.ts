import { randomBytes } from 'node:crypto';
import { AppError } from '@capstan/domain';
import type { Clock, Store } from '@capstan/ports';
import type { CliErrorCode } from './error-codes.ts';
import { readTokenFile } from './open-gateway.ts';
import { hashOfToken } from './supervisor/operator-token.ts';

/** Characters of a token from which on it cannot be guessed. */
const TOKEN_LENGTH_MIN = 32;

/** Whose token it is, and what it allows. */
export interface TokenRequest {
  readonly name: string;
  readonly role: 'viewer' | 'operator';
  /** The file that holds it; without one it is made. */
  readonly file?: string;
}

/**
 * Makes a token known to the platform, which stores only its hash; one of a file that is known already is left as it is.
 * @returns the token itself where it was made, else what was done. @throws CLI.TOKEN where the file holds none that is long enough.
 */
export async function makeTokenKnown(
  { name, role, file }: TokenRequest,
  store: Pick<Store, 'token' | 'addToken'>,
  clock: Pick<Clock, 'nowUs'>,
): Promise<string> {
  const text = file === undefined ? randomBytes(32).toString('base64url') : givenToken(file);
  const tokenHash = hashOfToken(text);
  const known = await store.token(tokenHash);
  if (known !== undefined) return `The token of ${file} is known: ${known.name}, ${known.role}.`;
  await store.addToken({ tokenHash, name, role, createdAtUs: clock.nowUs() });
  return file === undefined ? text : `The token of ${file} is now known: ${name}, ${role}.`;
}

function givenToken(file: string): string {
  const text = readTokenFile(file);
  if (text.length >= TOKEN_LENGTH_MIN) return text;
  throw new AppError({
    code: 'CLI.TOKEN' satisfies CliErrorCode,
    why: `The token in ${file} has ${text.length} characters: it could be guessed.`,
    fix: `Give it at least ${TOKEN_LENGTH_MIN} random ones, such as those that 'openssl rand -hex 32' prints.`,
  });
}
