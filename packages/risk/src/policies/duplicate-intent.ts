import { formatDecimal, US_PER_SECOND } from '@capstan/domain';
import type { Policy } from '../policy.ts';

/** The same order twice within a short time is a mistake. What reduces twice is denied as no reduction. */
export const duplicateIntentPolicy: Policy = {
  name: 'duplicate-intent',
  denies:
    'the order that a bot was given within `duplicateWindowSeconds` already: symbol, side and quantity',
  advice: 'Look at why the bot asks twice; if it is meant so, shorten the window.',
  check: (intent, view, { duplicateWindowUs: window }, now) => {
    if (window === undefined || intent.reducing) return undefined;
    const { tally } = view;
    if (tally === undefined) return { reason: 'the latest orders are not known' };
    const { botId, symbol, side, quantity } = intent;
    const twin = tally
      .ordersAfter(now - window)
      .find(
        (one) =>
          one.botId === botId &&
          one.symbol === symbol &&
          one.side === side &&
          one.quantity === quantity,
      );
    if (twin === undefined) return undefined;
    const size = formatDecimal(quantity, view.instrument(symbol).quantityScale);
    return {
      reason: `the same order, a ${side} of ${size} ${symbol}, was given ${(now - twin.atUs) / US_PER_SECOND} s ago`,
    };
  },
};
