import { type Bar, priceToFloat, US_PER_MINUTE, US_PER_MS, US_PER_SECOND } from '@capstan/domain';
import type { PolygonWorld, TapeQuote, TapeTrade } from './world.ts';

/** A message of a stream; frames are arrays of them. */
export type StreamMessage = Readonly<Record<string, unknown>> & { readonly ev: string };

/** What a channel's messages are: `AM`, `A`, `T`, `Q`, and `V` for values of indices. */
export const CHANNEL_KINDS = ['AM', 'A', 'T', 'Q', 'V'] as const;
export type ChannelKind = (typeof CHANNEL_KINDS)[number];

/** What a symbol's channels say of one minute: the ticks in it, then its bar. */
export interface MinuteMessages {
  readonly ticks: readonly StreamMessage[];
  readonly bar: StreamMessage | undefined;
}

/** Makes what a symbol's channels say of the minute that starts at a time. */
export function minuteMessages(
  world: PolygonWorld,
  symbol: string,
  kinds: ReadonlySet<ChannelKind>,
  startUs: number,
): MinuteMessages {
  const span = [startUs, startUs + US_PER_MINUTE] as const;
  const bar = world.minutes(symbol, ...span)[0];
  const trades = bar === undefined ? [] : world.trades(symbol, ...span);
  const ticks = [
    ...(kinds.has('Q') ? world.quotes(symbol, ...span).map(quoteMessage) : []),
    ...(kinds.has('T') ? trades.map(tradeMessage) : []),
    ...(kinds.has('A') ? trades.map(secondMessage) : []),
    ...(kinds.has('V') ? trades.map(valueMessage) : []),
  ].sort((a, b) => Number(a.t ?? a.s) - Number(b.t ?? b.s));
  const isWanted = kinds.has('AM') && bar !== undefined;
  return { ticks, bar: isWanted ? minuteMessage(world, bar) : undefined };
}

const msOf = (us: number): number => Math.floor(us / US_PER_MS);

const tradeMessage = (trade: TapeTrade): StreamMessage => ({
  ev: 'T',
  sym: trade.symbol,
  x: Number(trade.exchange),
  i: trade.tradeId,
  z: 3,
  p: priceToFloat(trade.priceNanos),
  s: trade.size,
  ...(trade.conditions.length === 0 ? {} : { c: trade.conditions.map(Number) }),
  t: msOf(trade.atUs),
  q: trade.sequence,
});

const quoteMessage = (quote: TapeQuote): StreamMessage => ({
  ev: 'Q',
  sym: quote.symbol,
  bx: 12,
  bp: priceToFloat(quote.bidNanos),
  bs: quote.bidSize,
  ax: 11,
  ap: priceToFloat(quote.askNanos),
  as: quote.askSize,
  c: 0,
  t: msOf(quote.atUs),
  q: quote.sequence,
  z: 3,
});

const valueMessage = (trade: TapeTrade): StreamMessage => ({
  ev: 'V',
  val: priceToFloat(trade.priceNanos),
  T: trade.symbol,
  t: msOf(trade.atUs),
});

function secondMessage(trade: TapeTrade): StreamMessage {
  const price = priceToFloat(trade.priceNanos);
  const startMs = msOf(Math.floor(trade.atUs / US_PER_SECOND) * US_PER_SECOND);
  const prices = { o: price, h: price, l: price, c: price, vw: price, a: price };
  return {
    ev: 'A',
    sym: trade.symbol,
    v: trade.size,
    av: trade.size,
    op: price,
    ...prices,
    z: trade.size,
    s: startMs,
    e: startMs + 1000,
  };
}

function minuteMessage(world: PolygonWorld, bar: Bar): StreamMessage {
  const session = world.calendar.session(world.calendar.tradeDate(bar.startUs));
  const openUs = session?.openUs ?? bar.startUs;
  const today = world.minutes(bar.symbol, Math.min(openUs, bar.startUs), bar.endUs);
  const volume = today.reduce((sum, one) => sum + one.volume, 0);
  const [first] = today;
  return {
    ev: 'AM',
    sym: bar.symbol,
    v: bar.volume,
    av: volume,
    op: priceToFloat((first ?? bar).openNanos),
    vw: priceToFloat(bar.closeNanos),
    o: priceToFloat(bar.openNanos),
    c: priceToFloat(bar.closeNanos),
    h: priceToFloat(bar.highNanos),
    l: priceToFloat(bar.lowNanos),
    a: priceToFloat(bar.closeNanos),
    z: Math.floor(bar.volume / 4),
    s: msOf(bar.startUs),
    e: msOf(bar.endUs),
  };
}
