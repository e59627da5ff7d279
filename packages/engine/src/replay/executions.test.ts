import {
  cashMicros,
  type Fill,
  priceNanos,
  quantity,
  timeUs,
  type VenueEvent,
} from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { Executions } from './executions.ts';

const trade = (eventAtUs: number) => ({
  ...{ quantity: quantity(1), priceNanos: priceNanos(1), feeMicros: cashMicros(0) },
  eventAtUs: timeUs(eventAtUs),
});
const live = (orderId: string, eventAtUs: number): Fill => ({
  ...{ fillId: `${orderId} ${eventAtUs}`, kind: 'fill', orderId, runId: 'run', accountId: 'paper' },
  ...{ botId: 'bot', symbol: 'SPY', side: 'buy', ...trade(eventAtUs), accountSequence: 1 },
});
const model = (orderId: string, accountId: string, eventAtUs: number) =>
  ({
    ...{ kind: 'filled', orderId, accountId, sequence: 1, executionId: 'x', ...trade(eventAtUs) },
  }) satisfies VenueEvent;
const slice = (sliceEndUs: number) => ({ feed: 'feed', sliceEndUs: timeUs(sliceEndUs) });
const always = () => true;

describe('executions', () => {
  it('are compared once, and those of a later session when that is due', () => {
    const executions = new Executions();
    executions.takeLive(live('b', 5));
    executions.takeLive(live('b', 15));
    executions.takeModel(model('b', 'paper', 5), slice(6));
    executions.takeModel(model('a', 'paper', 7), slice(8));
    expect(executions.take((us) => us < 10)).toEqual([
      { orderId: 'a', live: [], model: [expect.objectContaining(trade(7))] },
      { orderId: 'b', live: [trade(5)], model: [expect.objectContaining(trade(5))] },
    ]);
    expect([executions.has('a'), executions.has('b')]).toEqual([false, true]);
    expect(executions.take(always)).toEqual([{ orderId: 'b', live: [trade(15)], model: [] }]);
    expect(executions.take(always)).toEqual([]);
  });

  it('of the model wait for an account that is slow to tell of a slice, and for none that tells of no slices', () => {
    const executions = new Executions();
    executions.noteTold('slow', slice(10));
    executions.takeModel(model('a', 'slow', 10), slice(11));
    executions.takeModel(model('b', 'silent', 10), slice(11));
    const due = () => executions.take(always).map(({ orderId }) => orderId);
    expect(due()).toEqual(['b']);
    executions.noteTold('slow', { ...slice(99), feed: 'other' });
    executions.noteTold('slow', slice(9));
    expect(due()).toEqual([]);
    executions.noteTold('slow', slice(11));
    expect(due()).toEqual(['a']);
  });
});
