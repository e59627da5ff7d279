import type { FaultBook } from '../control/faults.ts';
import type { TradingAccount } from './trading/trading-account.ts';

/** A key of an account, and how its streams speak. */
export interface AlpacaKey {
  readonly keyId: string;
  readonly secretKey: string;
  /** Stands for both in `Authorization: Bearer`. */
  readonly token?: string;
  readonly account: TradingAccount;
}

/** The keys that open accounts. None does while they are dead. */
export class KeyRing {
  #keys: readonly AlpacaKey[];
  readonly #faults: FaultBook;

  constructor(keys: readonly AlpacaKey[], faults: FaultBook) {
    this.#keys = keys;
    this.#faults = faults;
  }

  /** Returns whose a key pair is; `undefined` where it is nobody's. */
  find(keyId: unknown, secretKey: unknown): TradingAccount | undefined {
    if (this.#faults.find('deadKey') !== undefined) return undefined;
    return this.#keys.find((key) => key.keyId === keyId && key.secretKey === secretKey)?.account;
  }

  /** Gives the account of a key another pair, as a person does on the vendor's page: the pair before opens nothing any more. */
  rotate(keyId: string, pair: Pick<AlpacaKey, 'keyId' | 'secretKey'>): void {
    this.#keys = this.#keys.map((key) =>
      key.keyId === keyId ? { ...pair, account: key.account } : key,
    );
  }

  /** Returns whose the credentials in a request's headers are. */
  ofHeaders(headers: Readonly<Record<string, unknown>>): TradingAccount | undefined {
    const bearer = /^Bearer (.+)$/.exec(String(headers.authorization ?? ''))?.[1];
    if (bearer === undefined) {
      return this.find(headers['apca-api-key-id'], headers['apca-api-secret-key']);
    }
    if (this.#faults.find('deadKey') !== undefined) return undefined;
    return this.#keys.find(({ token }) => token !== undefined && token === bearer)?.account;
  }
}
