import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '@capstan/domain';
import type { Clock, Store } from '@capstan/ports';
import type { CliErrorCode } from '../error-codes.ts';

/** Where a data directory keeps the operator's token; only its user may read it. */
export function tokenPath(dataDir: string): string {
  return join(dataDir, 'operator-token');
}

/** Reads the operator's token. @throws CLI.TOKEN */
export function readOperatorToken(dataDir: string): string {
  try {
    return readFileSync(tokenPath(dataDir), 'utf8').trim();
  } catch (cause) {
    throw new AppError({
      code: 'CLI.TOKEN' satisfies CliErrorCode,
      why: `The operator token ${tokenPath(dataDir)} cannot be read.`,
      fix: 'Run as the user who started the stack; `capstan up` writes the token at its first start.',
      cause,
    });
  }
}

/** The operator's token, and whether it was made now. */
export interface OperatorToken {
  readonly text: string;
  readonly isNew: boolean;
}

/** Sees to it that the data directory has an operator token and that the store knows its hash; the store never has the text. */
export async function ensureOperatorToken(
  dataDir: string,
  store: Pick<Store, 'token' | 'addToken'>,
  clock: Pick<Clock, 'nowUs'>,
): Promise<OperatorToken> {
  const present = storedToken(dataDir);
  const text = present ?? randomBytes(32).toString('base64url');
  const tokenHash = hashOfToken(text);
  if ((await store.token(tokenHash)) === undefined) {
    const createdAtUs = clock.nowUs();
    await store.addToken({ tokenHash, name: 'operator', role: 'operator', createdAtUs });
  }
  if (present === undefined) writeFileSync(tokenPath(dataDir), `${text}\n`, { mode: 0o600 });
  return { text, isNew: present === undefined };
}

/**
 * Says that a token was made: its text where a person reads it, only its place where what is printed is kept, such as in a journal or a
 * container's log.
 */
export function tokenNotice(token: string, dataDir: string, isTerminal: boolean): string {
  const path = tokenPath(dataDir);
  return isTerminal
    ? `Operator token (shown once, kept in ${path}): ${token}`
    : `Operator token: made, and kept in ${path}, which only this user may read.`;
}

function storedToken(dataDir: string): string | undefined {
  try {
    const text = readFileSync(tokenPath(dataDir), 'utf8').trim();
    return text === '' ? undefined : text;
  } catch {
    return undefined;
  }
}

/** Returns what the store keeps of a token: its SHA-256 in hexadecimal. */
export function hashOfToken(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
