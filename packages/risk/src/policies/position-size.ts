import { cashMicros, formatCash, formatDecimal, powerOfTen } from '@capstan/domain';
import { exposureMicros, exposureWith, worstQuantity } from '../exposure.ts';
import type { Policy } from '../policy.ts';

/** Caps one position of one bot, under the worst outcome of what is out. */
export const positionSizePolicy: Policy = {
  name: 'position-size',
  denies:
    'a position of one bot above `maxPositionFraction` of equity, `maxPositionNotional` or `maxPositionUnits`',
  advice: 'Size the bot smaller, raise the limit, or set `resize: true` to take what fits.',
  resizes: true,
  check: (intent, view, limits) => {
    const { maxPositionFraction, maxPositionNotionalMicros, maxPositionUnits: units } = limits;
    if (intent.reducing) return undefined;
    if (
      maxPositionFraction === undefined &&
      maxPositionNotionalMicros === undefined &&
      units === undefined
    ) {
      return undefined;
    }
    const { symbol } = intent;
    const instrument = view.instrument(symbol);
    const { quantityScale } = instrument;
    const after = exposureWith(view.exposure(intent.botId, symbol), intent);
    const size = worstQuantity(after);
    if (units !== undefined && size > units * powerOfTen(quantityScale)) {
      const text = formatDecimal(size, quantityScale);
      return { reason: `the position would be ${text} ${symbol}, at most ${units} are allowed` };
    }
    const worth = exposureMicros(after, instrument);
    const share =
      maxPositionFraction === undefined
        ? Number.POSITIVE_INFINITY
        : Math.floor(maxPositionFraction * Math.max(0, view.equityMicros));
    const cap = Math.min(share, maxPositionNotionalMicros ?? Number.POSITIVE_INFINITY);
    if (worth <= cap) return undefined;
    const ofEquity =
      cap === share && maxPositionFraction !== undefined
        ? `, ${maxPositionFraction} of equity ${formatCash(view.equityMicros)}`
        : '';
    return {
      reason: `the position in ${symbol} would be ${formatCash(worth)}, at most ${formatCash(cashMicros(cap))}${ofEquity} is allowed`,
    };
  },
};
