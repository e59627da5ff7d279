import type { MarketEvent } from '@capstan/domain';

/** What of a stream is about a symbol's prices. */
export type DataEvent = Extract<
  MarketEvent,
  { readonly kind: 'bar' | 'second' | 'trade' | 'tradeCancelled' | 'quote' }
>;

/** Returns whose price it is that bars are made of. */
export function symbolOf(event: Exclude<DataEvent, { readonly kind: 'bar' }>): string {
  switch (event.kind) {
    case 'second':
      return event.second.symbol;
    case 'trade':
      return event.trade.symbol;
    case 'tradeCancelled':
      return event.symbol;
    case 'quote':
      return event.quote.symbol;
  }
}
