import { type Exits, priceNanos } from '@capstan/domain';
import { lag } from '@capstan/indicators';
import { defineStrategy, ofField } from '@capstan/strategy';

/** A cent of price. */
const CENT = 10_000_000;

/** Which exits protect an entry, by the digits of its close: near enough for most to be reached within minutes. */
function exitsOf(way: 'up' | 'down', closeNanos: number): Exits {
  const sign = way === 'up' ? 1 : -1;
  const away = (bps: number) => priceNanos(Math.round(closeNanos + (closeNanos * bps) / 10_000));
  const digit = Math.round(closeNanos / CENT) % 5;
  return {
    ...(digit === 0 ? {} : { stopPriceNanos: away(-sign * (10 + 5 * digit)) }),
    ...(digit === 1 ? {} : { takeProfitPriceNanos: away(sign * (40 - 5 * digit)) }),
    ...(digit < 2 ? { trailBps: 20 } : digit === 2 ? { trailNanos: away(-9_985) } : {}),
  };
}

/**
 * Follows the last three bars up by a stop above the close that turned, now and then within a limit. As they fall it leaves, or now and
 * then turns, also while its entry is still being filled. What it enters is protected.
 */
export const breakout = defineStrategy({
  name: 'breakout',
  title: 'Breakout',
  description: 'Enters by stop.',
  params: {},
  indicators: () => ({ before: ofField(lag, { period: 3 }, 'close') }),
  initialState: { way: 'flat', closeNanos: 0 },
  update: ({ before }, state, { bar: { closeNanos } }) => {
    const way = closeNanos > before ? 'up' : closeNanos < before ? 'down' : state.way;
    return way === state.way ? state : { way, closeNanos };
  },
  decide: (_values, { way, closeNanos }) => {
    const turns = way === 'down' && closeNanos % (2 * CENT) === 0;
    if (turns) {
      return { direction: 'short', strength: 1, ...exitsOf('down', closeNanos), reason: way };
    }
    if (way !== 'up') return { direction: 'flat', strength: 0, reason: way };
    const cents = (count: number) => priceNanos(closeNanos + count * CENT);
    return {
      direction: 'long',
      strength: 1,
      entryStopPriceNanos: cents(1),
      ...(closeNanos % (2 * CENT) === 0 ? { limitPriceNanos: cents(3) } : {}),
      ...exitsOf('up', closeNanos),
      reason: way,
    };
  },
});
