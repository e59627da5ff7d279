import { type OrderTerms, orderId, quantity, timeUs } from '@capstan/domain';
import { afterEach, describe, expect, it } from 'vitest';
import { openAlpaca } from './alpaca-harness.fixture.ts';

type Opened = Awaited<ReturnType<typeof openAlpaca>>;
let opened: Opened | undefined;

afterEach(async () => {
  await opened?.close();
  opened = undefined;
});

/** An account that bought ten shares the day before. */
async function holder(splits: Parameters<typeof openAlpaca>[0] = {}): Promise<Opened> {
  opened = await openAlpaca(splits);
  const { venue, symbol, nowUs, pass } = opened;
  const terms: OrderTerms = {
    ...{ orderId: orderId({ intentId: 'i', leg: 0, attempt: 1 }), intentId: 'i', leg: 0 },
    ...{ attempt: 1, runId: 'live', accountId: 'main', botId: 'b', symbol, side: 'buy' },
    ...{ quantity: quantity(10), type: 'market', timeInForce: 'day', reducing: false },
    ...{ decidedAtUs: nowUs(), expiresAtUs: timeUs(nowUs() + 60_000_000) },
  };
  expect(await venue.submit(terms)).toMatchObject({ kind: 'accepted' });
  await pass();
  return opened;
}

describe('what Alpaca tells beside trades', () => {
  it('is a split by its ratio, with the close before it, and the shares that came of it', async () => {
    const split = { symbol: 'SPY', exDate: '2026-01-07', newShares: 4, oldShares: 1 };
    const { venue, emulator } = await holder({ splits: [split] });
    emulator.control.stepTo(Date.UTC(2026, 0, 7, 15, 0) * 1_000);
    const [told] = await venue.activities('main', '');
    expect(told).toMatchObject({
      ...{ kind: 'split', symbol: 'SPY', newShares: 4, oldShares: 1, fractionMicros: 0 },
      eventAtUs: Date.UTC(2026, 0, 7) * 1_000,
    });
    expect(told?.kind === 'split' && told.closeNanos > 0).toBe(true);
    const { positions } = await venue.account('main');
    expect(positions).toMatchObject([{ symbol: 'SPY', quantity: 40 }]);
  });

  it('is a dividend, of all shares and of each', async () => {
    const { venue, emulator } = await holder();
    emulator.control.post({ kind: 'dividend', symbol: 'SPY', perShare: 1.25 });
    expect(await venue.activities('main', '')).toMatchObject([
      { kind: 'dividend', symbol: 'SPY', amountMicros: 12_500_000, perUnitNanos: 1_250_000_000 },
    ]);
  });

  it('is interest, a fee, a deposit and a withdrawal, in their order', async () => {
    const { venue, emulator } = await holder();
    const posts = [
      ['INT', 1.5],
      ['FEE', -0.25],
      ['CSD', 100],
      ['CSW', -40],
    ] as const;
    emulator.control.post({ kind: 'cash', type: 'JNLC', amount: 1 });
    const first = (await venue.activities('main', '')).at(-1)?.activityId ?? '';
    for (const [type, amount] of posts) emulator.control.post({ kind: 'cash', type, amount });
    const told = await venue.activities('main', first);
    expect(told.map((one) => [one.kind, 'amountMicros' in one && one.amountMicros])).toEqual([
      ['interest', 1_500_000],
      ['charge', -250_000],
      ['deposit', 100_000_000],
      ['withdrawal', -40_000_000],
    ]);
  });
});
