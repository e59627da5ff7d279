import { type Quantity, quantity } from '@capstan/domain';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sharesOfTrade } from './shares-of-trade.ts';
import { PRICE } from './test-venue.ts';

const NAMES = ['house', 'a', 'b', 'c'];
const held = fc.tuple(...NAMES.map(() => fc.integer({ min: -20, max: 20 })));
const side = fc.constantFrom('buy' as const, 'sell' as const);

it('shares of a trade sum to it, and turn no bot round; the house alone opens', () => {
  fc.assert(
    fc.property(held, side, fc.integer({ min: 1, max: 100 }), (amounts, sideOfTrade, traded) => {
      const holdings = NAMES.flatMap((botId, index) => [
        { botId, symbol: 'SPY', quantity: quantity(amounts[index] ?? 0), priceNanos: PRICE },
        { botId, symbol: 'QQQ', quantity: quantity(9), priceNanos: PRICE },
      ]);
      const trade = { symbol: 'SPY', side: sideOfTrade, quantity: quantity(traded) };
      const shares = sharesOfTrade(holdings, trade, 'house');
      const sum = shares.reduce((total, share) => total + share.quantity, 0);
      expect(sum).toBe(traded);
      const sign = sideOfTrade === 'sell' ? 1 : -1;
      let isOpen = false;
      for (const botId of NAMES) {
        const share: Quantity | 0 = shares.find((one) => one.botId === botId)?.quantity ?? 0;
        const closable = Math.max(0, sign * (amounts[NAMES.indexOf(botId)] ?? 0));
        if (botId === 'house') continue;
        expect(share).toBeLessThanOrEqual(closable);
        // Who comes later closes only where all before are closed.
        if (share > 0) expect(isOpen).toBe(false);
        isOpen ||= share < closable;
      }
      const house = shares.find((one) => one.botId === 'house')?.quantity ?? 0;
      const closable = Math.max(0, sign * (amounts[0] ?? 0));
      expect(house).toBeGreaterThanOrEqual(Math.min(traded, closable));
      if (house > closable) expect(isOpen).toBe(false);
    }),
    { numRuns: 500 },
  );
});
