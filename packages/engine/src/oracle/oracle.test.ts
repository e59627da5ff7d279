import { describe, expect, it } from 'vitest';
import { cash, table, usd, want } from './test-oracle-cases.ts';
import { check } from './test-oracle-check.ts';
import type { OracleSymbol } from './test-oracle-model.ts';

const LONG = want(1);
const SHORT = want(-1);
const FLAT = want(0);
const DAYS = { kind: 'days', date: '2024-07-01' } as const;

describe('exits, by hand', () => {
  it('a stop that the open gaps over fills at the open', () => {
    const bars = table('AAA', [
      [10, 10, 10, 10, want(1, { stop: 9 })],
      [10, 10.5, 9.5, 10],
      [8, 8.5, 7, 8], // opens a dollar below the stop: 100 × 8
    ]);
    check({}, [bars], {
      fills: ['1 AAA 100 @10', '2 AAA -100 @8'],
      cash: [100_000, 99_000, 99_800], // - 100 × 10, + 100 × 8
      equity: [100_000, 100_000, 99_800],
    });
  });

  it('a stop inside a bar fills at its price', () => {
    const bars = table('AAA', [
      [10, 10, 10, 10, want(1, { stop: 9 })],
      [10, 10.5, 9.5, 10.2],
      [9.5, 9.6, 8.5, 9.4],
    ]);
    check({}, [bars], {
      fills: ['1 AAA 100 @10', '2 AAA -100 @9'],
      cash: [100_000, 99_000, 99_900],
      equity: [100_000, 100_020, 99_900], // 99,000 + 100 × 10.20
    });
  });

  it('where one bar reaches stop and target, the stop is what happened', () => {
    const bars = table('AAA', [
      [10, 10, 10, 10, want(1, { stop: 9, target: 11 })],
      [10, 10.5, 9.5, 10],
      [10, 12, 8, 11], // both inside: 100 × 9, not 100 × 11
    ]);
    check({}, [bars], {
      fills: ['1 AAA 100 @10', '2 AAA -100 @9'],
      cash: [100_000, 99_000, 99_900],
      equity: [100_000, 100_000, 99_900],
    });
  });

  it('of a short, too: the worse of stop above and target below', () => {
    const bars = table('AAA', [
      [10, 10, 10, 10, want(-1, { stop: 11, target: 9 })],
      [10, 10.5, 9.5, 10],
      [10, 12, 8, 9], // bought back at 11
    ]);
    check({}, [bars], {
      fills: ['1 AAA -100 @10', '2 AAA 100 @11'],
      cash: [100_000, 101_000, 99_900],
      equity: [100_000, 100_000, 99_900],
    });
  });

  it('an entry at the open has the bar ahead: its target counts in that bar', () => {
    const bars = table('AAA', [
      [10, 10, 10, 10, want(1, { stop: 9, target: 11 })],
      [10, 11.5, 9.5, 11.2], // in at 10.00, out at 11.00
      [11, 11, 11, 11],
    ]);
    check({}, [bars], {
      fills: ['1 AAA 100 @10', '1 AAA -100 @11'],
      cash: [100_000, 100_100, 100_100],
      equity: [100_000, 100_100, 100_100],
    });
  });

  it('after an entry inside a bar its target does not count in that bar', () => {
    const bars = table('AAA', [
      [10, 10, 10, 10, want(1, { limit: 9.5, stop: 9, target: 11 })],
      [10, 11.5, 9.4, 11.2], // in at 9.50; whether 11.50 came after it nobody knows
      [11, 11.2, 10.8, 11], // 11.20 is beyond 11.00: out at the target
    ]);
    check({}, [bars], {
      fills: ['1 AAA 100 @9.5', '2 AAA -100 @11'],
      cash: [100_000, 99_050, 100_150],
      equity: [100_000, 100_170, 100_150], // 99,050 + 100 × 11.20
    });
  });

  it('after an entry inside a bar its stop does', () => {
    const bars = table('AAA', [
      [10, 10, 10, 10, want(1, { limit: 9.5, stop: 9, target: 11 })],
      [10, 11.5, 8.9, 11.2], // in at 9.50, out at 9.00
      [11, 11.2, 10.8, 11],
    ]);
    check({}, [bars], {
      fills: ['1 AAA 100 @9.5', '1 AAA -100 @9'],
      cash: [100_000, 99_950, 99_950],
      equity: [100_000, 99_950, 99_950],
    });
  });

  it('a trail follows the highs of the bars before, not that of its own bar', () => {
    const bars = table('AAA', [
      [10, 10, 10, 10, want(1, { trail: 1 })],
      [10, 10.5, 9.6, 10.4], // behind 10.00 by 1: 9.00 is not reached. Best from now: 10.50
      [10.4, 12, 9.6, 11.5], // 9.50 is not reached, though 12.00 - 1 would be. Best: 12.00
      [11.5, 11.8, 10.9, 11], // 11.00 is reached
    ]);
    check({}, [bars], {
      fills: ['1 AAA 100 @10', '3 AAA -100 @11'],
      cash: [100_000, 99_000, 99_000, 100_100],
      equity: [100_000, 100_040, 100_150, 100_100],
    });
  });
});

