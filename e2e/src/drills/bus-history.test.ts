import { headerNames } from '@capstan/contracts';
import { timeUs } from '@capstan/domain';
import type { BusMessage, OutboxMessage } from '@capstan/ports';
import { describe, expect, it } from 'vitest';
import { compared } from './bus-history.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

const row = (sequence: number, text: string, producer = 'risk/paper'): OutboxMessage => ({
  ...{ producer, sequence, subject: 'trading.approved.paper', headers: {} },
  data: bytes(text),
});
const published = (sequence: number, text: string, producer = 'risk/paper'): BusMessage => ({
  ...{ stream: 'TRADING', sequence: 0, subject: 'trading.approved.paper', storedAtUs: timeUs(0) },
  headers: { [headerNames.producer]: producer, [headerNames.sequence]: String(sequence) },
  data: bytes(text),
});
const COMMITTED = [row(1, 'a'), row(2, 'b'), row(3, 'c')];
const problemsOf = (...messages: readonly BusMessage[]) => compared(messages, COMMITTED).problems;

describe('what the bus holds', () => {
  it('is what was committed, in its order, some of it twice', () => {
    const messages = [published(1, 'a'), published(2, 'b'), published(1, 'a'), published(3, 'c')];
    expect(compared(messages, COMMITTED)).toEqual({ messages: 4, repeats: 1, problems: [] });
  });

  it('must not be what nobody committed, as a frozen owner would say it', () => {
    expect(problemsOf(published(4, 'd'))).toEqual([
      'risk/paper 4 was published and never committed',
    ]);
    expect(problemsOf(published(1, 'a', 'bot/x'))).toHaveLength(1);
  });

  it('must not be other words, the first time or again', () => {
    const problem = ['risk/paper 1 was published otherwise than it was committed'];
    expect(problemsOf(published(1, 'x'))).toEqual(problem);
    expect(problemsOf(published(1, 'a'), published(1, 'x'))).toEqual(problem);
    expect(problemsOf({ ...published(1, 'a'), subject: 'trading.fill.paper' })).toEqual(problem);
  });

  it('must not be out of order', () => {
    const problem = ['risk/paper 1 came after risk/paper 2'];
    expect(problemsOf(published(2, 'b'), published(1, 'a'))).toEqual(problem);
  });
});
