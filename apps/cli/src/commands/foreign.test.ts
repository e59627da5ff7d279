import { expect, it } from 'vitest';
import type { GatewayClient } from '../gateway-client.ts';
import { askForeign, renderCash, renderForeign } from './foreign.ts';

const ANSWER = {
  accounts: [
    {
      ...{ accountId: 'paper', rule: 'ignore', meaning: 'held against nothing', cashMicros: -7 },
      orders: [{ orderId: 'theirs', symbol: 'SPY', side: 'sell', filledQuantity: 1_500 }],
      positions: [{ symbol: 'DOGE', quantity: 4 }],
    },
    { accountId: 'calm', rule: 'hold', meaning: 'kept out', orders: [], positions: [] },
  ],
};
const SCALES = new Map([['SPY', 3]]);

it('what is not ours is shown with the rule that applies, and accounts without any are passed over', () => {
  const orders = renderForeign(ANSWER, 'orders', SCALES);
  expect(orders).toMatch(/paper: orders that are not ours; foreign: ignore — held against nothing/);
  expect(orders).toMatch(/SPY +sell +1\.5 +theirs/);
  expect(orders).not.toContain('calm');
  expect(renderForeign(ANSWER, 'positions', SCALES)).toMatch(/DOGE +4/);
  expect(renderForeign({ accounts: [] }, 'positions', SCALES)).toBe('');
});

it('the status says in a line where something is not ours', async () => {
  const gateway = { get: async () => ANSWER } as unknown as GatewayClient;
  expect(await askForeign(() => gateway)).toEqual([
    'paper: 1 order and 1 position in DOGE, SPY are not ours; foreign: ignore — held against nothing',
  ]);
});

it('cash without a trade is a table', () => {
  const event = { accountId: 'paper', botId: 'trend', kind: 'dividend', symbol: 'SPY' };
  const cashEvents = [{ ...event, amountMicros: 1_250_000, activityId: 'D1', eventAtUs: 0 }];
  expect(renderCash({ cashEvents })).toMatch(/paper +trend +dividend +SPY +1\.25 +D1/);
  expect(renderCash({ cashEvents: [] })).toBe('no cash without a trade');
});
