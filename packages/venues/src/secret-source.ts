import { readFileSync } from 'node:fs';
import { AppError } from '@capstan/domain';

/** Variables by name, as a process has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Where a secret of a vendor stands. */
export type SecretSource =
  | { readonly kind: 'variable'; readonly name: string; readonly text: string }
  | { readonly kind: 'file'; readonly name: string; readonly path: string };

/**
 * Finds a secret by the first of some variables that is there, or by the mounted file that `…_FILE` names. A variable that is there but
 * empty counts as missing.
 */
export function secretSource(
  environment: Environment,
  names: readonly string[],
): SecretSource | undefined {
  for (const name of names) {
    const text = environment[name]?.trim() ?? '';
    if (text !== '') return { kind: 'variable', name, text };
    const path = environment[`${name}_FILE`] ?? '';
    if (path !== '') return { kind: 'file', name: `${name}_FILE`, path };
  }
  return undefined;
}

/** What a header can carry, without spaces. */
const KEY = /^[\x21-\x7e]+$/;

/**
 * Reads a secret where it stands. One that no header can carry is refused here: whoever sends it would repeat it in its complaint.
 * @throws VENUE.CREDENTIALS naming the file that cannot be read or is empty, or what holds no key.
 */
export function readSecret(source: SecretSource): string {
  const text = source.kind === 'variable' ? source.text : readMounted(source);
  if (KEY.test(text)) return text;
  const what =
    text === '' ? 'is empty' : 'holds spaces, several lines, or characters that no key has';
  throw new AppError({
    code: 'VENUE.CREDENTIALS',
    why: `${secretName(source)} ${what}.`,
    fix: source.kind === 'file' ? 'Put the key there, alone in the file.' : 'Set the key alone.',
  });
}

function readMounted({ name, path }: Extract<SecretSource, { kind: 'file' }>): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unreadable';
    throw new AppError({
      code: 'VENUE.CREDENTIALS',
      why: `${name} names ${path}, which cannot be read (${reason}).`,
      fix: 'Mount the secret there, readable for this process, or correct the path.',
    });
  }
}

/** Names where a secret stands, for a person. */
export const secretName = (source: SecretSource): string =>
  source.kind === 'variable' ? source.name : `${source.name} (${source.path})`;

/** Returns the first four characters of a key id, by which a person tells it from others. */
export const maskedKeyId = (keyId: string): string => `${keyId.slice(0, 4)}…`;
