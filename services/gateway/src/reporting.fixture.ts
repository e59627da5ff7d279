import type { reportingService } from '@capstan/contracts';

/** What reporting answers of equity: one point of the account. */
export function equityAt(atUs: bigint): reportingService.GetEquityResponse {
  const whole = { runId: 'live', accountId: 'paper', botId: '*', atUs };
  return {
    points: [
      {
        ...whole,
        cashMicros: 98_983_650_000n,
        marketValueMicros: 1_015_000_000n,
        realisedMicros: 5_000_000n,
        unrealisedMicros: -1_000_000n,
        feesMicros: 350_000n,
      },
    ],
  };
}

/** One day's result. */
export const DAYS: reportingService.GetDaysResponse = {
  days: [
    {
      accountId: 'paper',
      botId: '*',
      tradeDate: '2026-01-05',
      pnlMicros: -1_350_000n,
      feesMicros: 350_000n,
      fills: 1,
      endEquityMicros: 99_998_650_000n,
    },
  ],
};

/** What the replay after the last session found. */
export function replaysAt(replayedAtUs: bigint): reportingService.ListReplaysResponse {
  const found = { differences: 3, unexplained: 1, replayedAtUs };
  return { replays: [{ accountId: 'paper', tradeDate: '2026-01-05', ...found }] };
}

/** A session in which live was kept from trading once; none where another than the 5th is asked for. */
export function replayDay(
  { tradeDate }: reportingService.ReplayDayRequest,
  atUs: bigint,
): reportingService.ReplayDayResponse {
  const tradeDates = ['2026-01-02', '2026-01-05'];
  if (tradeDate !== '' && tradeDate !== '2026-01-05')
    return { tradeDate: '', bots: [], tradeDates, note: '' };
  const bot = { accountId: 'paper', botId: 'trend' };
  const difference = {
    ...{ ...bot, atUs, symbol: 'SPY', kind: 'denial', cause: 'kill', orderId: '' },
    ...{ live: 'denied by kill-switch', replay: 'buy 10 market', why: 'ana threw it' },
  };
  const compared = { slices: 390, signals: 4, orders: 3, fills: 3, found: 1, unexplained: 0 };
  const bots = [{ ...bot, ...compared, differences: [difference] }];
  return { tradeDate: '2026-01-05', bots, tradeDates, note: '' };
}
