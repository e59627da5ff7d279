import { AppError } from '@capstan/domain';
import {
  type Environment,
  maskedKeyId,
  readSecret,
  type SecretSource,
  secretName,
  secretSource,
} from '../secret-source.ts';

export type { Environment } from '../secret-source.ts';

/** Where the variables of an account's keys begin unless its configuration says otherwise. */
export const ALPACA_PREFIX = 'ALPACA';

/** A key pair as it is sent. */
export interface AlpacaKey {
  readonly keyId: string;
  readonly secretKey: string;
}

/**
 * A key pair and where it comes from. It prints as its masked key id wherever it goes; what a mounted file holds is read again by
 * {@link AlpacaCredentials.refresh}, so that a rotated one is taken without a restart.
 */
export class AlpacaCredentials {
  readonly #keyId: SecretSource;
  readonly #secretKey: SecretSource;
  #key: AlpacaKey;

  constructor(keyId: SecretSource, secretKey: SecretSource) {
    this.#keyId = keyId;
    this.#secretKey = secretKey;
    this.#key = { keyId: readSecret(keyId), secretKey: readSecret(secretKey) };
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
    return `${secretName(this.#keyId)} and ${secretName(this.#secretKey)}`;
  }

  /**
   * Reads mounted files again; what cannot be read leaves the pair as it is, as a mount is swapped in two steps.
   * @returns true where the pair is another one now.
   */
  refresh(): boolean {
    const before = this.#key;
    try {
      this.#key = { keyId: readSecret(this.#keyId), secretKey: readSecret(this.#secretKey) };
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
  const keyId = secretSource(environment, [`${prefix}_KEY_ID`, `${prefix}_API_KEY`]);
  const secretKey = secretSource(environment, [`${prefix}_SECRET_KEY`]);
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
