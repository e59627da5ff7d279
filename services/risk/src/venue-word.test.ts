import { timeUs } from '@capstan/domain';
import type { KvEntry } from '@capstan/ports';
import { encodeConditions, type MarketConditions } from '@capstan/risk';
import { MemoryLog, nullMeter, VirtualClock } from '@capstan/testkit';
import { expect, it } from 'vitest';
import { VenueWord } from './venue-word.ts';

const FINE: MarketConditions = { clockOffsetUs: 0, halted: [], shortRestricted: [] };

/** What policies are shown of what a venue and the vendor of a feed say, in this order. */
function seenOf(...told: readonly Partial<MarketConditions>[]) {
  const clock = new VirtualClock(timeUs(1_767_713_400_000_000));
  const word = new VenueWord({ clock, log: new MemoryLog(), meter: nullMeter }, {});
  for (const [at, one] of told.entries()) {
    const value = new TextEncoder().encode(encodeConditions({ ...FINE, ...one }));
    word.learn(`key ${at}`, { value } as KvEntry);
  }
  return word.seen(undefined).conditions;
}

it('of several words the worst counts', () => {
  const one = { clockOffsetUs: 3, halted: ['B'], shortRestricted: ['D'] };
  const other = { clockOffsetUs: 5, halted: ['A', 'B'] };
  const worst = { clockOffsetUs: 5, halted: ['A', 'B'], shortRestricted: ['D'] };
  expect(seenOf(one, other)).toEqual(worst);
  expect(seenOf(other, one)).toEqual(worst);
});

it.each([
  ['alone', [{ keysRefused: true }]],
  ['before a feed that is fine', [{ keysRefused: true }, {}]],
  ['after a feed that is fine', [{}, { keysRefused: true }]],
])('keys that the venue does not take are shown, %s', (_where, told) => {
  expect(seenOf(...told)).toEqual({ ...FINE, keysRefused: true });
});

it('keys that it takes again are shown as such', () => {
  const clock = new VirtualClock(timeUs(1_767_713_400_000_000));
  const word = new VenueWord({ clock, log: new MemoryLog(), meter: nullMeter }, {});
  for (const keysRefused of [true, false]) {
    const value = new TextEncoder().encode(encodeConditions({ ...FINE, keysRefused }));
    word.learn('key', { value } as KvEntry);
  }
  expect(word.seen(undefined).conditions).toEqual(FINE);
});
