import { cashMicros, priceNanos, quantity } from '@capstan/domain';
import { type ExchangeBehaviour, PLAIN_EXCHANGE } from '@capstan/engine';
import {
  ACCEPTANCE,
  DRIVEN,
  showRow,
  standingOf,
  type VenueHarness,
} from '@capstan/venues/acceptance';
import { afterEach, describe, expect, it } from 'vitest';
import { PAPER_CAPABILITIES, type PaperExchange } from './exchange.ts';
import { at, ExchangeWorld, terms } from './exchange-world.fixture.ts';

/** Of a bar's thousand units, so that four are offered. */
const THIN: ExchangeBehaviour = {
  ...PLAIN_EXCHANGE,
  matcher: { ...PLAIN_EXCHANGE.matcher, maxVolumeFraction: 0.004 },
};
const NOT_ABLE = () => Promise.reject(new Error('this harness cannot do that'));

const opened: PaperExchange[] = [];
afterEach(async () => {
  for (const exchange of opened.splice(0)) await exchange.stop();
});

async function open(isThin: boolean): Promise<VenueHarness> {
  const world = new ExchangeWorld();
  const exchange = await world.open(undefined, isThin ? { behaviour: THIN } : {});
  opened.push(exchange);
  let minute = 0;
  const pass = async (): Promise<void> => {
    minute += 1;
    await world.slice(minute);
    await world.settle();
  };
  await pass();
  const symbol = 'SPY';
  let others = 0;
  return {
    ...{ venue: exchange, accountId: 'paper', runId: 'run', symbol, abilities: DRIVEN.paper, pass },
    nowUs: () => at(minute),
    lastPrice: () => Promise.resolve(priceNanos((100 + minute) * 1e9)),
    trouble: async ({ kind }) => {
      if (kind !== 'halt') return;
      await exchange.post('halt', {
        kind: 'restriction',
        symbol,
        halted: true,
        shortRestricted: false,
      });
    },
    heal: () => Promise.resolve(),
    endDay: NOT_ABLE,
    beforeOpen: NOT_ABLE,
    foreignNotional: NOT_ABLE,
    foreignOrder: async ({ side, quantity: amount }) => {
      others += 1;
      const of = { side, quantity: quantity(amount), decidedAtUs: at(minute) };
      await exchange.submit(terms(`somebody-${others}`, of));
    },
    amend: NOT_ABLE,
    postCash: async () => {
      await exchange.post('cash', {
        kind: 'interest',
        accountId: 'paper',
        amountMicros: cashMicros(5_000_000),
      });
    },
    close: () => Promise.resolve(),
  };
}

const rows = ACCEPTANCE.filter(
  (row) => standingOf(row, PAPER_CAPABILITIES, DRIVEN.paper) === 'claimed',
);

describe('the paper exchange as a broker', () => {
  it.each(rows.map((row) => [row.number, row.title, row] as const))(
    '%s: %s',
    async (_n, _t, row) => {
      await showRow(row, await open(row.abilities?.includes('thinMarket') ?? false));
    },
  );

  it('claims what it was made for', () => {
    expect(rows.length).toBeGreaterThan(20);
  });
});
