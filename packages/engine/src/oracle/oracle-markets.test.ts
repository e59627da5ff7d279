import { CalendarBook } from '@capstan/calendar';
import { describe, expect, it } from 'vitest';
import { cash, type Row, table, usd, want } from './test-oracle-cases.ts';
import { check } from './test-oracle-check.ts';
import { sessionsOf } from './test-oracle-engine.ts';
import type { OracleSchedule, OracleSymbol } from './test-oracle-model.ts';

const LONG = want(1);
const SHORT = want(-1);
const FLAT = want(0);
const MINUTE = 60_000_000;
/** 2024-07-02 00:00 UTC. */
const MIDNIGHT = 1_719_878_400_000_000;

/** A market that never closes, by minutes around a midnight. */
function nightly(symbol: string, rows: readonly Row[], firstMinute: number): OracleSymbol {
  const made = table(symbol, rows);
  const bars = made.bars.map((bar, row) => {
    const startUs = MIDNIGHT + (firstMinute + row) * MINUTE;
    return { ...bar, startUs, endUs: startUs + MINUTE };
  });
  const sessions = sessionsOf(new CalendarBook().get('24x7'), '2024-07-01', 20);
  return { ...made, bars, sessions, calendar: '24x7', offsetMinutes: 0 };
}

describe('what works against an opinion, by hand', () => {
  const thin = { cap: 100_000n, policies: ['buying-power'], cash: cash(1_000) } as const;

  it('is cancelled when its bot wants to be flat, and what it bought is sold', () => {
    const bars = table('AAA', [
      [10, 10, 10, 10, LONG],
      [10, 10, 10, 10, FLAT, 400], // a tenth: 40 of 100
      [11, 11, 11, 11], // the rest was cancelled: nothing more is bought
      [12, 12, 12, 12],
    ]);
    const told = check(thin, [bars], {
      fills: ['1 AAA 40 @10', '2 AAA -40 @11'],
      cash: [1_000, 600, 1_040, 1_040],
      equity: [1_000, 1_000, 1_040, 1_040],
    });
    expect(told.denials).toEqual([]);
    expect(told.orders.map((order) => order.includes('reducing'))).toEqual([false, true]);
  });

  it('is cancelled when its bot turns, which closes first and enters a slice later', () => {
    const bars = table('AAA', [
      [10, 10, 10, 10, LONG],
      [10, 10, 10, 10, SHORT, 400], // 40 of 100
      [11, 11, 11, 11], // they are sold; at its close nothing works any more
      [12, 12, 12, 12], // short from its open
    ]);
    check({ ...thin, cash: cash(3_000) }, [bars], {
      fills: ['1 AAA 40 @10', '2 AAA -40 @11', '3 AAA -100 @12'],
      cash: [3_000, 2_600, 3_040, 4_240],
      equity: [3_000, 3_000, 3_040, 3_040],
    });
  });

  it('is one order where nothing works', () => {
    const bars = table('AAA', [
      [10, 10, 10, 10, LONG],
      [10, 10, 10, 10, SHORT],
      [11, 11, 11, 11],
    ]);
    check({}, [bars], {
      fills: ['1 AAA 100 @10', '2 AAA -200 @11'],
      cash: [100_000, 99_000, 101_200],
      equity: [100_000, 100_000, 100_100],
    });
  });

  it('is an order for the close, too', () => {
    const bars = table(
      'AAA',
      [
        [10, 10, 10, 10, want(1, {}, 'onClose')],
        [10, 10, 10, 10, FLAT],
        [11, 11, 11, 11],
      ],
      { grid: { kind: 'minutes', date: '2024-07-02', fromMinute: 387 } },
    );
    const told = check({}, [bars], {
      fills: [],
      cash: [100_000, 100_000, 100_000],
      equity: [100_000, 100_000, 100_000],
    });
    expect(told.orders).toHaveLength(1);
  });
});

