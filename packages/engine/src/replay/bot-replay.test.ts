import {
  type BarSlice,
  type BotSlice,
  type BotState,
  priceNanos,
  type Signal,
  timeUs,
  US_PER_MINUTE,
} from '@capstan/domain';
import { sma } from '@capstan/indicators';
import { defineStrategy, ofField } from '@capstan/strategy';
import { describe, expect, it } from 'vitest';
import { BotCore } from '../bot-core.ts';
import type { RunBot } from '../decision-core.ts';
import { BotReplay } from './bot-replay.ts';

/** Long for three bars, flat for the next three, counted from the first it has seen; a volume of 13 is too much for it. */
const counting = defineStrategy({
  name: 'counting',
  title: 'Counting',
  description: 'Changes its mind with every third bar that it has seen.',
  params: {},
  indicators: () => ({ volume: ofField(sma, { period: 1 }, 'volume') }),
  initialState: { seen: 0 },
  update: ({ volume }, { seen }) => {
    if (volume === 13) throw new Error('thirteen');
    return { seen: seen + 1 };
  },
  decide: (_values, { seen }) => {
    const isLong = Math.floor(seen / 3) % 2 === 0;
    return { direction: isLong ? 'long' : 'flat', strength: isLong ? 1 : 0, reason: () => '' };
  },
});

const SETUP: RunBot = {
  ...{ botId: 'bot', accountId: 'account', configRevision: 1, feed: 'feed', params: {} },
  ...{ strategy: counting, symbols: ['AAA'], timeframe: '1m' },
  sizing: { kind: 'fixedQuantity', quantity: 1 },
};
const core = () => new BotCore({ ...SETUP, runId: 'run' });

function slice(minute: number, volume = 1): BarSlice {
  const startUs = timeUs(minute * US_PER_MINUTE);
  const endUs = timeUs(startUs + US_PER_MINUTE);
  const price = priceNanos(100_000_000_000);
  const prices = { openNanos: price, highNanos: price, lowNanos: price, closeNanos: price };
  const bar = { symbol: 'AAA', timeframe: '1m', startUs, endUs, revision: 0, volume } as const;
  return { feed: 'feed', endUs, bars: [{ ...bar, ...prices }] };
}

const said = (
  { endUs }: BarSlice,
  signals: readonly Signal[],
  state: BotState = 'running',
): BotSlice => ({
  ...{ runId: 'run', botId: 'bot', accountId: 'account', feed: 'feed', sliceEndUs: endUs },
  ...{ state, signals, marks: [] },
});

const take = (replay: BotReplay, of: BarSlice, what: BotSlice, isSilent = false) =>
  replay.take({ said: what, slice: of, late: [], isSilent });

/** Plays minutes by a core, and has what it says replayed. */
function play(replay: BotReplay, live: BotCore, minutes: readonly number[]) {
  return minutes.flatMap((minute) => {
    const now = slice(minute);
    return take(replay, now, said(now, live.step(now, { emit: true }).signals));
  });
}

describe('a replay of a bot', () => {
  const past = [0, 1, 2, 3, 4].map((minute) => slice(minute));
  const began = () => {
    const replay = new BotReplay({ runId: 'run' });
    replay.begin(SETUP, []);
    return replay;
  };

  it('knows what a restart has changed: what it began anew from is not what it had seen', () => {
    const replay = began();
    expect(play(replay, core(), [0, 1, 2, 3, 4])).toEqual([]);
    const anew = core();
    const history = past.slice(3);
    for (const one of history) anew.step(one, { emit: false });
    replay.begin({ ...SETUP, configRevision: 2 }, history);
    const found = play(replay, anew, [5, 6, 7, 8, 9, 10]);
    expect(found.length).toBeGreaterThan(0);
    expect(new Set(found.map(({ cause, kind }) => `${kind}: ${cause}`))).toEqual(
      new Set(['signal: restart']),
    );
  });

  it('takes a bot of other parameters, and one that was stopped, for a new one', () => {
    const anew = core();
    for (const one of past.slice(3)) anew.step(one, { emit: false });
    const changed = began();
    play(changed, core(), [0, 1, 2, 3, 4]);
    changed.begin({ ...SETUP, sizing: { kind: 'fixedQuantity', quantity: 2 } }, past.slice(3));
    expect(play(changed, anew, [5, 6, 7, 8])).toEqual([]);
    const stopped = began();
    play(stopped, core(), [0, 1]);
    const later = core();
    for (const one of past.slice(3)) later.step(one, { emit: false });
    stopped.begin(SETUP, past.slice(3));
    expect(play(stopped, later, [5, 6, 7, 8])).toEqual([]);
  });

  it('crashes where the bot did, and tells a crash that it does not know', () => {
    const both = began();
    const fatal = slice(0, 13);
    expect(take(both, fatal, said(fatal, [], 'crashed'))).toEqual([]);
    const alone = began();
    const harmless = slice(0);
    expect(take(alone, harmless, said(harmless, [], 'crashed'))).toMatchObject([
      { kind: 'signal', cause: 'crash', live: 'nothing', replay: 'long 1.00 ()' },
    ]);
    expect(take(alone, slice(1), said(slice(1), [], 'crashed'))).toEqual([]);
  });

  it('says nothing while the bot is paused or silent, and takes closing signals for a stop', () => {
    const replay = began();
    expect(take(replay, slice(0), said(slice(0), [], 'paused'))).toEqual([]);
    expect(take(replay, slice(1), said(slice(1), []), true)).toEqual([]);
    const [signal] = core().step(slice(2), { emit: true }).signals;
    if (signal === undefined) throw new Error('it begins long');
    const flat = { ...signal, direction: 'flat', strength: 0, reason: 'stopped' } as const;
    expect(take(replay, slice(2), said(slice(2), [flat], 'stopped'))).toMatchObject([
      { cause: 'stop', live: 'flat (stopped)', replay: 'nothing' },
    ]);
  });

  it('cannot explain what was said of a slice that is not there, or before the bot began', () => {
    const [signal] = core().step(slice(0), { emit: true }).signals;
    if (signal === undefined) throw new Error('it begins long');
    const gone = { said: said(slice(0), [signal]), slice: undefined, late: [], isSilent: false };
    expect(began().take(gone)).toMatchObject([
      { cause: 'unexplained', why: 'the journal has no bars of this slice' },
    ]);
    const unknown = new BotReplay({ runId: 'run' });
    expect(take(unknown, slice(0), said(slice(0), [signal]))).toMatchObject([
      { cause: 'unexplained', replay: 'nothing' },
    ]);
  });
});
