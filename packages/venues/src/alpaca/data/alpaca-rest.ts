import { marketData, trading } from '@alpacahq/alpaca-trade-api';
import type { Log } from '@capstan/ports';
import { marketFailure } from '../../requests/market-failure.ts';
import type { VendorRequests } from '../../requests/vendor-requests.ts';
import type { AlpacaEndpoints } from '../connection.ts';
import type { AlpacaCredentials } from '../credentials.ts';
import { type Asked, alpacaFailure } from './alpaca-failure.ts';
import { PAGES_MAX, PARSE_ATTEMPTS_MAX, SHOWN_CHARACTERS_MAX } from './limits.ts';

/** The answer of a call before the client has read it. */
interface RawAnswer {
  readonly raw: Response;
}

/** The parts of Alpaca's client that read market data, over requests that keep the rate and try again. */
export interface AlpacaClients {
  readonly stocks: marketData.StockApi;
  readonly options: marketData.OptionApi;
  readonly actions: marketData.CorporateActionsApi;
  readonly assets: trading.AssetsApi;
  readonly calendar: trading.CalendarApi;
  readonly clock: trading.ClockApi;
}

/** Makes the clients. Their own retries and limits stay off, as the requests have theirs; keys are read at each call. */
export function alpacaClients(
  requests: VendorRequests,
  endpoints: AlpacaEndpoints,
  credentials: AlpacaCredentials,
): AlpacaClients {
  const apiKey = (header: string): string => {
    const { keyId, secretKey } = credentials.reveal();
    return header === 'APCA-API-KEY-ID' ? keyId : secretKey;
  };
  const fetchApi: typeof fetch = (input, init) => requests.fetch(String(input), init);
  const shared = { apiKey, fetchApi, timeoutMs: 0 };
  const data = new marketData.Configuration({ ...shared, basePath: endpoints.dataUrl });
  const account = new trading.Configuration({ ...shared, basePath: endpoints.tradingUrl });
  return {
    stocks: new marketData.StockApi(data),
    options: new marketData.OptionApi(data),
    actions: new marketData.CorporateActionsApi(data),
    assets: new trading.AssetsApi(account),
    calendar: new trading.CalendarApi(account),
    clock: new trading.ClockApi(account),
  };
}

/** What makes of the text of an answer the answer. */
export type ReadText<T> = (text: string) => T;

/** Reads what {@link alpacaClients} were answered. */
export class AlpacaAnswers {
  readonly #log: Log;
  readonly #keys: string;

  constructor(log: Log, credentials: AlpacaCredentials) {
    this.#log = log;
    this.#keys = credentials.source;
  }

  /**
   * Asks once, reads the text by `read`, and asks again where it is no JSON.
   * @throws MARKET.* as the port has them.
   */
  async ask<T>(
    what: Omit<Asked, 'keys'>,
    call: () => Promise<RawAnswer>,
    read: ReadText<T>,
  ): Promise<T> {
    const asked = { ...what, keys: this.#keys };
    for (let attempt = 1; ; attempt += 1) {
      const text = await this.#text(asked, call);
      try {
        return read(text);
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw alpacaFailure(error, asked);
        const start = JSON.stringify(text.slice(0, SHOWN_CHARACTERS_MAX));
        if (attempt >= PARSE_ATTEMPTS_MAX) throw unreadable(asked.what, start, error);
        this.#log.warn('an answer of Alpaca is no JSON; asking again', { what: asked.what, start });
      }
    }
  }

  /** Goes from page to page until there is no token for another. @throws MARKET.* */
  async *pages<T extends { readonly nextPageToken: string | undefined }>(
    what: Omit<Asked, 'keys'>,
    call: (pageToken: string | undefined) => Promise<RawAnswer>,
    read: ReadText<T>,
  ): AsyncIterable<T> {
    let token: string | undefined;
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const answer = await this.ask(what, () => call(token), read);
      yield answer;
      if (answer.nextPageToken === undefined) return;
      if (answer.nextPageToken === token) break;
      token = answer.nextPageToken;
    }
    throw marketFailure('MARKET.ANSWER', {
      why: `Alpaca's pages of ${what.what} do not come to an end.`,
    });
  }

  async #text(asked: Asked, call: () => Promise<RawAnswer>): Promise<string> {
    try {
      return await (await call()).raw.text();
    } catch (error) {
      throw alpacaFailure(error, asked);
    }
  }
}

function unreadable(what: string, start: string, cause: SyntaxError) {
  return marketFailure('MARKET.ANSWER', {
    why: `Alpaca's answer to ${what} is no JSON, ${PARSE_ATTEMPTS_MAX} times; it begins ${start}.`,
    fix: 'See that no proxy answers in its place, then try again.',
    cause,
  });
}

/** Returns a page's token: Alpaca writes null, or nothing, where there is no other page. */
export function pageTokenOf(answer: { readonly next_page_token?: string | null }) {
  const token = answer.next_page_token ?? '';
  return token === '' ? undefined : token;
}
