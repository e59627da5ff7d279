import { AppError, hasCode } from '@capstan/domain';
import type { Clock, Role, Store, TokenRecord } from '@capstan/ports';
import type { GatewayErrorCode } from './error-codes.ts';
import { LIMITS } from './limits.ts';
import { checkHost, isLoopback } from './origin.ts';
import type { AuthSettings } from './ports.ts';

/** Who asks. */
export interface Identity {
  /** The token's name, or `local`. */
  readonly actor: string;
  readonly role: Role;
}

/** What a request proves itself with. */
export interface Credentials {
  readonly authorization: string | undefined;
  /** The `token` of the query, only where the address allows it. */
  readonly queryToken: string | undefined;
  readonly remoteAddress: string;
  readonly host: string | undefined;
  /** True where a proxy passed the request on: then the remote address is the proxy's. */
  readonly forwarded: boolean;
}

interface Remembered {
  readonly record: TokenRecord;
  readonly atMs: number;
}

/**
 * Finds out who asks. Tokens are compared by their SHA-256 in the store's index, so that the time taken tells nothing of the text.
 */
export class Authenticator {
  readonly #store: Pick<Store, 'token'>;
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #hash: (token: string) => string;
  readonly #settings: AuthSettings;
  readonly #remembered = new Map<string, Remembered>();

  constructor(
    ports: {
      readonly store: Pick<Store, 'token'>;
      readonly clock: Pick<Clock, 'monotonicMs'>;
      readonly hashToken: (token: string) => string;
    },
    settings: AuthSettings,
  ) {
    this.#store = ports.store;
    this.#clock = ports.clock;
    this.#hash = ports.hashToken;
    this.#settings = settings;
  }

  /** @throws GATEWAY.TOKEN, GATEWAY.ORIGIN, STORE.UNAVAILABLE */
  async identify(from: Credentials): Promise<Identity> {
    const token = bearerToken(from.authorization) ?? from.queryToken;
    if (this.#settings.hosts.length > 0) checkHost(from.host, this.#settings.hosts);
    if (token !== undefined) {
      const record = await this.#lookUp(this.#hash(token));
      if (record === undefined) throw unknownToken('the token is not known.');
      return { actor: record.name, role: record.role };
    }
    const local = this.#settings.localOperator && !from.forwarded && isLoopback(from.remoteAddress);
    if (!local) throw unknownToken('the request carries no token.');
    checkHost(from.host, this.#settings.hosts);
    return { actor: 'local', role: 'operator' };
  }

  /**
   * Names who asks where a token is shown that was confirmed within the hour, without asking the store. Not whether it may: a token may
   * have been taken back since.
   */
  remembered({ authorization, queryToken }: Pick<Credentials, 'authorization' | 'queryToken'>) {
    const token = BEARER.exec(authorization ?? '')?.[1] ?? queryToken;
    const known = token === undefined ? undefined : this.#remembered.get(this.#hash(token));
    const ageMs = this.#clock.monotonicMs() - (known?.atMs ?? 0);
    return ageMs < LIMITS.tokenStaleMs ? known?.record.name : undefined;
  }

  async #lookUp(hash: string): Promise<TokenRecord | undefined> {
    const nowMs = this.#clock.monotonicMs();
    const known = this.#remembered.get(hash);
    if (known !== undefined && nowMs - known.atMs < LIMITS.tokenFreshMs) return known.record;
    try {
      const record = await this.#store.token(hash);
      this.#remembered.delete(hash);
      if (record !== undefined) this.#remember(hash, { record, atMs: nowMs });
      return record;
    } catch (error) {
      const usable = known !== undefined && nowMs - known.atMs < LIMITS.tokenStaleMs;
      if (usable && hasCode(error, 'STORE.UNAVAILABLE')) return known.record;
      throw error;
    }
  }

  #remember(hash: string, entry: Remembered): void {
    this.#remembered.set(hash, entry);
    if (this.#remembered.size <= LIMITS.tokensRemembered) return;
    const [oldest] = this.#remembered.keys();
    if (oldest !== undefined) this.#remembered.delete(oldest);
  }
}

const BEARER = /^Bearer +(\S+)$/i;

function bearerToken(authorization: string | undefined): string | undefined {
  if (authorization === undefined) return undefined;
  const token = BEARER.exec(authorization)?.[1];
  if (token === undefined) throw unknownToken('the Authorization header holds no bearer token.');
  return token;
}

function unknownToken(why: string): AppError {
  return new AppError({
    code: 'GATEWAY.TOKEN' satisfies GatewayErrorCode,
    why,
    fix: 'Send `Authorization: Bearer <token>`; `capstan token add` makes one.',
  });
}
