import { formatCash, formatDecimal, notionalMicros, powerOfTen } from '@capstan/domain';
import { intentPriceNanos } from '../exposure.ts';
import type { Policy } from '../policy.ts';

/** No single order is larger than anybody can have meant. */
export const orderSizePolicy: Policy = {
  name: 'order-size',
  denies: 'one order of more than `maxOrderNotional` or `maxOrderUnits`',
  advice: "Check the bot's sizing; if it is meant so, raise the limit.",
  resizes: true,
  check: (intent, view, { maxOrderNotionalMicros: cap, maxOrderUnits: units }) => {
    if (intent.reducing || (cap === undefined && units === undefined)) return undefined;
    const instrument = view.instrument(intent.symbol);
    const { quantityScale } = instrument;
    if (units !== undefined && intent.quantity > units * powerOfTen(quantityScale)) {
      const size = formatDecimal(intent.quantity, quantityScale);
      return { reason: `the order is for ${size} ${intent.symbol}, at most ${units} are allowed` };
    }
    const notional = notionalMicros(instrument, intentPriceNanos(intent), intent.quantity);
    if (cap === undefined || notional <= cap) return undefined;
    return {
      reason: `the order is worth ${formatCash(notional)}, at most ${formatCash(cap)} is allowed`,
    };
  },
};
