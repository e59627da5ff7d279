import { type Bar, type MarketEvent, priceNanos, timeUs, US_PER_MINUTE } from '@capstan/domain';
import type { Random, ScriptedEvent, Span } from '@capstan/testkit';

const SECOND = 1_000_000;

/** A bar of one minute, whose numbers follow from a price. */
export function minuteBar(symbol: string, endUs: number, price: number, volume = 100): Bar {
  const nanos = (value: number) => priceNanos(Math.round(value * 1e9));
  return {
    ...{ symbol, timeframe: '1m', revision: 0, volume },
    startUs: timeUs(endUs - US_PER_MINUTE),
    endUs: timeUs(endUs),
    openNanos: nanos(price),
    highNanos: nanos(price + 1),
    lowNanos: nanos(price - 1),
    closeNanos: nanos(price + 0.5),
  };
}

export const barEvent = (bar: Bar): MarketEvent => ({ kind: 'bar', bar });

/** What a market was, and how it was told. */
export interface ToldMarket {
  /** As history has it in the end. */
  readonly history: readonly Bar[];
  readonly events: readonly ScriptedEvent[];
  /** By symbol and end: when a bar was told first, after its end, and what it was then. */
  readonly told: ReadonlyMap<string, { readonly delayUs: number; readonly bar: Bar }>;
}

export const keyOf = ({ symbol, endUs }: Pick<Bar, 'symbol' | 'endUs'>): string =>
  `${symbol} ${endUs}`;

/**
 * Draws a market of some minutes, told as vendors do: soon, now and then late, out of order, twice, and corrected half a minute later.
 */
export function drawMarket(
  random: Random,
  symbols: readonly { readonly symbol: string; readonly share: number }[],
  { fromUs, minutes }: { readonly fromUs: number; readonly minutes: number },
): ToldMarket {
  const history: Bar[] = [];
  const events: ScriptedEvent[] = [];
  const told = new Map<string, { delayUs: number; bar: Bar }>();
  for (let minute = 1; minute <= minutes; minute += 1) {
    const endUs = fromUs + minute * US_PER_MINUTE;
    for (const { symbol, share } of symbols) {
      if (!random.chance(share)) continue;
      const bar = minuteBar(symbol, endUs, random.integer(90, 110), random.integer(1, 500));
      const isRevised = random.chance(0.1);
      const first = isRevised ? { ...bar, volume: bar.volume + 7 } : bar;
      const isLate = random.chance(0.04);
      const delayUs = random.integer(200_000, isLate ? 40 * SECOND : 2_500_000);
      history.push(bar);
      told.set(keyOf(bar), { delayUs, bar: first });
      events.push({ atUs: endUs + delayUs, event: barEvent(first) });
      if (random.chance(0.1)) {
        const again = random.integer(0, 20 * SECOND);
        events.push({ atUs: endUs + delayUs + again, event: barEvent(first) });
      }
      if (isRevised) {
        events.push({ atUs: endUs + 45 * SECOND, event: barEvent({ ...bar, revision: 1 }) });
      }
    }
  }
  return { history, events, told };
}

/** Draws at most so many spans of trouble. */
export function drawSpans(
  random: Random,
  most: number,
  [fromUs, toUs]: readonly [number, number],
  [shortest, longest]: readonly [number, number],
): readonly Span[] {
  return Array.from({ length: random.integer(0, most) }, () => {
    const at = random.integer(fromUs, toUs);
    return { fromUs: at, toUs: at + random.integer(shortest, longest) * SECOND };
  });
}
