import { US_PER_MS } from '@capstan/domain';
import type { Clock, Log } from '@capstan/ports';
import { type DefaultApi, restClient } from '@polygon.io/client-js';
import { marketFailure } from '../requests/market-failure.ts';
import type { SendRequest, VendorRequests } from '../requests/vendor-requests.ts';
import { PAGES_MAX, PARSE_ATTEMPTS_MAX, RATE_WINDOW_MS, SHOWN_CHARACTERS_MAX } from './limits.ts';
import { type Asked, polygonFailure, polygonRefusal } from './polygon-failure.ts';
import type { PolygonKey } from './settings.ts';

type CallOptions = NonNullable<Parameters<DefaultApi['getMarketStatus']>[0]>;

/** Methods of the vendor's client that are called. */
export type PolygonMethod =
  | 'getMarketStatus'
  | 'getOptionsChain'
  | 'getOptionsContract'
  | 'getStocksAggregates'
  | 'getStocksQuotes'
  | 'getStocksTrades'
  | 'getTicker'
  | 'listDividends'
  | 'listOptionsContracts'
  | 'listStockSplits';

/** A call of the vendor's client: its first arguments, which make the path. */
export interface PolygonCall {
  readonly method: PolygonMethod;
  readonly path: readonly (string | number)[];
}

/** The query of a call, which the client's lists of up to forty arguments would bury. */
export type QueryPart = Readonly<Record<string, string | number | boolean | undefined>>;

/** An answer as it is wrapped. */
export interface Envelope {
  readonly status?: string;
  readonly next_url?: string;
  readonly [key: string]: unknown;
}

export interface PolygonRestPorts {
  readonly requests: VendorRequests;
  readonly log: Log;
}

/**
 * The vendor's own client over requests that keep the rate, end in time and try again. The key goes in a header, so that it is in no
 * address, log or failure, and to the configured host alone. Later pages are followed here: the client would put them in front of the
 * first.
 */
export class PolygonRest {
  readonly #ports: PolygonRestPorts;
  readonly #base: URL;
  readonly #key: PolygonKey;
  readonly #client: DefaultApi;
  #isDelayed = false;

  constructor(ports: PolygonRestPorts, base: string, key: PolygonKey) {
    this.#ports = ports;
    this.#base = new URL(base);
    this.#key = key;
    // The client demands a key for the query; what it puts there is taken out again.
    this.#client = restClient('sent-in-a-header', base, { pagination: false });
  }

