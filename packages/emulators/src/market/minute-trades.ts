import { mixSeed } from '@capstan/synthetic';
import type { DayColumns } from './day-columns.ts';
import { tickE4 } from './price-scale.ts';

/** Trades that a minute's stream tells: one in each slot. The bar counts more, as a vendor's does. */
export const SLOTS_PER_MINUTE = 10;
export const SLOT_US = 6_000_000;

/** A trade of the emulated market, and the quote that stood when it happened. Prices in ten thousandths. */
export interface SlotTrade {
  readonly symbol: string;
  readonly atUs: number;
  readonly tradeId: number;
  readonly priceE4: number;
  readonly size: number;
  readonly bidE4: number;
  readonly bidSize: number;
  readonly askE4: number;
  readonly askSize: number;
}

/**
 * Returns the trades of a minute, one a slot: the first at its open, the last at its close, its high and its low among them, and
 * together as many shares as its bar. They follow from the bar alone.
 */
export function minuteTrades(
  symbol: string,
  symbolSeed: number,
  columns: DayColumns,
  row: number,
): readonly SlotTrade[] {
  const minute = columns.minute[row] as number;
  const startUs = columns.day.midnightUs + minute * 60_000_000;
  const volume = columns.volume[row] as number;
  const each = Math.floor(volume / SLOTS_PER_MINUTE);
  const prices = slotPrices(mixSeed(symbolSeed, columns.day.dayNumber, minute), columns, row);
  return prices.map((priceE4, slot) => {
    const hash = mixSeed(symbolSeed, columns.day.dayNumber, minute, slot) >>> 0;
    const isLast = slot === SLOTS_PER_MINUTE - 1;
    return {
      symbol,
      atUs: startUs + slot * SLOT_US + 1_000 + (hash % (SLOT_US - 2_000)),
      tradeId: minute * SLOTS_PER_MINUTE + slot + 1,
      priceE4,
      size: isLast ? volume - each * (SLOTS_PER_MINUTE - 1) : each,
      ...quoteAround(priceE4, hash),
    };
  });
}

function slotPrices(hash: number, columns: DayColumns, row: number): readonly number[] {
  const open = columns.open[row] as number;
  const high = columns.high[row] as number;
  const low = columns.low[row] as number;
  const close = columns.close[row] as number;
  const inner = SLOTS_PER_MINUTE - 2;
  const highAt = 1 + ((hash >>> 0) % inner);
  const lowAt = 1 + ((highAt + ((hash >>> 8) % (inner - 1))) % inner);
  const tick = tickE4(low);
  return Array.from({ length: SLOTS_PER_MINUTE }, (_, slot) => {
    if (slot === 0) return open;
    if (slot === SLOTS_PER_MINUTE - 1) return close;
    if (slot === highAt) return high;
    if (slot === lowAt) return low;
    const straight = open + ((close - open) * slot) / (SLOTS_PER_MINUTE - 1);
    const noise = ((mixSeed(hash, slot) >>> 16) / 65_536 - 0.5) * (high - low) * 0.5;
    const price = Math.round((straight + noise) / tick) * tick;
    return Math.min(high, Math.max(low, price));
  });
}

/** A spread of a tick, or of about two basis points where that is more, on the tick, with the trade inside or at its edge. */
function quoteAround(
  priceE4: number,
  hash: number,
): Pick<SlotTrade, 'bidE4' | 'bidSize' | 'askE4' | 'askSize'> {
  const tick = tickE4(priceE4);
  const half = Math.max(1, Math.round(priceE4 / 10_000 / tick)) * tick;
  const isBuy = (hash & 1) === 1;
  return {
    bidE4: Math.max(1, isBuy ? priceE4 - half : priceE4),
    askE4: isBuy ? priceE4 : priceE4 + half,
    bidSize: 1 + ((hash >>> 3) % 9),
    askSize: 1 + ((hash >>> 7) % 9),
  };
}
