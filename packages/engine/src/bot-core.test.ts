import { CalendarBook } from '@capstan/calendar';
import { AppError, InvariantError, type Signal, signalId, timeUs } from '@capstan/domain';
import { sessionVwap, sma } from '@capstan/indicators';
import { defineStrategy, maCross, multiTimeframeCross, ofBars, ofField } from '@capstan/strategy';
import { describe, expect, it } from 'vitest';
import { BotCore } from './bot-core.ts';
import { bar, botOptions, counting, minuteEnd, slice } from './test-slices.ts';
import { utcText } from './utc-text.ts';

const EMIT = { emit: true };
const SILENT = { emit: false };

/** Steps SPY through closes in cents, from minute 1, and returns the signals. */
function run(core: BotCore, cents: readonly number[], from = 1): readonly Signal[] {
  return cents.flatMap((close, index) => {
    const minute = from + index;
    return core.step(slice(minute, bar(minute, 'SPY', close)), EMIT).signals;
  });
}

function failureOf(attempt: () => unknown): AppError {
  try {
    attempt();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('BotCore', () => {
  it('signals once when its opinion changes, with derived id, reference price and figures', () => {
    const signals = run(new BotCore(botOptions()), [100, 101, 102, 99, 98]);
    expect(signals.map(({ direction, barEndUs }) => [direction, barEndUs])).toEqual([
      ['long', minuteEnd(2)],
      ['flat', minuteEnd(4)],
    ]);
    const key = {
      runId: 'run',
      botId: 'bot',
      configRevision: 1,
      symbol: 'SPY',
      timeframe: '1m' as const,
      barEndUs: minuteEnd(2),
      inputRevision: 0,
    };
    expect(signals[0]).toEqual({
      ...key,
      signalId: signalId(key),
      accountId: 'account',
      direction: 'long',
      strength: 1,
      referencePriceNanos: 1_010_000_000,
      reason: 'average of 1 bars 1.0100 is above that of 2, 1.0050',
    });
  });

  it('holds its opinion through exact ties', () => {
    const core = new BotCore(botOptions({ params: { fast: 2, slow: 4 } }));
    const signals = run(core, [100, 100, 101, 101, 101, 101, 101, 101, 99]);
    expect(signals.map(({ direction }) => direction)).toEqual(['long', 'flat']);
  });

  it('never sees a crossing in closes that repeat with the period of both averages', () => {
    const core = new BotCore(
      botOptions({ strategy: multiTimeframeCross, params: { fast: 10, medium: 30, slow: 90 } }),
    );
    const cycle = [50_011, 50_023, 50_007, 50_013, 50_029, 50_001, 50_017, 50_019, 50_003, 50_031];
    const closes = Array.from({ length: 400 }, (_, index) => cycle[index % 10] ?? 0);
    expect(run(core, [99_999_999, 1, ...closes.slice(2)])).toEqual([]);
  });

  it('decides symbol by symbol in sorted order, and skips those without a bar', () => {
    const core = new BotCore(botOptions({ symbols: ['SPY', 'QQQ', 'IWM'] }));
    core.step(slice(1, bar(1, 'SPY', 100), bar(1, 'QQQ', 100)), EMIT);
    const step = core.step(
      slice(2, bar(2, 'AAPL', 5), bar(2, 'QQQ', 101), bar(2, 'SPY', 99)),
      EMIT,
    );
    expect(step.signals.map(({ symbol, direction }) => [symbol, direction])).toEqual([
      ['QQQ', 'long'],
      ['SPY', 'flat'],
    ]);
    expect(step.marks).toEqual([
      { symbol: 'QQQ', priceNanos: 1_010_000_000, barEndUs: minuteEnd(2) },
      { symbol: 'SPY', priceNanos: 990_000_000, barEndUs: minuteEnd(2) },
    ]);
    const later = core.step(slice(3, bar(3, 'QQQ', 102)), EMIT);
    expect(later.signals).toEqual([]);
    expect(later.marks.map(({ barEndUs }) => barEndUs)).toEqual([minuteEnd(3), minuteEnd(2)]);
  });

  it('does not forward-fill: an average is over bars, whatever the time between them', () => {
    const core = new BotCore(botOptions());
    core.step(slice(1, bar(1, 'SPY', 100)), EMIT);
    for (const minute of [2, 3, 4]) core.step(slice(minute), EMIT);
    const { signals } = core.step(slice(5, bar(5, 'SPY', 104)), EMIT);
    expect(signals[0]?.reason).toBe('average of 1 bars 1.0400 is above that of 2, 1.0200');
    expect(core.lastSliceEndUs).toBe(minuteEnd(5));
  });

  it('moves on without a word while silent, and then says what differs from what it said last', () => {
    const core = new BotCore(botOptions());
    expect(run(core, [100, 101]).map(({ direction }) => direction)).toEqual(['long']);
    for (const minute of [3, 4]) {
      expect(core.step(slice(minute, bar(minute, 'SPY', 90 - minute)), SILENT).signals).toEqual([]);
    }
    expect(run(core, [80], 5).map(({ direction }) => direction)).toEqual(['flat']);

    const back = new BotCore(botOptions());
    run(back, [100, 101]);
    back.step(slice(3, bar(3, 'SPY', 90)), SILENT);
    expect(run(back, [95], 4)).toEqual([]);
  });

  it('reaches the same values through a silent warm-up as with its eyes open', () => {
    const closes = [100, 103, 99, 104, 98, 105];
    const open = new BotCore(botOptions());
    const warm = new BotCore(botOptions());
    const said = run(open, closes);
    closes.slice(0, -1).forEach((close, index) => {
      warm.step(slice(index + 1, bar(index + 1, 'SPY', close)), SILENT);
    });
    expect(run(warm, [105], 6).at(-1)).toEqual(said.at(-1));
  });

  it('ignores corrections, old slices and doubles, and says so', () => {
    const core = new BotCore(botOptions());
    run(core, [100, 101]);
    const before = core.snapshot();
    const again = core.step(slice(2, bar(2, 'SPY', 1), bar(2, 'AAPL', 1)), EMIT);
    expect(again.ignored).toEqual([
      {
        symbol: 'SPY',
        timeframe: '1m',
        barEndUs: minuteEnd(2),
        revision: 0,
        why: 'a slice that ended then or later was already stepped',
      },
    ]);
    expect(core.step(slice(1, bar(1, 'SPY', 1)), EMIT).ignored).toHaveLength(1);
    expect(core.snapshot()).toBe(before);
    const step = core.step(
      slice(3, bar(3, 'SPY', 50, { revision: 1 }), bar(3, 'SPY', 102), bar(3, 'SPY', 10)),
      EMIT,
    );
    expect(step.ignored.map(({ why }) => why)).toEqual([
      'revision 1 is a correction: it never changes a decision',
      'the slice has this bar twice',
    ]);
    expect(step.marks[0]?.priceNanos).toBe(1_020_000_000);
  });

  it('signals again when only an exit or the strength changes, and carries the exits', () => {
    const stops = defineStrategy({
      name: 'stops',
      title: 'Stops',
      description: 'Long with exits off the close.',
      params: {},
      indicators: () => ({}),
      warmup: () => 2,
      initialState: null,
      decide: (_values, _state, { bar: { closeNanos } }) => ({
        direction: 'long',
        strength: 0.25,
        limitPriceNanos: closeNanos,
        stopPriceNanos: closeNanos,
        takeProfitPriceNanos: closeNanos,
        timeInForce: 'day',
        reason: 'always',
      }),
    });
    const core = new BotCore(botOptions({ strategy: stops, params: {} }));
    expect(core.warmupBars).toBe(2);
    const signals = run(core, [100, 101, 101, 102]);
    expect(signals.map(({ barEndUs }) => barEndUs)).toEqual([minuteEnd(2), minuteEnd(4)]);
    const warming = new BotCore(botOptions({ strategy: stops, params: {} }));
    run(warming, [100]);
    const resumed = new BotCore(botOptions({ strategy: stops, params: {} }));
    resumed.restore(warming.snapshot());
    expect(run(resumed, [101], 2)).toEqual([signals[0]]);
    expect(signals[1]).toMatchObject({
      strength: 0.25,
      limitPriceNanos: 1_020_000_000,
      stopPriceNanos: 1_020_000_000,
      takeProfitPriceNanos: 1_020_000_000,
      timeInForce: 'day',
    });
  });

  it('reads longer timeframes first, and their value stands', () => {
    const core = new BotCore(botOptions({ strategy: counting, params: {} }));
    expect(core.timeframes).toEqual(['5m', '1m']);
    expect(core.warmupBars).toBe(5);
    expect(run(core, [100, 101, 102, 103])).toEqual([]);
    const five = bar(5, 'SPY', 90, { timeframe: '5m', startUs: minuteEnd(0) });
    const { signals } = core.step(slice(5, bar(5, 'SPY', 104), five), EMIT);
    expect(signals[0]?.direction).toBe('long');
    expect(run(core, [80], 6)[0]?.direction).toBe('short');
  });

  it("knows each bar's session where the strategy asks", () => {
    const vwap = defineStrategy({
      name: 'above-vwap',
      title: 'Above VWAP',
      description: 'Long above the session VWAP.',
      params: {},
      indicators: () => ({ vwap: ofBars(sessionVwap, {}) }),
      initialState: null,
      decide: ({ vwap: average }, _state, { bar: { closeNanos } }) => ({
        direction: closeNanos > average ? 'long' : 'flat',
        strength: 1,
        reason: `${average}`,
      }),
    });
    const options = botOptions({ strategy: vwap, params: {} });
    expect(failureOf(() => new BotCore(options)).code).toBe('STRATEGY.CALENDAR');
    const calendars = new CalendarBook();
    const core = new BotCore({ ...options, calendarOf: () => calendars.get('XNYS') });
    const early = bar(0, 'SPY', 500);
    expect(core.step(slice(0, early), EMIT).signals).toEqual([]);
    expect(run(core, [100, 102]).map(({ direction, reason }) => [direction, reason])).toEqual([
      ['flat', '1000000000'],
      ['long', '1010000000'],
    ]);
  });

  it('has an epoch of its symbols, timeframe, feed and first bar', () => {
    const epochs = [
      botOptions(),
      botOptions({ symbols: ['QQQ', 'SPY'] }),
      botOptions({ timeframe: '5m' }),
    ].map((options) => new BotCore(options).kernelEpoch);
    expect(new Set(epochs).size).toBe(3);
    const [first, same, later] = [1, 1, 2].map((minute) => {
      const core = new BotCore(botOptions());
      core.step(slice(0), EMIT);
      expect(core.kernelEpoch).toBe(epochs[0]);
      run(core, [100, 101], minute);
      return core.kernelEpoch;
    });
    expect(first).toBe(same);
    expect(new Set([first, later, epochs[0]]).size).toBe(3);
  });
});

describe('a strategy that fails', () => {
  const failing = (decide: () => never | undefined, name = 'failing') =>
    defineStrategy({
      name,
      title: 'Failing',
      description: 'Fails.',
      params: {},
      indicators: () => ({}),
      initialState: { list: [1] },
      decide,
    });

  it('stops the bot and names bot, symbol and bar', () => {
    const strategy = failing(() => {
      throw new RangeError('out of luck');
    });
    const core = new BotCore(botOptions({ strategy, params: {} }));
    const kept = core.snapshot();
    const failure = failureOf(() => run(core, [100]));
    expect(failure.code).toBe('STRATEGY.THREW');
    expect(failure.why).toBe(
      'bot bot, symbol SPY, bar ending 2024-01-31T14:31:00Z: strategy failing threw: out of luck',
    );
    expect(failure.cause).toBeInstanceOf(RangeError);
    expect(failure.details).toMatchObject({ botId: 'bot', symbol: 'SPY', barEndUs: minuteEnd(1) });
    expect(() => core.step(slice(2), EMIT)).toThrow(InvariantError);
    expect(() => core.snapshot()).toThrow(InvariantError);
    core.restore(kept);
    expect(core.snapshot()).toBe(kept);
  });

  it('may throw what is no error', () => {
    const strategy = failing(() => {
      throw 'text';
    });
    const core = new BotCore(botOptions({ strategy, params: {} }));
    expect(failureOf(() => run(core, [100])).why).toContain('strategy failing threw: text');
  });

  it('is told which field of a target means nothing', () => {
    const strategy = defineStrategy({
      ...maCross,
      name: 'eager',
      decide: () => ({ direction: 'long', strength: 2, reason: 'sure' }),
    });
    const failure = failureOf(() => run(new BotCore(botOptions({ strategy })), [100, 101]));
    expect(failure.code).toBe('STRATEGY.TARGET');
    expect(failure.why).toContain('bot bot, symbol SPY, bar ending 2024-01-31T14:32:00Z');
    expect(failure.why).toContain('strength must be 0 to 1, not 2');
  });

  it('cannot change state in place or keep what JSON loses', () => {
    const inPlace = defineStrategy({
      ...counting,
      name: 'in-place',
      indicators: () => ({}),
      update: (_values, state) => {
        if (typeof state === 'object' && state !== null) Object.assign(state, { bars: 7 });
        return state;
      },
    });
    const options = { params: {}, strategy: inPlace };
    expect(failureOf(() => run(new BotCore(botOptions(options)), [100])).code).toBe(
      'STRATEGY.THREW',
    );
    const lossy = defineStrategy({
      ...inPlace,
      name: 'lossy',
      update: () => ({ bars: Number.POSITIVE_INFINITY }),
    });
    const failure = failureOf(() =>
      run(new BotCore(botOptions({ params: {}, strategy: lossy })), [100]),
    );
    expect(failure.code).toBe('STRATEGY.STATE');
    expect(failure.why).toContain('state.bars is Infinity');
  });
});

describe('construction and input', () => {
  it('refuses wrong parameters, no symbols and doubles', () => {
    expect(failureOf(() => new BotCore(botOptions({ params: { fats: 1 } }))).fix).toContain(
      "Did you mean 'fast'?",
    );
    expect(() => new BotCore(botOptions({ symbols: [] }))).toThrow(InvariantError);
    expect(() => new BotCore(botOptions({ symbols: ['A', 'A'] }))).toThrow(InvariantError);
  });

  it('refuses a slice of another feed and a bar that does not end with its slice', () => {
    const core = new BotCore(botOptions());
    expect(() => core.step({ ...slice(1), feed: 'other' }, EMIT)).toThrow(InvariantError);
    expect(() => core.step(slice(2, bar(1, 'SPY', 100)), EMIT)).toThrow(InvariantError);
  });

  it('shows the parameters with their defaults', () => {
    const { params } = new BotCore(botOptions({ params: { slow: 90 } }));
    expect(params).toEqual({ fast: 10, slow: 90, entry: 'level' });
  });
});

describe('checkpoints', () => {
  const core = new BotCore(botOptions());
  run(core, [100, 101]);
  const json = core.snapshot();
  const tampered = (change: Readonly<Record<string, unknown>>): string =>
    JSON.stringify({ ...(JSON.parse(json) as object), ...change });

  it.each([
    ['no JSON', '{', 'is not JSON'],
    ['something else', '[]', 'is no checkpoint of a bot'],
    ['another version', tampered({ version: 2 }), 'is no checkpoint of a bot'],
    ['no setup', tampered({ setup: 1 }), 'was made with strategy undefined'],
    ['a missing symbol', tampered({ symbols: {} }), 'has no state of SPY'],
    ['a broken time', tampered({ anchorUs: 'x' }), 'has a time that is none'],
  ])('refuse %s, and leave the core unusable', (_, text, words) => {
    const other = new BotCore(botOptions());
    const failure = failureOf(() => other.restore(text));
    expect(failure.code).toBe('STRATEGY.CHECKPOINT');
    expect(failure.why).toContain(words);
    expect(() => other.step(slice(1), EMIT)).toThrow(InvariantError);
  });

  it.each([
    ['parameters', { params: { fast: 1, slow: 3 } }, 'params {"fast":1,"slow":2,"entry":"level"}'],
    ['symbols', { symbols: ['QQQ'] }, 'symbols ["SPY"], and the bot has ["QQQ"]'],
    ['feed', { feed: 'live' }, 'feed "sim"'],
    ['timeframe', { timeframe: '5m' as const }, 'timeframe "1m"'],
  ])('refuse other %s', (_, more, words) => {
    const other = new BotCore(botOptions(more));
    expect(failureOf(() => other.restore(json)).why).toContain(words);
  });

  it('survive a change of revision, so that resizing a bot keeps its averages', () => {
    const next = new BotCore(botOptions({ configRevision: 2 }));
    next.restore(json);
    expect(next.snapshot()).toBe(json);
    expect(next.lastSliceEndUs).toBe(minuteEnd(2));
    expect(run(next, [102], 3)).toEqual([]);
    expect(run(next, [99], 4)[0]?.configRevision).toBe(2);
  });
});

describe('utcText', () => {
  it('writes a time to the second', () => {
    expect(utcText(timeUs(0))).toBe('1970-01-01T00:00:00Z');
    expect(utcText(timeUs(1_709_251_199_999_999))).toBe('2024-02-29T23:59:59Z');
  });
});

describe('a bot with a schedule', () => {
  const calendars = new CalendarBook();
  const calendarOf = () => calendars.get('XNYS');
  /** Minutes 3 to 5 of the session: 09:33 to 09:35 in New York, decisions at 09:36 no more. */
  const schedule = { start: '09:33', end: '09:36', atEnd: 'hold' } as const;
  const said = (signals: readonly Signal[]) =>
    signals.map(({ barEndUs, direction }) => [(barEndUs - minuteEnd(0)) / 60_000_000, direction]);
  const sides = defineStrategy({
    name: 'sides',
    title: 'Sides',
    description:
      'Long above 100, short below, flat at 100, nothing new at 50; stronger with the price.',
    params: {},
    indicators: () => ({ close: ofField(sma, { period: 1 }, 'close') }),
    initialState: null,
    decide: ({ close }) => {
      const cents = Math.round(close / 1e7);
      if (cents === 50) return undefined;
      const direction = cents > 100 ? 'long' : cents < 100 ? 'short' : 'flat';
      return { direction, strength: Math.min(1, cents / 1_000), reason: `at ${cents}` };
    },
  });
  const scheduled = (more: Partial<Parameters<typeof botOptions>[0]> = {}) =>
    new BotCore(botOptions({ strategy: sides, params: {}, schedule, calendarOf, ...more }));

  it('opens only within it, and says at its start what it thinks then', () => {
    expect(said(run(scheduled(), [101, 101, 101, 101]))).toEqual([[3, 'long']]);
    expect(said(run(scheduled(), [101, 99, 99, 101]))).toEqual([
      [3, 'short'],
      [4, 'long'],
    ]);
  });

  it('keeps what is open after the end until its strategy closes it', () => {
    expect(said(run(scheduled(), [101, 101, 101, 101, 101, 101, 50, 102, 101, 100, 101]))).toEqual([
      [3, 'long'],
      [10, 'flat'],
    ]);
  });

  it('closes and does not turn where its strategy turns after the end', () => {
    const signals = run(scheduled(), [101, 101, 101, 101, 101, 99, 99, 101]);
    expect(said(signals)).toEqual([
      [3, 'long'],
      [6, 'flat'],
    ]);
    expect(signals[1]).toMatchObject({
      strength: 0,
      reason: 'at 99; outside its schedule: closes, and opens nothing',
    });
  });

  it('says no smaller size of the same side: the first may never have filled', () => {
    const signals = run(scheduled(), [101, 101, 500, 500, 500, 101, 300]);
    expect(said(signals)).toEqual([[3, 'long']]);
  });

  it('leaves nothing open where it is to be flat at the end, even without a new opinion', () => {
    const flat = { ...schedule, atEnd: 'flatten' } as const;
    const signals = run(scheduled({ schedule: flat }), [101, 101, 101, 101, 101, 50, 101]);
    expect(said(signals)).toEqual([
      [1, 'flat'],
      [3, 'long'],
      [6, 'flat'],
    ]);
    expect(signals[2]?.reason).toBe('outside its schedule: nothing stays open');
  });

  it('has the bits of one without, whatever the schedule', () => {
    const [free, bound] = [botOptions(), botOptions({ schedule, calendarOf })].map(
      (options) => new BotCore({ ...options, strategy: counting, params: {} }),
    );
    if (free === undefined || bound === undefined) throw new Error('expected two bots');
    const states = [free, bound].map((core) => {
      run(core, [100, 101, 99, 102, 100, 101]);
      return core.snapshot().replaceAll(/"emitted":(null|\{[^}]*\})/g, '');
    });
    expect(states[0]).toBe(states[1]);
  });

  it('is silent while it is paused, outside as within', () => {
    const core = scheduled({ schedule: { ...schedule, atEnd: 'flatten' } });
    run(core, [101, 101, 101]);
    expect(core.step(slice(6, bar(6, 'SPY', 100)), SILENT).signals).toEqual([]);
    expect(said(core.step(slice(7, bar(7, 'SPY', 50)), EMIT).signals)).toEqual([[7, 'flat']]);
  });

  it('goes on from a checkpoint as if nothing had been', () => {
    const closes = [101, 101, 101, 101, 101, 99, 99];
    const whole = said(run(scheduled(), closes));
    for (let cut = 1; cut < closes.length; cut += 1) {
      const first = scheduled();
      const before = said(run(first, closes.slice(0, cut)));
      const second = scheduled();
      second.restore(first.snapshot());
      expect([...before, ...said(run(second, closes.slice(cut), cut + 1))]).toEqual(whole);
    }
  });

  it('is refused without calendars', () => {
    const failure = failureOf(() => new BotCore(botOptions({ schedule })));
    expect(failure.code).toBe('STRATEGY.CALENDAR');
    expect(failure.message).toContain('bot bot: it has a schedule, and no calendar was given.');
  });
});