  /** Asks once. @throws MARKET.* */
  async ask(
    what: string,
    call: PolygonCall,
    query: QueryPart = {},
    signal?: AbortSignal,
  ): Promise<Envelope> {
    const asked = { what, key: this.#key.source };
    try {
      return await this.#send(call, this.#options(asked, query, signal));
    } catch (error) {
      signal?.throwIfAborted();
      throw polygonFailure(error, asked);
    }
  }

  /** Goes from page to page. @returns the rows of each, in the vendor's order; pages without rows are left out. @throws MARKET.* */
  async *pages<Row>(
    what: string,
    call: PolygonCall,
    query: QueryPart,
    signal?: AbortSignal,
  ): AsyncIterable<readonly Row[]> {
    let page = await this.ask(what, call, query, signal);
    const seen = new Set<string>();
    for (let count = 1; count <= PAGES_MAX; count += 1) {
      const rows = rowsOf<Row>(page, what);
      if (rows.length > 0) yield rows;
      const next = page.next_url;
      if (next === undefined || next === '') return;
      if (seen.has(next)) break;
      seen.add(next);
      page = await this.#next(what, next, signal);
    }
    throw marketFailure('MARKET.ANSWER', {
      why: `Polygon's pages of ${what} do not come to an end.`,
    });
  }

  async #next(what: string, address: string, signal?: AbortSignal): Promise<Envelope> {
    const asked = { what, key: this.#key.source };
    const url = URL.canParse(address) ? new URL(address) : undefined;
    if (url?.origin !== this.#base.origin) {
      throw marketFailure('MARKET.ANSWER', {
        why: `Polygon says that the next page of ${what} is at ${url?.host ?? 'no address'}, and the key is for ${this.#base.host} alone.`,
        fix: 'Set POLYGON_BASE_URL to the host that answers, if it is the vendor.',
      });
    }
    try {
      return await this.#read(url, asked, signal);
    } catch (error) {
      signal?.throwIfAborted();
      throw polygonFailure(error, asked);
    }
  }

  /** Calls a method of the client: the arguments of the path first, the options last, nothing between. */
  #send({ method, path }: PolygonCall, options: CallOptions): Promise<Envelope> {
    const called = this.#client[method] as (...given: unknown[]) => Promise<unknown>;
    const given: unknown[] = [...path];
    given[called.length - 1] = options;
    return called.apply(this.#client, given) as Promise<Envelope>;
  }

  /** Options by which the client sends through here. */
  #options(asked: Asked, query: QueryPart, signal?: AbortSignal): CallOptions {
    const adapter: Extract<CallOptions['adapter'], (...given: never[]) => unknown> = async (
      config,
    ) => {
      const url = new URL(config.url ?? '', this.#base);
      for (const [name, value] of Object.entries(query)) {
        if (value !== undefined) url.searchParams.set(name, String(value));
      }
      const data = await this.#read(url, asked, signal);
      return { data, status: 200, statusText: 'OK', headers: {}, config };
    };
    return { adapter };
  }

  /** Reads an answer, and once more where it is no JSON: one that was cut off may come whole. */
  async #read(url: URL, asked: Asked, signal?: AbortSignal): Promise<Envelope> {
    url.searchParams.delete('apiKey');
    for (let attempt = 1; ; attempt += 1) {
      const text = await this.#text(url, asked, signal);
      const body = parsed(text);
      if (body !== undefined) {
        this.#sayDelayed(body);
        return body;
      }
      const start = JSON.stringify(text.slice(0, SHOWN_CHARACTERS_MAX));
      if (attempt >= PARSE_ATTEMPTS_MAX) {
        throw marketFailure('MARKET.ANSWER', {
          why: `Polygon's answer to ${asked.what} is no JSON, ${PARSE_ATTEMPTS_MAX} times; it begins ${start}.`,
          fix: 'See that no proxy answers in its place, then try again.',
        });
      }
      this.#ports.log.warn('an answer of Polygon is no JSON; asking again', {
        what: asked.what,
        start,
      });
    }
  }

  /** A delayed plan answers as any other does, of a quarter of an hour ago: said once, as nothing else shows it. */
  #sayDelayed({ status }: Envelope): void {
    if (status !== 'DELAYED' || this.#isDelayed) return;
    this.#isDelayed = true;
    this.#ports.log.warn('the plan at Polygon is a delayed one: what it tells is 15 minutes old');
  }

  async #text(url: URL, asked: Asked, signal?: AbortSignal): Promise<string> {
    const send = () =>
      this.#ports.requests.fetch(String(url), {
        headers: { authorization: `Bearer ${this.#key.reveal()}`, accept: 'application/json' },
        // A redirect would carry the key elsewhere.
        redirect: 'error',
        ...(signal === undefined ? {} : { signal }),
      });
    let answer = await send();
    if (answer.status === 401 && this.#key.refresh()) answer = await send();
    const text = await answer.text();
    if (answer.ok) return text;
    throw polygonRefusal(answer.status, text, asked);
  }
}

/** Nanoseconds that a number of JavaScript would round, as texts. No other value of an answer can look like one of these. */
const NANOS = /"((?:sip|participant|trf)_timestamp|last_updated)":(\d{16,})/g;

function parsed(text: string): Envelope | undefined {
  try {
    const body: unknown = JSON.parse(text.replaceAll(NANOS, '"$1":"$2"'));
    return typeof body === 'object' && body !== null ? (body as Envelope) : undefined;
  } catch {
    return undefined;
  }
}

/** `results` is left out where there are none. */
function rowsOf<Row>(page: Envelope, what: string): readonly Row[] {
  const rows = page.results ?? [];
  if (Array.isArray(rows)) return rows as Row[];
  throw marketFailure('MARKET.ANSWER', {
    why: `Polygon's page of ${what} has no list of results.`,
  });
}

/** A `fetch` that has a refusal for too many requests say when to come back: in the next minute, as the vendor counts by these. */
export function comingBackNextMinute(clock: Clock, send: SendRequest = fetch): SendRequest {
  return async (url, init) => {
    const answer = await send(url, init);
    if (answer.status !== 429 || answer.headers.has('retry-after')) return answer;
    const nowMs = clock.nowUs() / US_PER_MS;
    const waitMs = RATE_WINDOW_MS - (nowMs % RATE_WINDOW_MS);
    const headers = new Headers(answer.headers);
    headers.set('retry-after', String(Math.ceil(waitMs / 1_000)));
    const { status, statusText } = answer;
    return new Response(answer.body, { status, statusText, headers });
  };
}
