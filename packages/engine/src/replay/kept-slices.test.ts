import {
  type BarSlice,
  type BotSlice,
  InstrumentBook,
  priceNanos,
  timeUs,
  US_PER_MINUTE,
} from '@capstan/domain';
import { StrategyRegistry } from '@capstan/strategy';
import { expect, it } from 'vitest';
import type { RunBot } from '../decision-core.ts';
import { PLAIN_EXCHANGE } from '../exchange-behaviour.ts';
import { Replay } from './replay.ts';

const FEED = 'feed';
const ACCOUNT = 'account';
const NO_BARS = 'the journal has no bars of this slice';
const endOf = (minute: number) => timeUs((minute + 1) * US_PER_MINUTE);

function slice(minute: number): BarSlice {
  const price = priceNanos(100_000_000_000);
  const prices = { openNanos: price, highNanos: price, lowNanos: price, closeNanos: price };
  const times = { startUs: timeUs(minute * US_PER_MINUTE), endUs: endOf(minute) };
  const bar = { symbol: 'AAA', timeframe: '1m', revision: 0, volume: 1, ...times, ...prices };
  return { feed: FEED, endUs: times.endUs, bars: [{ ...bar, timeframe: '1m' }] };
}

function begun(replay: Replay, botId: string): void {
  const setup: RunBot = {
    ...{ botId, accountId: ACCOUNT, configRevision: 1, feed: FEED, symbols: ['AAA'] },
    ...{ strategy: new StrategyRegistry().get('ma-cross'), params: {}, timeframe: '1m' },
    sizing: { kind: 'fixedQuantity', quantity: 1 },
  };
  replay.take({ kind: 'begin', setup, history: [] });
}

/** A bot says of a minute what no core says. @returns whether there were bars to hold it against. */
function hasBars(replay: Replay, botId: string, minute: number): boolean {
  const bot = { runId: 'run', botId, accountId: ACCOUNT, configRevision: 1 };
  const referencePriceNanos = priceNanos(1);
  const of = { symbol: 'AAA', timeframe: '1m', barEndUs: endOf(minute), inputRevision: 0 } as const;
  const opinion = { direction: 'long', strength: 1, referencePriceNanos, reason: '' } as const;
  const signals = [{ signalId: `${botId} ${minute}`, ...bot, ...of, ...opinion }];
  const said: BotSlice = {
    ...{ runId: 'run', botId, accountId: ACCOUNT, feed: FEED, sliceEndUs: endOf(minute) },
    ...{ state: 'running', signals, marks: [] },
  };
  const [difference] = replay.take({ kind: 'said', said, isSilent: false });
  expect(difference?.kind).toBe('signal');
  return difference?.why !== NO_BARS;
}

it('keeps the bars that a bot may still speak of, and no others', () => {
  const replay = new Replay({
    ...{ runId: 'run', accounts: [], behaviour: PLAIN_EXCHANGE, modelled: new Set<string>() },
    ...{ instruments: new InstrumentBook([]), tradeDate: () => 'day' },
    calendarOf: () => {
      throw new Error('nobody asks for a calendar');
    },
  });
  begun(replay, 'late');
  expect(hasBars(replay, 'late', 0)).toBe(false);
  for (let minute = 1; minute < 200; minute += 1)
    replay.take({ kind: 'slice', slice: slice(minute), late: [] });
  expect(hasBars(replay, 'late', 1)).toBe(true);
  for (let minute = 2; minute < 200; minute += 1) hasBars(replay, 'late', minute);
  for (let minute = 200; minute < 230; minute += 1)
    replay.take({ kind: 'slice', slice: slice(minute), late: [] });
  begun(replay, 'new');
  expect(hasBars(replay, 'new', 150)).toBe(false);
  expect(hasBars(replay, 'new', 201)).toBe(true);
});
