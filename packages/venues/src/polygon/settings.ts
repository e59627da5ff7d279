import { AppError } from '@capstan/domain';
import {
  type Environment,
  maskedKeyId,
  readSecret,
  type SecretSource,
  secretName,
  secretSource,
} from '../secret-source.ts';
import { HTTP, requireAddress, WEB_SOCKET } from '../vendor-address.ts';

/** Where Polygon is reached; Massive, as it calls itself now, answers the same at `api.massive.com` and `socket.massive.com`. */
export interface PolygonEndpoints {
  readonly url: string;
  /** Whole addresses, the cluster included. */
  readonly stocksStreamUrl: string;
  readonly optionsStreamUrl: string;
  readonly indicesStreamUrl: string;
}

/** A secret and where it stands. It prints masked wherever it goes, and a mounted one that was rotated is read again. */
export class PolygonKey {
  readonly #source: SecretSource;
  #key: string;

  constructor(source: SecretSource) {
    this.#source = source;
    this.#key = readSecret(source);
  }

  /** Returns the key itself, for the one place that sends it. */
  reveal(): string {
    return this.#key;
  }

  /** Names where it stands, for a person. */
  get source(): string {
    return secretName(this.#source);
  }

  /** Reads a mounted file again; one that cannot be read leaves the key as it is. @returns true where it is another one now. */
  refresh(): boolean {
    const before = this.#key;
    try {
      this.#key = readSecret(this.#source);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return false;
    }
    return before !== this.#key;
  }

  toString(): string {
    return maskedKeyId(this.#key);
  }

  toJSON(): string {
    return this.toString();
  }
}

/** Tells whether a key is named, without reading it. */
export const hasPolygonKey = (environment: Environment): boolean =>
  secretSource(environment, ['POLYGON_API_KEY']) !== undefined;

/** Finds the key: `POLYGON_API_KEY`, or the mounted file that `POLYGON_API_KEY_FILE` names. @throws VENUE.CREDENTIALS */
export function readPolygonKey(environment: Environment): PolygonKey {
  const source = secretSource(environment, ['POLYGON_API_KEY']);
  if (source !== undefined) return new PolygonKey(source);
  throw new AppError({
    code: 'VENUE.CREDENTIALS',
    why: "Polygon's key is missing: POLYGON_API_KEY is not set.",
    fix: 'Set it to the key of your account at Polygon (Massive), or name a mounted file by POLYGON_API_KEY_FILE.',
  });
}

/**
 * Finds where Polygon is reached: `POLYGON_BASE_URL`, `POLYGON_STOCK_WS_URL`, `POLYGON_OPTIONS_WS_URL` and `POLYGON_INDICES_WS_URL`
 * where they are set, such as for an emulator, for Massive or for the delayed streams.
 * @throws VENUE.ENDPOINT where an address is none.
 */
export function polygonEndpoints(environment: Environment): PolygonEndpoints {
  const at = (name: string, kinds: readonly string[], byDefault: string): string => {
    const text = environment[name]?.trim() ?? '';
    return text === '' ? byDefault : requireAddress('Polygon', { name, text }, kinds);
  };
  return {
    url: at('POLYGON_BASE_URL', HTTP, 'https://api.polygon.io'),
    stocksStreamUrl: at('POLYGON_STOCK_WS_URL', WEB_SOCKET, 'wss://socket.polygon.io/stocks'),
    optionsStreamUrl: at('POLYGON_OPTIONS_WS_URL', WEB_SOCKET, 'wss://socket.polygon.io/options'),
    indicesStreamUrl: at('POLYGON_INDICES_WS_URL', WEB_SOCKET, 'wss://socket.polygon.io/indices'),
  };
}
