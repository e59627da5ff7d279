import { type Bar, type MarketEvent, type SecondBar, US_PER_MINUTE } from '@capstan/domain';
import { wholeUnits } from '../market/whole-units.ts';
import { symbolOf } from './symbols.ts';
import { codesOf, priceOf, pricesOf, usOfMs, type WirePrices } from './wire-values.ts';

/** What a frame holds: any of these, by `ev`. */
export interface WireMessage {
  readonly ev?: string;
  readonly sym?: string;
}

export interface WireStatus extends WireMessage {
  readonly status?: string;
  readonly message?: string;
}

interface WireAggregate extends WireMessage, WirePrices {
  readonly s?: number;
}

interface WireTrade extends WireMessage {
  readonly t?: number;
  readonly p?: number;
  readonly s?: number;
  readonly i?: string;
  readonly q?: number;
  readonly x?: number;
  readonly c?: readonly number[];
}

interface WireQuote extends WireMessage {
  readonly t?: number;
  readonly bp?: number;
  readonly bs?: number;
  readonly ap?: number;
  readonly as?: number;
}

/** Reads a frame, which is always an array. @returns `undefined` where it is none. */
export function readFrame(text: string): readonly WireMessage[] | undefined {
  try {
    const frame: unknown = JSON.parse(text);
    return Array.isArray(frame) ? (frame as WireMessage[]) : undefined;
  } catch {
    return undefined;
  }
}

/** Makes the port's event of a message; `undefined` for a kind that is not taken. @throws MARKET.ANSWER */
export function eventOf(message: WireMessage): MarketEvent | undefined {
  const symbol = symbolOf(message.sym ?? '');
  switch (message.ev) {
    case 'AM':
      return { kind: 'bar', bar: barOf(message, symbol) };
    case 'A':
      return { kind: 'second', second: secondOf(message, symbol) };
    case 'T':
      return tradeOf(message, symbol);
    case 'Q':
      return quoteOf(message, symbol);
    default:
      return undefined;
  }
}

function barOf(row: WireAggregate, symbol: string): Bar {
  const startUs = usOfMs(row.s);
  return {
    symbol,
    timeframe: '1m',
    startUs,
    endUs: (startUs + US_PER_MINUTE) as Bar['endUs'],
    revision: 0,
    ...pricesOf(row),
  };
}

function secondOf(row: WireAggregate, symbol: string): SecondBar {
  return { symbol, startUs: usOfMs(row.s), ...pricesOf(row) };
}

function tradeOf(row: WireTrade, symbol: string): MarketEvent {
  return {
    kind: 'trade',
    trade: {
      symbol,
      atUs: usOfMs(row.t),
      priceNanos: priceOf(row.p),
      size: wholeUnits(row.s ?? 0),
      tradeId: row.i ?? String(row.q ?? ''),
      exchange: String(row.x ?? ''),
      conditions: codesOf(row.c),
    },
  };
}

function quoteOf(row: WireQuote, symbol: string): MarketEvent {
  return {
    kind: 'quote',
    quote: {
      symbol,
      atUs: usOfMs(row.t),
      bidNanos: priceOf(row.bp ?? 0),
      bidSize: wholeUnits(row.bs ?? 0),
      askNanos: priceOf(row.ap ?? 0),
      askSize: wholeUnits(row.as ?? 0),
    },
  };
}
