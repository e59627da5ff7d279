import { AppError } from '@capstan/domain';
import {
  type Environment,
  maskedKeyId,
  readSecret,
  type SecretSource,
  secretName,
  secretSource,
} from '../../secret-source.ts';
import { HTTP, requireAddress } from '../../vendor-address.ts';

/** Keys of the flat files, which are others than the key of the rest. They print masked wherever they go. */
export class FlatFileKeys {
  readonly #id: SecretSource;
  readonly #secret: SecretSource;

  constructor(id: SecretSource, secret: SecretSource) {
    this.#id = id;
    this.#secret = secret;
  }

  /** Reads them where they stand, for the one place that signs with them. @throws VENUE.CREDENTIALS */
  reveal(): { readonly accessKeyId: string; readonly secretAccessKey: string } {
    return { accessKeyId: readSecret(this.#id), secretAccessKey: readSecret(this.#secret) };
  }

  /** Names where they stand, for a person. */
  get source(): string {
    return `${secretName(this.#id)} and ${secretName(this.#secret)}`;
  }

  toString(): string {
    return maskedKeyId(readSecret(this.#id));
  }

  toJSON(): string {
    return this.toString();
  }
}

/** Where the flat files are, and by which keys. */
export interface FlatFileSettings {
  readonly endpoint: string;
  readonly bucket: string;
  readonly keys: FlatFileKeys;
}

const ID = 'POLYGON_S3_ACCESS_KEY_ID';
const SECRET = 'POLYGON_S3_SECRET_ACCESS_KEY';

/**
 * Finds the flat files: `POLYGON_S3_ACCESS_KEY_ID` and `POLYGON_S3_SECRET_ACCESS_KEY`, each of which may be a mounted file that `…_FILE`
 * names; `POLYGON_S3_ENDPOINT` and `POLYGON_S3_BUCKET` where they are not the vendor's own.
 * @throws VENUE.CREDENTIALS, VENUE.ENDPOINT
 */
export function readFlatFileSettings(environment: Environment): FlatFileSettings {
  const id = secretSource(environment, [ID]);
  const secret = secretSource(environment, [SECRET]);
  if (id === undefined || secret === undefined) {
    const missing = [...(id === undefined ? [ID] : []), ...(secret === undefined ? [SECRET] : [])];
    throw new AppError({
      code: 'VENUE.CREDENTIALS',
      why: `The keys of Polygon's flat files are missing: ${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} not set.`,
      fix: "Set them to the S3 keys on the page of your account at Polygon (Massive), which are others than the API's, or name mounted files by …_FILE.",
    });
  }
  const endpoint = environment.POLYGON_S3_ENDPOINT?.trim() ?? '';
  const bucket = environment.POLYGON_S3_BUCKET?.trim() ?? '';
  return {
    endpoint:
      endpoint === ''
        ? 'https://files.polygon.io'
        : requireAddress('Polygon', { name: 'POLYGON_S3_ENDPOINT', text: endpoint }, HTTP),
    bucket: bucket === '' ? 'flatfiles' : bucket,
    keys: new FlatFileKeys(id, secret),
  };
}
