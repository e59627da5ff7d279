import { CalendarBook } from '@capstan/calendar';
import { timeUs } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { minuteBar } from './market-script.fixture.ts';
import { MinuteGrid } from './minute-grid.ts';
import { SliceBook } from './slice-book.ts';

const MINUTE = 60_000_000;
const SECOND = 1_000_000;
const OPEN = 1_767_623_400_000_000;
const at = (minute: number, seconds = 0) => timeUs(OPEN + minute * MINUTE + seconds * SECOND);
const calendars = new CalendarBook();
const NYSE = new MinuteGrid([{ calendar: calendars.get('XNYS'), hours: 'regular' }]);
const ALWAYS = new MinuteGrid([{ calendar: calendars.get('24x7'), hours: 'regular' }]);
const bar = (symbol: string, minute: number, price = 100) => minuteBar(symbol, at(minute), price);

function book(closesWhole = true, symbols = ['AAA', 'BBB']): SliceBook {
  const made = new SliceBook({ graceUs: 4 * SECOND, closesWhole, aheadUs: 2 * MINUTE }, at(10));
  made.expect(new Map(symbols.map((symbol) => [symbol, symbol === 'BTC' ? ALWAYS : NYSE])));
  made.streamsFrom(at(10));
  return made;
}

describe('SliceBook', () => {
  it('closes a minute as its last expected bar comes', () => {
    const one = book();
    one.onBar(bar('BBB', 11), at(11, 1));
    expect(one.close(at(11, 1))).toBeUndefined();
    one.onBar(bar('AAA', 11), at(11, 1));
    expect(one.close(at(11, 1))).toMatchObject({
      endUs: at(11),
      bars: [{ symbol: 'AAA' }, { symbol: 'BBB' }],
    });
    expect(one.close(at(11, 1))).toBeUndefined();
  });

  it('closes a minute with what there is as its grace ends, and takes the rest for a correction', () => {
    const one = book();
    one.onBar(bar('AAA', 11), at(11, 1));
    expect(one.close(at(11, 3.9))).toBeUndefined();
    expect(one.close(at(11, 4))).toMatchObject({ bars: [{ symbol: 'AAA' }] });
    expect(one.onBar(bar('BBB', 11), at(11, 5))).toBe('late');
  });

  it('never closes early what is made of ticks', () => {
    const one = book(false);
    for (const symbol of ['AAA', 'BBB']) one.onBar(bar(symbol, 11), at(11, 1));
    expect(one.close(at(11, 3.9))).toBeUndefined();
    expect(one.close(at(11, 4))).toMatchObject({ endUs: at(11) });
  });

  it('asks history of a minute of which the stream has said nothing, and closes it empty where that has nothing', () => {
    const one = book();
    expect(one.historyThrough(at(11, 4))).toBeUndefined();
    expect(one.close(at(11, 4))).toBe('silent');
    expect(one.close(at(11, 5))).toBeUndefined();
    expect(one.historyThrough(at(11, 5))).toBe(at(11));
    one.fill([], at(11));
    expect(one.close(at(11, 6))).toEqual({ endUs: at(11), bars: [] });
    // The stream covers what comes after it.
    expect(one.awaited()).toEqual({ endUs: at(12), by: 'stream' });
  });

  it('closes nothing that no stream has told from its beginning before history has', () => {
    const one = book();
    one.lost();
    one.onBar(bar('AAA', 12, 7), at(12, 1));
    one.streamsFrom(at(12, 30));
    expect(one.close(at(13, 30))).toBeUndefined();
    expect(one.historyThrough(at(13, 30))).toBe(at(12));
    one.fill([bar('AAA', 11), bar('BBB', 12), bar('ZZZ', 12)], at(12));
    expect(one.close(at(13, 30))).toMatchObject({ endUs: at(11), bars: [{ symbol: 'AAA' }] });
    // What the stream had told of a part of it counts no more.
    expect(one.close(at(13, 30))).toMatchObject({ endUs: at(12), bars: [{ symbol: 'BBB' }] });
  });

  it('passes over what nobody expects, and what lies far ahead', () => {
    const one = book();
    expect(one.onBar(bar('ZZZ', 11), at(11))).toBe('strange');
    expect(one.onBar(bar('AAA', -5), at(11))).toBe('strange');
    expect(one.onBar(bar('AAA', 20), at(11))).toBe('strange');
  });

  it('keeps the newer revision of what comes twice before its slice, as the first publication', () => {
    const one = book();
    one.onBar({ ...bar('AAA', 11, 9), revision: 1 }, at(11, 1));
    one.onBar(bar('AAA', 11, 8), at(11, 2));
    one.onBar(bar('BBB', 11), at(11, 2));
    expect(one.close(at(11, 2))).toMatchObject({ bars: [{ openNanos: 9e9, revision: 0 }, {}] });
  });

  it('waits in each minute for those alone that trade then', () => {
    const one = book(true, ['AAA', 'BTC']);
    one.lost();
    one.fill([], at(390));
    for (let minute = 11; minute <= 390; minute += 1) one.close(at(400));
    one.streamsFrom(at(390));
    // New York has closed: the coin alone makes the minute whole.
    one.onBar(bar('BTC', 391), at(391, 1));
    expect(one.close(at(391, 1))).toMatchObject({ endUs: at(391), bars: [{ symbol: 'BTC' }] });
  });

  it('goes from the close of a session to the open of the next', () => {
    const one = book();
    one.lost();
    one.fill([], at(390));
    const ends: number[] = [];
    for (let next = one.close(at(390)); typeof next === 'object'; next = one.close(at(390))) {
      ends.push(next.endUs);
    }
    expect([ends.length, ends.at(-1)]).toEqual([380, at(390)]);
    expect(one.awaited()).toMatchObject({ endUs: at(24 * 60 + 1) });
  });
});

describe('MinuteGrid', () => {
  it('has the minutes before and after the session where hours are extended', () => {
    const extended = new MinuteGrid([{ calendar: calendars.get('XNYS'), hours: 'extended' }]);
    expect([NYSE.has(at(0)), extended.has(at(0))]).toEqual([false, true]);
    expect([extended.has(at(-330)), extended.has(at(-329))]).toEqual([false, true]);
    expect([extended.has(at(630)), extended.has(at(631))]).toEqual([true, false]);
    expect(extended.next(at(630))).toBe(at(24 * 60 - 329));
    expect(extended.last(at(24 * 60 - 331))).toBe(at(630));
    expect(NYSE.last(at(0, 30))).toBe(at(390 - 3 * 24 * 60));
  });

  it('says for how long a market has been open', () => {
    expect(NYSE.openForUs(at(5))).toBe(5 * MINUTE);
    expect(NYSE.openForUs(at(-5))).toBe(0);
    expect(NYSE.openForUs(at(391))).toBe(0);
  });
});
