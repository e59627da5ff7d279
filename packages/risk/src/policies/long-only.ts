import { formatDecimal } from '@capstan/domain';
import type { Policy } from '../policy.ts';

/** A bot sells no more than it holds, with all that it has out to sell. */
export const longOnlyPolicy: Policy = {
  name: 'long-only',
  denies: 'a sale of more than is held, with `longOnly`',
  advice: 'Let the strategy go flat instead of short, or set `resize: true` to sell what is held.',
  resizes: true,
  check: ({ botId, symbol, side, quantity, reducing }, view, { longOnly }) => {
    if (longOnly !== true || reducing || side === 'buy') return undefined;
    const { positionQuantity, openSellQuantity } = view.exposure(botId, symbol);
    const left = Math.max(0, positionQuantity - openSellQuantity);
    if (quantity <= left) return undefined;
    const text = (value: number) => formatDecimal(value, view.instrument(symbol).quantityScale);
    return {
      reason: `a sale of ${text(quantity)} ${symbol} would go short: ${text(left)} is held and not for sale yet`,
    };
  },
};