describe('limits and volume, by hand', () => {
  const touched = [
    [10, 10, 10, 10, want(1, { limit: 9.5 }, 'gtc')],
    [10, 10.2, 9.5, 10], // touches 9.50
    [10, 10.2, 9.49, 10], // one tick through it
  ] as const;

  it('a limit does not fill at the touch, but one tick through', () => {
    check({}, [table('AAA', touched)], {
      fills: ['2 AAA 100 @9.5'],
      cash: [100_000, 100_000, 99_050],
      equity: [100_000, 100_000, 100_050],
    });
  });

  it('or at the touch, where told so', () => {
    check({ limitFill: 'touch' }, [table('AAA', touched)], {
      fills: ['1 AAA 100 @9.5'],
      cash: [100_000, 99_050, 99_050],
      equity: [100_000, 100_050, 100_050],
    });
  });

  it('a limit that the open is better than fills at the open', () => {
    const bars = table('AAA', [
      [10, 10, 10, 10, want(1, { limit: 9.5 })],
      [9.2, 9.6, 9.1, 9.5],
    ]);
    check({}, [bars], {
      fills: ['1 AAA 100 @9.2'],
      cash: [100_000, 99_080],
      equity: [100_000, 100_030], // 99,080 + 100 × 9.50
    });
  });

  it('an order takes a share of the volume of each bar until it is filled', () => {
    const bars = table('AAA', [
      [10, 10, 10, 10, LONG, 1_000],
      [10, 10, 10, 10, undefined, 405], // a tenth, rounded down: 40
      [11, 11, 11, 11, undefined, 300], // 30
      [12, 12, 12, 12, undefined, 900], // 30 are left of 100
    ]);
    // A dollar an order, not a dollar a fill: due with the first.
    const rules = { cap: 100_000n, commission: { kind: 'order', fee: cash(1) } } as const;
    check(rules, [bars], {
      fills: ['1 AAA 40 @10', '2 AAA 30 @11', '3 AAA 30 @12'],
      cash: [100_000, 99_599, 99_269, 98_909], // - 400 - 1, - 330, - 360
      equity: [100_000, 99_999, 100_039, 100_109], // + 40 × 10, + 70 × 11, + 100 × 12
    });
  });

  it('slippage is against us and ends at the edge of the bar', () => {
    const bars = table('AAA', [
      [10, 10, 10, 10, LONG],
      [10, 10.5, 9.9, 10, FLAT], // 10.00 + 10 bps = 10.01
      [10, 10.1, 9.995, 10], // 10.00 - 10 bps = 9.99, but the low is 9.995
    ]);
    // 5 bps of 1,001.00 are 0.5005; of 999.50 they are 0.49975.
    const rules = {
      slippageRate: 100_000n,
      commission: { kind: 'rate', rate: 50_000n, minimum: 0n },
    } as const;
    check(rules, [bars], {
      fills: ['1 AAA 100 @10.01', '2 AAA -100 @9.995'],
      cash: [100_000, 98_998.4995, 99_997.49975],
      equity: [100_000, 99_998.4995, 99_997.49975],
    });
  });
});

