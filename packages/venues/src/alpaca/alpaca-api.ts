import { ResponseError, trading } from '@alpacahq/alpaca-trade-api';
import { AppError, US_PER_MS } from '@capstan/domain';
import type { Clock } from '@capstan/ports';
import type { z } from 'zod';
import type { RequestBudget } from '../requests/request-budget.ts';
import { type SendRequest, VendorRequests } from '../requests/vendor-requests.ts';
import type { AlpacaEndpoints } from './connection.ts';
import type { AlpacaCredentials } from './credentials.ts';
import {
  isOfKeys,
  keysRefused,
  type Refused,
  readRefused,
  unclear,
  undecided,
} from './venue-failure.ts';

export interface AlpacaApiPorts {
  readonly clock: Clock;
  /** Shared by all that asks by these keys. */
  readonly budget: RequestBudget;
  /** The platform's `fetch` unless told. */
  readonly send?: SendRequest;
}

export interface AlpacaApiSettings {
  readonly endpoints: AlpacaEndpoints;
  readonly credentials: AlpacaCredentials;
  /** How long a call may take before its outcome counts as not known. */
  readonly timeoutMs: number;
}

/** The vendor's own classes for the calls that are made. */
interface Groups {
  readonly orders: trading.OrdersApi;
  readonly account: trading.AccountsApi;
  readonly positions: trading.PositionsApi;
  readonly activities: trading.AccountActivitiesApi;
  readonly clock: trading.ClockApi;
  readonly assets: trading.AssetsApi;
}

type Call = (groups: Groups) => Promise<{ readonly raw: Response }>;

/** What came of a call that may be refused. */
export type Answered<Value> =
  | { readonly kind: 'answer'; readonly value: Value }
  | { readonly kind: 'refused'; readonly refused: Refused };

const ATTEMPTS_MAX = 3;
/** Above what the requests below it may take with all their waits: the SDK counts the waits too. */
const SDK_TIMEOUT_MS = 300_000;

/**
 * Alpaca's trading API through the vendor's SDK, with what that leaves to its user: one rate for all that asks, a time for the whole
 * of each answer, the answer checked against what is read of it, and keys that are read again where they were refused.
 */
export class AlpacaApi {
  readonly credentials: AlpacaCredentials;
  readonly endpoints: AlpacaEndpoints;
  /** What places and cancels goes before what looks. */
  readonly #requests: Readonly<Record<'orders' | 'looks', VendorRequests>>;
  #groups: Groups;

  constructor(
    { clock, budget, send }: AlpacaApiPorts,
    { endpoints, credentials, timeoutMs }: AlpacaApiSettings,
  ) {
    this.credentials = credentials;
    this.endpoints = endpoints;
    const ports = { clock, budget, ...(send === undefined ? {} : { send }) };
    const of = { timeoutMs, attemptsMax: ATTEMPTS_MAX };
    this.#requests = {
      orders: new VendorRequests(ports, { kind: 'trading', ...of }),
      looks: new VendorRequests(ports, { kind: 'live', ...of }),
    };
    this.#groups = this.#made();
  }

  /**
   * Asks for something that Alpaca has.
   * @param what the wish in words, for messages.
   * @throws VENUE.TIMEOUT, VENUE.UNAVAILABLE, VENUE.CREDENTIALS
   */
  async read<Schema extends z.ZodType>(
    what: string,
    schema: Schema,
    call: Call,
  ): Promise<z.output<Schema>> {
    const answer = await this.ask(what, schema, call);
    if (answer.kind === 'answer') return answer.value;
    throw undecided(what, answer.refused);
  }

  /**
   * Asks for something that Alpaca may refuse. Keys that it does not take are read again, and where they are others now the call is
   * made once more: a refusal of the keys did nothing.
   * @returns the answer, or a refusal that is clear.
   * @throws VENUE.TIMEOUT, VENUE.UNAVAILABLE, VENUE.CREDENTIALS
   */
  async ask<Schema extends z.ZodType>(
    what: string,
    schema: Schema,
    call: Call,
  ): Promise<Answered<z.output<Schema>>> {
    const first = await this.#once(what, schema, call);
    if (first.kind !== 'refused' || !isOfKeys(first.refused)) return first;
    if (!this.refresh()) throw keysRefused(this.credentials.masked, first.refused);
    const second = await this.#once(what, schema, call);
    if (second.kind !== 'refused' || !isOfKeys(second.refused)) return second;
    throw keysRefused(this.credentials.masked, second.refused);
  }

  /** Reads the keys again. @returns true where they are others now. */
  refresh(): boolean {
    const isNew = this.credentials.refresh();
    if (isNew) this.#groups = this.#made();
    return isNew;
  }

  async #once<Schema extends z.ZodType>(
    what: string,
    schema: Schema,
    call: Call,
  ): Promise<Answered<z.output<Schema>>> {
    let response: Response;
    try {
      response = (await call(this.#groups)).raw;
    } catch (error) {
      if (!(error instanceof ResponseError)) throw unclear(what, error);
      const refused = await readRefused(error.response);
      if (isUndecided(refused)) throw undecided(what, refused);
      return { kind: 'refused', refused };
    }
    return { kind: 'answer', value: await readAnswer(what, schema, response) };
  }

  #made(): Groups {
    const { keyId, secretKey } = this.credentials.reveal();
    const configuration = new trading.Configuration({
      basePath: this.endpoints.tradingUrl,
      keyId,
      secret: secretKey,
      timeoutMs: SDK_TIMEOUT_MS,
      fetchApi: (input, init) => this.#requests[purposeOf(init)].fetch(urlOf(input), init),
    });
    return {
      orders: new trading.OrdersApi(configuration),
      account: new trading.AccountsApi(configuration),
      positions: new trading.PositionsApi(configuration),
      activities: new trading.AccountActivitiesApi(configuration),
      clock: new trading.ClockApi(configuration),
      assets: new trading.AssetsApi(configuration),
    };
  }
}

/** The vendor says that it failed, or that it is asked too often: that decides nothing of an order. */
const isUndecided = ({ status }: Refused): boolean =>
  status >= 500 || status === 429 || status === 408 || status === 425;

const purposeOf = (init: RequestInit | undefined): 'orders' | 'looks' =>
  (init?.method ?? 'GET') === 'GET' ? 'looks' : 'orders';

const urlOf = (input: string | URL | Request): string =>
  typeof input === 'string' ? input : input instanceof URL ? input.href : input.url;

async function readAnswer<Schema extends z.ZodType>(
  what: string,
  schema: Schema,
  response: Response,
): Promise<z.output<Schema>> {
  const body = response.status === 204 ? null : await response.json().catch(() => undefined);
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue === undefined ? '' : ` at '${issue.path.join('.')}': ${issue.message}`;
  throw new AppError({
    code: 'VENUE.UNAVAILABLE',
    why: `Alpaca's answer to the wish to ${what} cannot be read${where}.`,
    fix: 'It is asked again; if it stays so, Alpaca has changed what it answers.',
    retry: 'retryable',
  });
}

/** Microseconds as the instant that the API takes. */
export const instantOf = (us: number): string => new Date(us / US_PER_MS).toISOString();
