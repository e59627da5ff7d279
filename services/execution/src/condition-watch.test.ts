import { AppError, timeUs } from '@capstan/domain';
import type { VenueConditions } from '@capstan/ports';
import { decodeConditions, type KnownConditions } from '@capstan/risk';
import { MemoryKv, MemoryLog, portErrors, VirtualClock } from '@capstan/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConditionWatch, conditionsOf } from './condition-watch.ts';
import { LIMITS } from './limits.ts';

const START_US = timeUs(1_767_623_400_000_000);

function watching(ask?: () => Promise<VenueConditions>) {
  const clock = new VirtualClock(START_US);
  const kv = new MemoryKv(clock);
  const venue = ask === undefined ? {} : { conditions: ask };
  const log = new MemoryLog();
  const watch = new ConditionWatch({ venue, kv, clock, log }, 'paper');
  const told = async (): Promise<KnownConditions | undefined> => {
    const entry = await kv.get('switches', 'conditions/paper');
    return entry && decodeConditions(new TextDecoder().decode(entry.value));
  };
  return { clock, kv, watch, told, log };
}

describe("a venue's conditions", () => {
  it('are told at once, and again and again, and the last stand while it is away', async () => {
    let halted = true;
    let away = false;
    const { clock, watch, told } = watching(async () => {
      if (away) throw portErrors.venueTimeout('no answer');
      const one = { symbol: 'SPY', halted, shortRestricted: true };
      return { nowUs: clock.nowUs(), restrictions: [one] };
    });
    const running = watch.next();
    await clock.advance(1);
    const both = { clockOffsetUs: 0, halted: ['SPY'], shortRestricted: ['SPY'] };
    expect(await told()).toEqual(both);
    halted = false;
    await clock.advance(LIMITS.conditionsEveryMs);
    expect(await told()).toEqual({ ...both, halted: [] });
    [halted, away] = [true, true];
    await clock.advance(2 * LIMITS.conditionsEveryMs);
    expect(await told()).toEqual({ ...both, halted: [] });
    away = false;
    await clock.advance(LIMITS.conditionsEveryMs);
    expect(await told()).toEqual(both);
    await watch.close();
    expect(await running).toEqual([]);
  });

  it('of one that says nothing are not told', async () => {
    const { clock, watch, told } = watching();
    const running = watch.next();
    await clock.advance(2 * LIMITS.conditionsEveryMs);
    expect(await told()).toBeUndefined();
    await watch.close();
    expect(await running).toEqual([]);
  });
});

describe('keys that the venue does not take any more', () => {
  it('are told to risk and to people once, and again when they are taken, also by the next owner', async () => {
    let isRefused = false;
    const ask = async () => {
      if (!isRefused) return { nowUs: START_US, restrictions: [] };
      const why = 'Alpaca does not take the key PKCA….';
      throw new AppError({ code: 'VENUE.CREDENTIALS', why, fix: 'Make a new one.' });
    };
    const { clock, kv, watch, told, log } = watching(ask);
    const access = async () => {
      const entry = await kv.get('alerts', 'token/paper');
      return entry && { ...JSON.parse(new TextDecoder().decode(entry.value)), at: entry.revision };
    };
    const running = watch.next();
    await clock.advance(1);
    expect(await access()).toBeUndefined();
    isRefused = true;
    await clock.advance(LIMITS.conditionsEveryMs);
    expect(await told()).toMatchObject({ keysRefused: true });
    const first = await access();
    expect(first).toMatchObject({
      state: 'expired',
      advice: 'Alpaca does not take the key PKCA…. Make a new one.',
    });
    await clock.advance(2 * LIMITS.conditionsEveryMs);
    expect(await access()).toEqual(first);
    await watch.close();
    await running;
    isRefused = false;
    const next = new ConditionWatch({ venue: { conditions: ask }, kv, clock, log }, 'paper');
    const again = next.next();
    await clock.advance(1);
    expect(await told()).not.toHaveProperty('keysRefused');
    expect(await access()).toMatchObject({ state: 'fine' });
    await next.close();
    await again;
  });

  it('are not told by an owner that is one no more: the next has asked since', async () => {
    let refuse: (error: AppError) => void = () => undefined;
    const asked = new Promise<VenueConditions>((_, reject) => {
      refuse = reject;
    });
    const { clock, kv, watch, told } = watching(() => asked);
    const running = watch.next();
    await clock.advance(1);
    await watch.close();
    refuse(new AppError({ code: 'VENUE.CREDENTIALS', why: 'The key was taken back.' }));
    await running;
    expect(await told()).toBeUndefined();
    expect(await kv.get('alerts', 'token/paper')).toBeUndefined();
  });
});

describe('an offset of clocks', () => {
  it('is never more than it is, and at most the time of the answer less', () => {
    const time = fc.nat(20_000_000);
    fc.assert(
      fc.property(
        fc.integer({ min: -20_000_000, max: 20_000_000 }),
        time,
        time,
        (off, to, from) => {
          const nowUs = timeUs(START_US + to + off);
          const tookUs = to + from;
          const asked = { askedUs: START_US, tookUs };
          const { clockOffsetUs } = conditionsOf({ nowUs, restrictions: [] }, asked);
          expect(clockOffsetUs).toBeLessThanOrEqual(Math.abs(off));
          expect(clockOffsetUs).toBeGreaterThanOrEqual(Math.abs(off) - tookUs);
        },
      ),
    );
  });
});
