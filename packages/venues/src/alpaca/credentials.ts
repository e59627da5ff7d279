import { readFileSync } from 'node:fs';
import { AppError } from '@capstan/domain';

/** Variables by name, as a process has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Where the variables of an account's keys begin unless its configuration says otherwise. */
export const ALPACA_PREFIX = 'ALPACA';

/** A key pair as it is sent. */
export interface AlpacaKey {
  readonly keyId: string;
  readonly secretKey: string;
}

/** Where a part of a key pair stands. */
type Source =
  | { readonly kind: 'variable'; readonly name: string; readonly text: string }
  | { readonly kind: 'file'; readonly name: string; readonly path: string };

/**
 * A key pair and where it comes from. It prints as its masked key id wherever it goes; what a mounted file holds is read again by
 * {@link AlpacaCredentials.refresh}, so that a rotated one is taken without a restart.
 */
export class AlpacaCredentials {
  readonly #keyId: Source;
  readonly #secretKey: Source;
  #key: AlpacaKey;

  constructor(keyId: Source, secretKey: Source) {
    this.#keyId = keyId;
    this.#secretKey = secretKey;
    this.#key = { keyId: textOf(keyId), secretKey: textOf(secretKey) };
  }

  /** Returns the pair itself, for the one place that sends it. */
  reveal(): AlpacaKey {
    return this.#key;
  }

  /** Returns the key id as it may be shown. */
  get masked(): string {
    return maskedKeyId(this.#key.keyId);
  }

  /** Names where the pair comes from, for a person. */
  get source(): string {
    return `${nameOf(this.#keyId)} and ${nameOf(this.#secretKey)}`;
  }

  /**
   * Reads mounted files again; what cannot be read leaves the pair as it is, as a mount is swapped in two steps.
   * @returns true where the pair is another one now.
   */
  refresh(): boolean {
    const before = this.#key;
    try {
      this.#key = { keyId: textOf(this.#keyId), secretKey: textOf(this.#secretKey) };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return false;
    }
    return before.keyId !== this.#key.keyId || before.secretKey !== this.#key.secretKey;
  }

  toString(): string {
    return this.masked;
  }

  toJSON(): string {
    return this.masked;
  }
}

/**
 * Finds a key pair: `<prefix>_KEY_ID` (or `<prefix>_API_KEY`) and `<prefix>_SECRET_KEY`, each of which may be a mounted file that
 * `…_FILE` names. A variable that is there but empty counts as missing.
 * @throws VENUE.CREDENTIALS naming what is missing, or the file that cannot be read.
 */
export function readAlpacaCredentials(
  environment: Environment,
  prefix: string = ALPACA_PREFIX,
): AlpacaCredentials {
  const keyId = sourceOf(environment, [`${prefix}_KEY_ID`, `${prefix}_API_KEY`]);
  const secretKey = sourceOf(environment, [`${prefix}_SECRET_KEY`]);
  if (keyId !== undefined && secretKey !== undefined)
    return new AlpacaCredentials(keyId, secretKey);
  const missing = [
    ...(keyId === undefined ? [`${prefix}_KEY_ID`] : []),
    ...(secretKey === undefined ? [`${prefix}_SECRET_KEY`] : []),
  ];
  throw new AppError({
    code: 'VENUE.CREDENTIALS',
    why: `Alpaca's keys are missing: ${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} not set.`,
    fix: `Make a key pair on Alpaca's page of the account, and set ${prefix}_KEY_ID and ${prefix}_SECRET_KEY, or name mounted files by ${prefix}_KEY_ID_FILE and ${prefix}_SECRET_KEY_FILE.`,
  });
}

/** Returns the first four characters of a key id, by which a person tells it from others. */
export const maskedKeyId = (keyId: string): string => `${keyId.slice(0, 4)}…`;

function sourceOf(environment: Environment, names: readonly string[]): Source | undefined {
  for (const name of names) {
    const text = environment[name]?.trim() ?? '';
    if (text !== '') return { kind: 'variable', name, text };
    const path = environment[`${name}_FILE`] ?? '';
    if (path !== '') return { kind: 'file', name: `${name}_FILE`, path };
  }
  return undefined;
}

function textOf(source: Source): string {
  if (source.kind === 'variable') return source.text;
  const text = readMounted(source);
  if (text !== '') return text;
  throw new AppError({
    code: 'VENUE.CREDENTIALS',
    why: `${source.name} names ${source.path}, which is empty.`,
    fix: 'Put the key there, alone in the file.',
  });
}

function readMounted({ name, path }: Extract<Source, { kind: 'file' }>): string {
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

const nameOf = (source: Source): string =>
  source.kind === 'variable' ? source.name : `${source.name} (${source.path})`;
