import { timeUs } from '@capstan/domain';
import { encodeConditions } from '@capstan/risk';
import { MemoryLog, nullMeter, VirtualClock } from '@capstan/testkit';
import { expect, it } from 'vitest';
import { VenueWord } from './venue-word.ts';

const NOW = timeUs(1_767_623_400_000_000);

function heard() {
  const log = new MemoryLog();
  const word = new VenueWord({ clock: new VirtualClock(NOW), log, meter: nullMeter }, {});
  const apart = (clockOffsetUs: number, halted: readonly string[] = [], key = 'one'): void => {
    const text = encodeConditions({ clockOffsetUs, halted, shortRestricted: [] });
    word.learn(key, { key, value: new TextEncoder().encode(text), revision: 1 });
  };
  const warnings = (text: string) => log.lines.filter(({ message }) => message.includes(text));
  return { word, apart, warnings };
}

it('is told people once for as long as clocks are more than two seconds apart', () => {
  const { apart, warnings } = heard();
  apart(2_000_000);
  expect(warnings('are apart')).toHaveLength(0);
  for (const offset of [2_000_001, 3_000_000]) apart(offset);
  expect(warnings('are apart')).toHaveLength(1);
  apart(0);
  apart(5_000_000);
  expect(warnings('are apart')).toHaveLength(2);
});

it('is told people as often as what is restricted changes', () => {
  const { apart, warnings } = heard();
  for (const halted of [['SPY'], ['SPY'], [], []]) apart(0, halted);
  expect(warnings('restricts symbols')).toHaveLength(2);
});

it('shows policies the greater offset: of the venue, or of a slice that ends ahead of our clock', () => {
  const { word, apart } = heard();
  expect(word.seen(undefined)).toEqual({});
  expect(word.seen(timeUs(NOW - 9))).toEqual({ clockOffsetUs: 0 });
  expect(word.seen(timeUs(NOW + 7))).toEqual({ clockOffsetUs: 7 });
  apart(5);
  expect(word.seen(timeUs(NOW + 7))).toMatchObject({ clockOffsetUs: 7 });
  expect(word.seen(undefined)).toMatchObject({ clockOffsetUs: 5, conditions: { halted: [] } });
});

it('counts the worst of what the venue and the vendors of feeds say, until they say otherwise', () => {
  const { word, apart } = heard();
  apart(5, ['SPY']);
  apart(9, ['QQQ'], 'feed');
  expect(word.seen(undefined)).toMatchObject({
    clockOffsetUs: 9,
    conditions: { halted: ['QQQ', 'SPY'] },
  });
  word.learn('feed', { key: 'feed', value: Uint8Array.of(1), revision: 2 });
  expect(word.seen(undefined)).toMatchObject({ conditions: 'unreadable' });
  apart(0, [], 'feed');
  expect(word.seen(undefined)).toMatchObject({ clockOffsetUs: 5, conditions: { halted: ['SPY'] } });
});
