import { getCalendar } from '@capstan/calendar';
import { timeUs, US_PER_MINUTE, US_PER_SECOND } from '@capstan/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  inMarketTime,
  MarketTime,
  marketTimeText,
  openMarketTime,
  readMarketTime,
  withMarketTime,
} from './market-time.ts';

const calendar = getCalendar('XNYS');
const at = (text: string) => timeUs(Date.parse(text) * 1_000);
/** Monday, ten minutes into the session. */
const START = at('2026-01-05T14:40:00Z');

class Wall {
  us = 1_000_000;
  readonly time: MarketTime;

  constructor(startUs: number, speed = 30) {
    const settings = { startUs: timeUs(startUs), wallUs: timeUs(this.us), speed };
    this.time = new MarketTime(settings, calendar, () => this.us);
  }

  after(wallUs: number): string {
    this.us = 1_000_000 + wallUs;
    return new Date(this.time.nowUs() / 1_000).toISOString();
  }
}

describe('MarketTime', () => {
  it('runs as many times faster as it is told', () => {
    const wall = new Wall(START);
    expect(wall.after(0)).toBe('2026-01-05T14:40:00.000Z');
    expect(wall.after(2 * US_PER_SECOND)).toBe('2026-01-05T14:41:00.000Z');
  });

  it('leaves the night out, but for the tasks around it', () => {
    const wall = new Wall(at('2026-01-05T21:19:00Z'));
    expect(wall.after(2 * US_PER_SECOND - 1)).toMatch(/^2026-01-05T21:19:59/);
    expect(wall.after(2 * US_PER_SECOND)).toBe('2026-01-06T14:25:00.000Z');
  });

  it('begins before the next open where the market is closed', () => {
    expect(new Wall(at('2026-01-03T12:00:00Z')).after(0)).toBe('2026-01-05T14:25:00.000Z');
    expect(new Wall(at('2026-01-05T03:00:00Z')).after(0)).toBe('2026-01-05T14:25:00.000Z');
  });

  it('is the same wherever it is looked at from, and never goes back', () => {
    const steps = fc.array(fc.integer({ min: 0, max: 30 * US_PER_MINUTE }), { maxLength: 40 });
    const speeds = fc.constantFrom(1, 30, 90, 600);
    fc.assert(
      fc.property(steps, speeds, (waits, speed) => {
        const walked = new Wall(START, speed);
        let passedUs = 0;
        let last = walked.after(0);
        for (const wait of waits) {
          passedUs += wait;
          const now = walked.after(passedUs);
          expect(now >= last).toBe(true);
          last = now;
        }
        expect(new Wall(START, speed).after(passedUs)).toBe(last);
      }),
      { numRuns: 60 },
    );
  });
});

describe('readMarketTime', () => {
  it('reads what is written', () => {
    const settings = { startUs: START, wallUs: timeUs(5), speed: 2.5 };
    expect(readMarketTime({ CAPSTAN_MARKET_TIME: marketTimeText(settings) })).toEqual(settings);
    expect(readMarketTime({})).toBeUndefined();
  });

  it.each(['soon', '1@2', '1@2x0', '1@2x601', '1@2x-3'])('refuses %s', (text) => {
    expect(() => readMarketTime({ CAPSTAN_MARKET_TIME: text })).toThrow('CAPSTAN_MARKET_TIME');
  });
});

it('is never beside live money', () => {
  const environment = { CAPSTAN_MARKET_TIME: `${START}@1000000x30` };
  const wall = { nowUs: () => timeUs(1_000_000) };
  expect(openMarketTime(environment, wall, { allowLive: false })?.nowUs()).toBe(START);
  expect(() => openMarketTime(environment, wall, { allowLive: true })).toThrow('allowLive');
  expect(openMarketTime({}, wall, { allowLive: true })).toBeUndefined();
});

it('shows the time, or lets all be by it', async () => {
  const slept: number[] = [];
  const clock = {
    nowUs: () => timeUs(0),
    monotonicMs: () => 7,
    sleep: (ms: number) => {
      slept.push(ms);
      return Promise.resolve();
    },
  };
  const { time } = new Wall(START);
  const shown = withMarketTime(clock, time);
  expect([shown.nowUs(), shown.monotonicMs()]).toEqual([START, 7]);
  await shown.sleep(300);
  const whole = inMarketTime(clock, time);
  expect([whole.nowUs(), whole.monotonicMs()]).toEqual([START, START / 1_000]);
  await whole.sleep(300);
  expect(slept).toEqual([300, 10]);
});
