import type { OptionContract, OptionGreeks, OptionSnapshot, PriceNanos } from '@capstan/domain';
import { NANOS_PER_UNIT } from '@capstan/domain';
import type { OptionsRequest } from '@capstan/ports';
import { z } from 'zod';
import { contractOfSymbol } from '../../market/occ-symbol.ts';
import { nanosOf } from '../../requests/exact-numbers.ts';
import { InstantReader } from '../../requests/instant.ts';
import { type AlpacaAnswers, type AlpacaClients, pageTokenOf } from './alpaca-rest.ts';
import type { AlpacaOptionFeed } from './feeds.ts';
import { CHAIN_PAGE, CONTRACTS_PAGE } from './limits.ts';
import { parseWithIds, quoteOf, tradeOf, wireQuote, wireTrade } from './ticks.ts';

/** Where options are asked for. */
export interface OptionsSource {
  readonly clients: Pick<AlpacaClients, 'options' | 'assets'>;
  readonly answers: AlpacaAnswers;
  readonly feed: AlpacaOptionFeed;
}

const contractsAnswer = z.object({
  option_contracts: z
    .array(
      z.object({
        symbol: z.string(),
        underlying_symbol: z.string(),
        type: z.enum(['call', 'put']),
        style: z.enum(['american', 'european']),
        expiration_date: z.iso.date(),
        strike_price: z.union([z.string(), z.number()]),
        size: z.union([z.string(), z.number()]),
      }),
    )
    .nullish(),
  next_page_token: z.string().nullish(),
});

const greeks = z.object({
  delta: z.number(),
  gamma: z.number(),
  theta: z.number(),
  vega: z.number(),
});
const chainAnswer = z.object({
  snapshots: z
    .record(
      z.string(),
      z.object({
        latestQuote: wireQuote.nullish(),
        latestTrade: wireTrade.partial({ i: true }).nullish(),
        greeks: greeks.nullish(),
        impliedVolatility: z.number().nullish(),
      }),
    )
    .nullish(),
  next_page_token: z.string().nullish(),
});

/** Asks for the listed options of an underlying, page by page. */
export async function* alpacaContracts(
  { clients, answers }: OptionsSource,
  request: OptionsRequest,
  signal?: AbortSignal,
): AsyncIterable<readonly OptionContract[]> {
  const asked = { what: `options of ${request.underlying}`, signal };
  const { right } = request;
  const parameters = {
    underlyingSymbols: request.underlying,
    limit: CONTRACTS_PAGE,
    ...narrowing(request),
    ...(right === undefined ? {} : { type: right }),
  };
  const call = (pageToken: string | undefined) =>
    clients.assets.getOptionsContractsRaw(
      pageToken === undefined ? parameters : { ...parameters, pageToken },
      signal === undefined ? {} : { signal },
    );
  for await (const { contracts } of answers.pages(asked, call, readContractsPage)) {
    if (contracts.length > 0) yield contracts;
  }
}

/** Asks for what is known now of the options of an underlying, page by page. */
export async function* alpacaChain(
  { clients, answers, feed }: OptionsSource,
  request: OptionsRequest,
  signal?: AbortSignal,
): AsyncIterable<readonly OptionSnapshot[]> {
  const { underlying, right } = request;
  const asked = { what: `the option chain of ${underlying}`, feed, signal };
  const parameters = {
    underlyingSymbol: underlying,
    feed,
    limit: CHAIN_PAGE,
    ...narrowing(request),
    ...(right === undefined ? {} : { type: right }),
  };
  const call = (pageToken: string | undefined) =>
    clients.options.optionChainRaw(
      pageToken === undefined ? parameters : { ...parameters, pageToken },
      signal === undefined ? {} : { signal },
    );
  const read = (text: string) => readChainPage(text, underlying);
  for await (const { options } of answers.pages(asked, call, read)) {
    if (options.length > 0) yield options;
  }
}

/** Reads a page of contracts. */
export function readContractsPage(text: string) {
  const page = contractsAnswer.parse(JSON.parse(text));
  const contracts = (page.option_contracts ?? []).map(
    (one): OptionContract => ({
      symbol: one.symbol,
      underlying: one.underlying_symbol,
      right: one.type,
      expiration: one.expiration_date,
      strikeNanos: nanosOf(one.strike_price),
      multiplier: Number(one.size),
      style: one.style,
    }),
  );
  return {
    contracts,
    nextPageToken: pageTokenOf({ next_page_token: page.next_page_token ?? null }),
  };
}

/** Reads a page of a chain; a symbol that names no option is left out. */
export function readChainPage(text: string, underlying: string) {
  const page = chainAnswer.parse(parseWithIds(text));
  const instants = new InstantReader();
  const options: OptionSnapshot[] = [];
  for (const [symbol, snapshot] of Object.entries(page.snapshots ?? {})) {
    const contract = contractOfSymbol(symbol, underlying);
    if (contract === undefined) continue;
    const { latestQuote, latestTrade, impliedVolatility } = snapshot;
    options.push({
      contract,
      ...given('quote', latestQuote, (quote) => quoteOf(symbol, quote, instants)),
      ...given('lastTrade', latestTrade, (trade) =>
        tradeOf(symbol, { ...trade, i: trade.i ?? '' }, instants),
      ),
      ...given('greeks', snapshot.greeks, (all): OptionGreeks => all),
      ...given('impliedVolatility', impliedVolatility, (fraction) => fraction),
    });
  }
  return { options, nextPageToken: pageTokenOf({ next_page_token: page.next_page_token ?? null }) };
}

/** A property that is there only where the vendor gave its value. */
function given<Key extends string, From, To>(
  key: Key,
  value: From | null | undefined,
  map: (value: From) => To,
): { readonly [K in Key]?: To } {
  if (value === null || value === undefined) return {};
  return { [key]: map(value) } as { readonly [K in Key]?: To };
}

function narrowing(request: OptionsRequest) {
  const { fromExpiration, toExpiration, fromStrikeNanos, toStrikeNanos } = request;
  return {
    ...given('expirationDateGte', fromExpiration, dateOf),
    ...given('expirationDateLte', toExpiration, dateOf),
    ...given('strikePriceGte', fromStrikeNanos, unitsOf),
    ...given('strikePriceLte', toStrikeNanos, unitsOf),
  };
}

const dateOf = (date: string): Date => new Date(`${date}T00:00:00Z`);
const unitsOf = (nanos: PriceNanos): number => nanos / NANOS_PER_UNIT;