describe('exits that wait for the close, by hand', () => {
  it('do not release the stop: it works until they fill', () => {
    const bars = table(
      'AAA',
      [
        [10, 10, 10, 10, want(1, { stop: 9 })],
        [10, 10, 10, 10, want(0, {}, 'onClose')],
        [9.5, 9.5, 8, 8.5], // out at the stop, not at the close of 8.40
        [8.4, 8.4, 8.4, 8.4],
      ],
      { grid: { kind: 'minutes', date: '2024-07-02', fromMinute: 386 } },
    );
    check({}, [bars], {
      fills: ['1 AAA 100 @10', '2 AAA -100 @9'],
      cash: [100_000, 99_000, 99_900, 99_900],
      equity: [100_000, 100_000, 99_900, 99_900],
    });
  });
});

describe('futures, by hand', () => {
  const future = { isFuture: true, multiplier: 50n } as const;
  const two = { kind: 'fixed', quantity: 2n } as const;

  it('move no notional: equity gains by the tick, and cash when it is closed', () => {
    const bars = table(
      'ESX',
      [
        [10, 10, 10, 10, LONG],
        [10, 10.25, 10, 10.25],
        [10.25, 10.5, 10.25, 10.5, FLAT],
        [11, 11, 11, 11],
      ],
      future,
    );
    const commission = { kind: 'unit', fee: 2_000_000n, minimum: 0n } as const;
    check({ sizing: two, commission }, [bars], {
      fills: ['1 ESX 2 @10', '3 ESX -2 @11'],
      cash: [100_000, 99_996, 99_996, 100_092], // - 2 × 2; + 2 × 50 × 1 - 4
      equity: [100_000, 100_021, 100_046, 100_092], // 2 × 50 × 0.25 - 4
    });
  });

  it('pay of a part that is closed what that part has gained, and of a turn what is closed', () => {
    const bars = table(
      'ESX',
      [
        [10, 10, 10, 10, LONG],
        [10, 10, 10, 10, { ...LONG, strength: 500_000n }],
        [12, 12, 12, 12, SHORT], // one of two: + 50 × 2
        [13, 13, 13, 13], // the other: + 50 × 3, and two are sold short
        [14, 14, 14, 14], // they lose 2 × 50 × 1
      ],
      future,
    );
    check({ sizing: two }, [bars], {
      fills: ['1 ESX 2 @10', '2 ESX -1 @12', '3 ESX -3 @13'],
      cash: [100_000, 100_000, 100_100, 100_250, 100_250],
      equity: [100_000, 100_000, 100_200, 100_250, 100_150],
    });
  });

  it('need buying power for their whole notional', () => {
    const bars = table(
      'ESX',
      [
        [10, 10, 10, 10, LONG],
        [10, 10, 10, 10],
      ],
      future,
    );
    const covered = { policies: ['buying-power'], sizing: two } as const;
    const told = check({ ...covered, cash: cash(999.99) }, [bars], {
      fills: [], // 2 × 50 × 10 = 1,000
      cash: [999.99, 999.99],
      equity: [999.99, 999.99],
    });
    expect(told.denials).toEqual(['0 ESX buying-power']);
    check({ ...covered, cash: cash(1_000) }, [bars], {
      fills: ['1 ESX 2 @10'],
      cash: [1_000, 1_000],
      equity: [1_000, 1_000],
    });
  });
});

