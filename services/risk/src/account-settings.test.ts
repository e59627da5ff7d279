import { parseCash } from '@capstan/domain';
import { DEFAULT_LIMITS } from '@capstan/risk';
import { describe, expect, it } from 'vitest';
import { type AccountEntry, limitsOf, settingsOf } from './account-settings.ts';
import { SETTINGS } from './risk-world.fixture.ts';

const ENTRY: AccountEntry = {
  ...{ accountId: 'paper', venue: 'paper', cashMicros: parseCash('2500.5'), limits: {} },
};

describe('limitsOf', () => {
  it('takes what is left out from the default', () => {
    expect(limitsOf(ENTRY)).toEqual(DEFAULT_LIMITS);
  });

  it('takes what is given', () => {
    const limits = {
      policies: ['market-hours', 'symbol-notional', 'gross-exposure'],
      maxSymbolNotional: '1000',
      maxGrossExposure: '2000.25',
      bufferBps: 10,
      entryTiming: 'nextOpen',
      maxDecisionAgeSeconds: 1.5,
    } as const;
    expect(limitsOf({ ...ENTRY, limits })).toEqual({
      policies: [
        'kill-switch',
        'breaker',
        'drift',
        'venue-access',
        'market-hours',
        'symbol-notional',
        'gross-exposure',
      ],
      maxSymbolNotionalMicros: parseCash('1000'),
      maxGrossExposureMicros: parseCash('2000.25'),
      bufferBps: 10,
      entryTiming: 'nextOpen',
      maxDecisionAgeUs: 1_500_000,
    });
  });

  it('names the account and the key of a limit that cannot be used', () => {
    const limits = { policies: ['moon-phase'] };
    expect(() => limitsOf({ ...ENTRY, limits })).toThrow(
      expect.objectContaining({
        code: 'RISK.LIMITS',
        why: 'accounts, paper: limits: policies is moon-phase.',
      }),
    );
  });
});

describe('settingsOf', () => {
  it('gives an account its own bots and the clock of its feeds', () => {
    const { instruments, calendarOf } = SETTINGS;
    const settings = settingsOf(ENTRY, {
      runId: 'playback-1',
      feeds: [{ feed: 'demo', kind: 'generator' }],
      bots: [
        { botId: 'a', accountId: 'paper', feed: 'demo' },
        { botId: 'x', accountId: 'other', feed: 'demo' },
      ],
      instruments,
      calendarOf,
    });
    expect(settings).toEqual({
      runId: 'playback-1',
      accountId: 'paper',
      cashMicros: parseCash('2500.5'),
      limits: DEFAULT_LIMITS,
      instruments,
      calendarOf,
      bots: [{ botId: 'a', feed: 'demo' }],
      eventTime: true,
      liveFeeds: [],
      venueReportsSlices: true,
    });
    const live = settingsOf(ENTRY, {
      ...{ runId: 'live', instruments, calendarOf, feeds: [{ feed: 'demo', kind: 'venue' }] },
      bots: [{ botId: 'a', accountId: 'paper', feed: 'demo' }],
    });
    expect(live).toMatchObject({ eventTime: false, liveFeeds: ['demo'] });
    const none = settingsOf(ENTRY, {
      ...{ runId: 'live', instruments, calendarOf, feeds: [{ feed: 'demo', kind: 'venue' }] },
      bots: [],
    });
    expect(none).toMatchObject({ eventTime: false, liveFeeds: ['demo'] });
  });
});