describe('corporate actions, by hand', () => {
  it('a split changes the shares of a long and the price of its stop, and pays what is less than a share', () => {
    const bars = table(
      'AAA',
      [
        [30, 30, 30, 30, want(1, { stop: 27 })],
        [30, 31, 29, 30],
        [20, 20.4, 19, 20.2], // 3 for 2: 101 shares are 151.5; the half is paid at 30 × 2/3 = 20: 10 dollars
        [19, 19, 17, 18], // the stop of 27 is 18 now: 151 × 18
      ],
      {
        grid: DAYS,
        actions: [{ kind: 'split', exDate: '2024-07-03', to: 3n, from: 2n }],
      },
    );
    check({ sizing: { kind: 'fixed', quantity: 101n } }, [bars], {
      fills: ['1 AAA 101 @30', '3 AAA -151 @18'],
      cash: [100_000, 96_970, 96_980, 99_698], // - 3,030, + 10, + 2,718
      equity: [100_000, 100_000, 100_030.2, 99_698], // 96,980 + 151 × 20.20
    });
  });

  it('a short owes the dividend from the ex-date and pays it on the pay date', () => {
    const bars = table(
      'AAA',
      [
        [50, 50, 50, 50, SHORT],
        [50, 50, 50, 50],
        [49, 49, 49, 49], // ex: 100 × 0.75 are owed
        [49, 49, 49, 49], // the fifth: paid
      ],
      {
        grid: DAYS,
        actions: [
          { kind: 'dividend', exDate: '2024-07-03', payDate: '2024-07-05', amount: usd(0.75) },
        ],
      },
    );
    const told = check({}, [bars], {
      fills: ['1 AAA -100 @50'],
      cash: [100_000, 105_000, 105_000, 104_925],
      equity: [100_000, 100_000, 100_025, 100_025], // 105,000 - 75 - 4,900
    });
    expect(told.cashEvents).toEqual(['2 AAA accrual -75000000', '3 AAA dividend -75000000']);
  });

  it('who buys on the ex-date earns nothing, who sells there earned it', () => {
    const actions = [{ kind: 'dividend', exDate: '2024-07-02', amount: usd(1) }] as const;
    const buys = table(
      'AAA',
      [
        [50, 50, 50, 50, LONG],
        [49, 49, 49, 49],
      ],
      { grid: DAYS, actions },
    );
    check({}, [buys], {
      fills: ['1 AAA 100 @49'],
      cash: [100_000, 95_100],
      equity: [100_000, 100_000],
    });
    const later = [{ ...actions[0], exDate: '2024-07-03' }];
    const rows = [
      [50, 50, 50, 50, LONG],
      [50, 50, 50, 50, FLAT],
      [49, 49, 49, 49],
    ] as const;
    check({}, [table('AAA', rows, { grid: DAYS, actions: later })], {
      fills: ['1 AAA 100 @50', '2 AAA -100 @49'],
      cash: [100_000, 95_000, 100_000], // + 100 + 4,900
      equity: [100_000, 100_000, 100_000],
    });
  });
});

describe('cash and limits, by hand', () => {
  const allIn = { kind: 'cash', fraction: 1_000_000n, feeRate: 0n } as const;
  const covered = { policies: ['buying-power'], cash: cash(1_000) } as const;
  const rows = [
    [10, 10, 10, 10, LONG],
    [10, 10, 10, 10],
  ] as const;

  it('cash of a whole multiple of the price buys all of it, to the last cent', () => {
    check({ ...covered, sizing: allIn }, [table('AAA', rows)], {
      fills: ['1 AAA 100 @10'], // 1,000 ÷ 10
      cash: [1_000, 0],
      equity: [1_000, 1_000],
    });
  });

  it('a cent less buys one share less', () => {
    check({ ...covered, cash: cash(999.99), sizing: allIn }, [table('AAA', rows)], {
      fills: ['1 AAA 99 @10'],
      cash: [999.99, 9.99],
      equity: [999.99, 999.99],
    });
  });

  it('and its commission is paid out of it', () => {
    const commission = { kind: 'rate', rate: 100_000n, minimum: 0n } as const; // 10 bps
    const sizing = { ...allIn, feeRate: 100_000n };
    // 1,001 ÷ 1.001 = 1,000: 100 shares and a dollar.
    check({ ...covered, cash: cash(1_001), sizing, commission }, [table('AAA', rows)], {
      fills: ['1 AAA 100 @10'],
      cash: [1_001, 0],
      equity: [1_001, 1_000],
    });
  });

  it('of two symbols that want the same cash the first by name gets it', () => {
    const symbols = [
      table('BBB', [
        [20, 20, 20, 20, LONG],
        [21, 21, 21, 21],
      ]),
      table('AAA', rows),
    ];
    const sizing = { kind: 'fixed', quantity: 60n } as const;
    // AAA takes 600 of 1,000; BBB wants 1,200.
    const told = check({ ...covered, sizing }, symbols, {
      fills: ['1 AAA 60 @10'],
      cash: [1_000, 400],
      equity: [1_000, 1_000],
    });
    expect(told.denials).toEqual(['0 BBB buying-power']);
  });

  it('and where each takes half of what is free, the second takes half of the rest', () => {
    const symbols = [
      table('AAA', rows),
      table('BBB', [
        [20, 20, 20, 20, LONG],
        [20, 20, 20, 20],
      ]),
    ];
    // Half of 1,000 is 50 × 10; half of the other 500 is 250: 12 × 20.
    const half = { kind: 'cash', fraction: 500_000n, feeRate: 0n } as const;
    check({ ...covered, sizing: half }, symbols, {
      fills: ['1 AAA 50 @10', '1 BBB 12 @20'],
      cash: [1_000, 260],
      equity: [1_000, 1_000],
    });
  });

  it('a session that lost its limit cancels, flattens at the next open and opens nothing more', () => {
    const bars = table('AAA', [
      [10, 10, 10, 10, LONG],
      [10, 10, 10, 10, want(1, { limit: 4 }, 'gtc')], // already held: nothing to do
      [7, 7, 7, 7], // 100 × 3 are lost: 300 is below the limit of 400
      [6, 6, 6, 6], // 400 are
      [5.5, 5.5, 5, 5], // out at the open
      [5, 5, 5, 5, LONG], // refused
      [5, 5, 5, 5],
    ]);
    const told = check({ policies: ['daily-loss'], maxLoss: cash(400) }, [bars], {
      fills: ['1 AAA 100 @10', '4 AAA -100 @5.5'],
      cash: [100_000, 99_000, 99_000, 99_000, 99_550, 99_550, 99_550],
      equity: [100_000, 100_000, 99_700, 99_600, 99_550, 99_550, 99_550],
    });
    expect(told.halts).toEqual([3]);
    expect(told.denials).toEqual(['5 AAA daily-loss']);
  });
});

