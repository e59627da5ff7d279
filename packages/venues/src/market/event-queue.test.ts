import { type MarketEvent, type PriceNanos, timeUs } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { EventQueue } from './event-queue.ts';
import { EVENTS_BEFORE_CONFLATION } from './limits.ts';

const quote = (symbol: string, bid: number): MarketEvent => ({
  kind: 'quote',
  quote: {
    symbol,
    atUs: timeUs(bid),
    bidNanos: bid as PriceNanos,
    bidSize: 1,
    askNanos: (bid + 1) as PriceNanos,
    askSize: 1,
  },
});
const halt: MarketEvent = { kind: 'halt', symbol: 'A', halted: true };

describe('events that wait', () => {
  it('are handed out in their order, all at once', async () => {
    const queue = new EventQueue();
    const waiting = queue.next();
    queue.push(halt);
    queue.push(quote('A', 1));
    expect(await waiting).toEqual([halt, quote('A', 1)]);
    queue.push(quote('A', 2));
    expect(await queue.next()).toEqual([quote('A', 2)]);
  });

  it('are conflated where the reader is far behind: quotes alone, and the newest stays', async () => {
    const queue = new EventQueue();
    queue.push(quote('A', 1));
    for (let at = 0; at < EVENTS_BEFORE_CONFLATION; at += 1) queue.push(halt);
    for (let bid = 2; bid < 50; bid += 1) queue.push(quote('A', bid));
    queue.push(quote('B', 7));
    const events = await queue.next();
    expect(events).toHaveLength(EVENTS_BEFORE_CONFLATION + 2);
    expect(events[0]).toEqual(quote('A', 49));
    expect(events.at(-1)).toEqual(quote('B', 7));
  });

  it('come before a failure, and none after the end', async () => {
    const queue = new EventQueue();
    queue.push(halt);
    queue.fail(new Error('refused'));
    expect(await queue.next()).toEqual([halt]);
    await expect(queue.next()).rejects.toThrow('refused');
    const other = new EventQueue();
    const waiting = other.next();
    other.close();
    other.push(halt);
    expect(await waiting).toEqual([]);
    expect(await other.next()).toEqual([]);
  });
});