describe('a market that never closes, by hand', () => {
  const limit = want(1, { limit: 9 });

  it('ends the orders of the day at midnight, and opens at once', () => {
    const rows: Row[] = [
      [10, 10, 10, 10, limit],
      [10, 10, 10, 10], // to midnight: the order ends with it
      [8, 8, 8, 8, want(1, {}, 'onOpen')],
      [8, 8, 8, 8],
    ];
    const told = check({}, [nightly('COIN', rows, -2)], {
      fills: [],
      cash: [100_000, 100_000, 100_000, 100_000],
      equity: [100_000, 100_000, 100_000, 100_000],
    });
    expect(told.orders[0]).toContain('ended');
    expect(told.orders[1]).toContain('works'); // it waits for the next midnight
  });

  it('fills what is for the open at midnight, also where it was decided there', () => {
    const rows: Row[] = [
      [10, 10, 10, 10],
      [10, 10, 10, 10, want(1, {}, 'onOpen')],
      [8, 8, 8, 8],
    ];
    check({}, [nightly('COIN', rows, -2)], {
      fills: ['2 COIN 100 @8'],
      cash: [100_000, 100_000, 99_200],
      equity: [100_000, 100_000, 100_000],
    });
  });

  it('does not bring the pay date of a share forward: it is paid once its session has opened', () => {
    const actions = [
      { kind: 'dividend', exDate: '2024-07-03', payDate: '2024-07-05', amount: usd(1) },
    ] as const;
    const share = table(
      'AAA',
      [
        [50, 50, 50, 50, LONG], // the first
        [50, 50, 50, 50],
        [49, 49, 49, 49], // the third: ex
        [49, 49, 49, 49], // the fifth, after a holiday: paid
      ],
      { grid: { kind: 'days', date: '2024-07-01' }, actions },
    );
    // 19:01 in New York on the fourth, a holiday.
    const coin = nightly('COIN', [[1, 1, 1, 1]], (2 * 24 + 23) * 60);
    check({}, [share, coin], {
      fills: ['1 AAA 100 @50'],
      cash: [100_000, 95_000, 95_000, 95_000, 95_100],
      equity: [100_000, 100_000, 100_000, 100_000, 100_000],
    });
  });
});

describe('a schedule, by hand', () => {
  const schedule: OracleSchedule = { from: 9 * 60 + 32, until: 9 * 60 + 34, atEnd: 'hold' };

  it('opens nothing outside its hours, and says inside what is still wanted', () => {
    const bars = table('AAA', [
      [10, 10, 10, 10, LONG], // 09:31
      [11, 11, 11, 11, LONG], // 09:32
      [12, 12, 12, 12],
    ]);
    check({ schedule }, [bars], {
      fills: ['2 AAA 100 @12'],
      cash: [100_000, 100_000, 98_800],
      equity: [100_000, 100_000, 100_000],
    });
  });

  it('only closes where its bot turns outside them', () => {
    const bars = table('AAA', [
      [10, 10, 10, 10],
      [10, 10, 10, 10, LONG],
      [11, 11, 11, 11],
      [12, 12, 12, 12, SHORT], // 09:34: out
      [13, 13, 13, 13, SHORT],
      [14, 14, 14, 14],
    ]);
    check({ schedule }, [bars], {
      fills: ['2 AAA 100 @11', '4 AAA -100 @13'],
      cash: [100_000, 100_000, 98_900, 98_900, 100_200, 100_200],
      equity: [100_000, 100_000, 100_000, 100_100, 100_200, 100_200],
    });
  });

  it('holds what is open at its end, or closes it', () => {
    const bars = table('AAA', [
      [10, 10, 10, 10],
      [10, 10, 10, 10, LONG],
      [11, 11, 11, 11],
      [12, 12, 12, 12],
      [13, 13, 13, 13],
    ]);
    const entered = { fills: ['2 AAA 100 @11'], cash: [100_000, 100_000, 98_900, 98_900, 98_900] };
    const equity = [100_000, 100_000, 100_000, 100_100, 100_200];
    check({ schedule }, [bars], { ...entered, equity });
    check({ schedule: { ...schedule, atEnd: 'flatten' } }, [bars], {
      fills: [...entered.fills, '4 AAA -100 @13'],
      cash: [100_000, 100_000, 98_900, 98_900, 100_200],
      equity,
    });
  });

  it('counts its minutes from the open of a session, and to its close', () => {
    const bars = table(
      'AAA',
      [
        [10, 10, 10, 10, LONG], // 15:57
        [11, 11, 11, 11, LONG], // 15:58: two minutes before the close it is over
        [12, 12, 12, 12],
      ],
      { grid: { kind: 'minutes', date: '2024-07-02', fromMinute: 386 } },
    );
    const day = { from: 0, until: 1_440, atEnd: 'hold' } as const;
    const still = { cash: [100_000, 100_000, 100_000], equity: [100_000, 100_000, 100_000] };
    check({ schedule: { ...day, beforeClose: 3 } }, [bars], { fills: [], ...still });
    check({ schedule: { ...day, beforeClose: 2 } }, [bars], {
      fills: ['1 AAA 100 @11'],
      cash: [100_000, 98_900, 98_900],
      equity: [100_000, 100_000, 100_100],
    });
  });
});