describe('the last bar of a session, by hand', () => {
  /** Two minutes to the close of the second, two from the open of the third, which closes early. */
  function overNight(wanted: ReturnType<typeof want>): OracleSymbol {
    const first = table(
      'AAA',
      [
        [10, 10, 10, 10],
        [10, 10, 10, 10, wanted],
      ],
      {
        grid: { kind: 'minutes', date: '2024-07-02', fromMinute: 388 },
      },
    );
    const second = table(
      'AAA',
      [
        [11, 11, 10.5, 11],
        [11, 12, 11, 12],
      ],
      {
        grid: { kind: 'minutes', date: '2024-07-03' },
      },
    );
    return {
      ...first,
      bars: [...first.bars, ...second.bars],
      wants: [...first.wants, ...second.wants],
    };
  }

  it('what is decided there fills at the open of the next session', () => {
    check({ policies: ['market-hours'] }, [overNight(LONG)], {
      fills: ['2 AAA 100 @11'],
      cash: [100_000, 100_000, 98_900, 98_900],
      equity: [100_000, 100_000, 100_000, 100_100],
    });
  });

  it('or is refused, where entries at a close are', () => {
    const told = check({ policies: ['market-hours'], denyAtClose: true }, [overNight(LONG)], {
      fills: [],
      cash: [100_000, 100_000, 100_000, 100_000],
      equity: [100_000, 100_000, 100_000, 100_000],
    });
    expect(told.denials).toEqual(['1 AAA market-hours']);
  });

  it('a day order decided before it ends with the session, one decided at the close does not', () => {
    const limit = want(1, { limit: 10.8 });
    const late = overNight(limit);
    check({}, [late], {
      fills: ['2 AAA 100 @10.8'], // 10.50 is beyond 10.80
      cash: [100_000, 100_000, 98_920, 98_920],
      equity: [100_000, 100_000, 100_020, 100_120],
    });
    const low = want(1, { limit: 9 });
    const early = { ...late, wants: [low, undefined, undefined, undefined] };
    const told = check({}, [early], {
      fills: [],
      cash: [100_000, 100_000, 100_000, 100_000],
      equity: [100_000, 100_000, 100_000, 100_000],
    });
    expect(told.orders[0]).toContain('ended');
  });

  it('an on-close order fills at the close of the last bar', () => {
    const late = overNight(LONG);
    const atClose = { ...late, wants: [want(1, {}, 'onClose'), undefined, FLAT, undefined] };
    check({}, [atClose], {
      fills: ['1 AAA 100 @10', '3 AAA -100 @11'],
      cash: [100_000, 99_000, 99_000, 100_100],
      equity: [100_000, 100_000, 100_100, 100_100],
    });
  });
});
