import type {
  Bar,
  Bot,
  Denial,
  EquityPoint,
  Fill,
  Order,
  Overview,
  Position,
  Signal,
  WhyEntry,
} from '../api.ts';

/** 2026-01-05 09:30 in New York. */
const OPEN_US = Date.UTC(2026, 0, 5, 14, 30) * 1_000;
const MINUTE_US = 60_000_000;
const SYMBOLS = ['AAPL', 'MSFT', 'NVDA', 'SPY'] as const;
const START: Readonly<Record<string, number>> = {
  AAPL: 243.12,
  MSFT: 421.55,
  NVDA: 138.4,
  SPY: 592.3,
};
const ACCOUNT = 'paper';

/** Numbers from 0 to 1, the same for the same seed. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

const cents = (price: number): number => Math.round(price * 100) * 10_000_000;

/** A world that looks like the platform's, for looking at the page without it. */
export class FakeWorld {
  readonly #random = seeded(11);
  readonly bars = new Map<string, Bar[]>();
  readonly fills: Fill[] = [];
  readonly equity: EquityPoint[] = [];
  minute = 0;

  constructor(minutes: number) {
    for (let index = 0; index < minutes; index += 1) this.step();
  }

  get nowUs(): number {
    return OPEN_US + this.minute * MINUTE_US;
  }

  /** Goes on by a minute. @returns the bars and fills of it. */
  step(): { readonly bars: readonly Bar[]; readonly fills: readonly Fill[] } {
    const bars = SYMBOLS.map((symbol) => this.#bar(symbol));
    this.minute += 1;
    const fills = this.minute % 17 === 5 ? [this.#fill()] : [];
    this.fills.unshift(...fills);
    const last = this.equity.at(-1);
    const cashMicros = 61_248_310_000;
    const before = last?.marketValueMicros ?? 38_751_690_000;
    const marketValueMicros = Math.round(before + (this.#random() - 0.47) * 60_000_000);
    this.equity.push({ accountId: ACCOUNT, atUs: this.nowUs, cashMicros, marketValueMicros });
    return { bars, fills };
  }

  #bar(symbol: string): Bar {
    const bars = this.bars.get(symbol) ?? [];
    const open = bars.at(-1)?.closeNanos ?? cents(START[symbol] ?? 100);
    const drift = (): number => Math.round(open * (this.#random() - 0.495) * 0.0016);
    const close = cents((open + drift()) / 1e9);
    const startUs = OPEN_US + this.minute * MINUTE_US;
    const bar: Bar = {
      symbol,
      feed: 'demo',
      timeframe: '1m',
      startUs,
      endUs: startUs + MINUTE_US,
      openNanos: open,
      highNanos: Math.max(open, close) + cents(this.#random() * 0.12),
      lowNanos: Math.min(open, close) - cents(this.#random() * 0.12),
      closeNanos: close,
      volume: Math.round(2_000 + this.#random() * 9_000),
    };
    bars.push(bar);
    this.bars.set(symbol, bars);
    return bar;
  }

  #fill(): Fill {
    const count = this.fills.length + 1;
    const symbol = SYMBOLS[count % SYMBOLS.length] ?? 'SPY';
    return {
      fillId: `fill-${count}`,
      kind: 'fill',
      orderId: `order-${count}`,
      accountId: ACCOUNT,
      botId: count % 2 === 0 ? 'rsi-tech' : 'sma-index',
      symbol,
      side: count % 3 === 0 ? 'sell' : 'buy',
      quantity: 20 + (count % 5) * 15,
      priceNanos: this.bars.get(symbol)?.at(-1)?.openNanos ?? 0,
      feeMicros: 350_000,
      eventAtUs: this.nowUs - MINUTE_US,
      accountSequence: count,
    };
  }

  get positions(): readonly Position[] {
    const row = (botId: string, symbol: string, quantity: number, average: number): Position => {
      const mark = this.bars.get(symbol)?.at(-1)?.closeNanos ?? 0;
      return {
        accountId: ACCOUNT,
        botId,
        symbol,
        quantity,
        averagePriceNanos: cents(average) + 3_333_333,
        markPriceNanos: mark,
        marketValueMicros: (quantity * mark) / 1_000,
        unrealisedMicros: (quantity * (mark - cents(average))) / 1_000,
        realisedMicros: quantity * 1_130_000,
        feesMicros: 1_400_000,
      };
    };
    return [
      row('rsi-tech', 'AAPL', 60, 242.61),
      row('rsi-tech', 'NVDA', -80, 138.77),
      row('sma-index', 'SPY', 45, 592.9),
    ];
  }

  get orders(): readonly Order[] {
    const order = (orderId: string, fields: Partial<Order>): Order => ({
      orderId,
      accountId: ACCOUNT,
      botId: 'rsi-tech',
      symbol: 'AAPL',
      side: 'buy',
      quantity: 40,
      type: 'limit',
      limitPriceNanos: cents(241.8),
      timeInForce: 'day',
      decidedAtUs: this.nowUs - 3 * MINUTE_US,
      state: 'accepted',
      filledQuantity: 0,
      version: 3,
      ...fields,
    });
    return [
      order('open-1', {}),
      order('open-2', {
        symbol: 'MSFT',
        side: 'sell',
        state: 'partiallyFilled',
        filledQuantity: 15,
      }),
      order('open-3', {
        symbol: 'NVDA',
        state: 'unknown',
        reason: 'the broker gave no answer in time',
      }),
    ];
  }

  get bots(): readonly Bot[] {
    const bot = (botId: string, fields: Partial<Bot>): Bot => ({
      botId,
      accountId: ACCOUNT,
      strategy: 'sma-cross',
      params: { fast: 10, slow: 30 },
      symbols: ['SPY'],
      timeframe: '1m',
      feed: 'demo',
      sizingText: '10% of equity',
      state: 'running',
      restarts: 0,
      lastSliceEndUs: this.nowUs,
      ...fields,
    });
    return [
      bot('sma-index', {}),
      bot('rsi-tech', {
        strategy: 'rsi-reversion',
        symbols: ['AAPL', 'MSFT', 'NVDA'],
        params: { length: 14 },
      }),
      bot('breakout', { state: 'paused', strategy: 'donchian-breakout', symbols: ['NVDA'] }),
      bot('drift-test', {
        state: 'crashed',
        restarts: 3,
        error: 'sma-cross: fast must be below slow (30 and 10).',
      }),
    ];
  }

  get signals(): readonly Signal[] {
    const signal = (botId: string, fields: Partial<Signal>): Signal => ({
      signalId: `signal-${botId}`,
      botId,
      accountId: ACCOUNT,
      symbol: 'SPY',
      barEndUs: this.nowUs - 4 * MINUTE_US,
      direction: 'long',
      strength: 1,
      reason: 'sma 10 (592.41) crossed above sma 30 (592.18)',
      ...fields,
    });
    return [
      signal('sma-index', {}),
      signal('rsi-tech', {
        symbol: 'NVDA',
        direction: 'short',
        reason: 'rsi 14 is 74.2, above 70',
      }),
      signal('breakout', {
        symbol: 'NVDA',
        direction: 'flat',
        reason: 'close left the 20-bar channel',
      }),
    ];
  }

  get denials(): readonly Denial[] {
    const rows = [
      ['max-symbol-notional', 'AAPL', 'would hold 26,140.00 of AAPL; the limit is 25,000.00'],
      ['market-hours', 'SPY', 'the session ends in 40 s; entries are denied'],
      ['buying-power', 'MSFT', 'needs 18,420.10; 12,004.55 is free after reservations'],
    ] as const;
    return rows.map(([policy, symbol, reason], index) => ({
      denialId: `denial-${index}`,
      accountId: ACCOUNT,
      botId: index === 1 ? 'sma-index' : 'rsi-tech',
      symbol,
      policy,
      reason,
      decidedAtUs: this.nowUs - (index * 11 + 2) * MINUTE_US,
    }));
  }

  get why(): readonly WhyEntry[] {
    const at = (minutes: number): number => this.nowUs - minutes * MINUTE_US;
    const row = (kind: WhyEntry['kind'], minutes: number, text: string, reason = ''): WhyEntry => ({
      atUs: at(minutes),
      kind,
      symbol: 'AAPL',
      text,
      reason,
      causeId: `cause-${minutes}`,
      id: `${kind}-${minutes}`,
    });
    return [
      row('fill', 2, 'Bought 40 AAPL at 242.61, fee 0.35'),
      row('order', 3, 'Buy 40 AAPL at market: filled'),
      row('signal', 3, 'Wants long AAPL, close 242.58', 'rsi 14 is 28.4, below 30'),
      row(
        'denied',
        14,
        'Denied by max-symbol-notional: AAPL',
        'would hold 26,140.00; the limit is 25,000.00',
      ),
      row('signal', 14, 'Wants long AAPL, close 242.90', 'rsi 14 is 29.7, below 30'),
    ];
  }

  get overview(): Overview {
    const sum = (pick: (one: Position) => number | undefined): number =>
      this.positions.reduce((total, one) => total + (pick(one) ?? 0), 0);
    const cashMicros = 61_248_310_000;
    const marketValueMicros = sum((one) => one.marketValueMicros);
    return {
      dryRun: false,
      runId: 'demo-2026-01-05',
      environment: 'paper',
      version: '0.1.0',
      actor: 'local',
      role: 'operator',
      instruments: SYMBOLS.map((symbol) => ({
        symbol,
        assetClass: 'equity',
        currency: 'USD',
        tickNanos: 10_000_000,
        quantityScale: 0,
        multiplier: 1,
        calendar: 'XNYS',
      })),
      accounts: [
        {
          accountId: ACCOUNT,
          venue: 'paper',
          mode: 'paper',
          currency: 'USD',
          cashMicros,
          marketValueMicros,
          equityMicros: cashMicros + marketValueMicros,
          realisedMicros: sum((one) => one.realisedMicros),
          unrealisedMicros: sum((one) => one.unrealisedMicros),
          feesMicros: sum((one) => one.feesMicros),
          complete: true,
        },
      ],
      killSwitches: [
        {
          ...{ accountId: ACCOUNT, mode: 'off', actor: '', reason: '', sinceUs: 0 },
          ...{ foreign: false, unsaved: false, progress: '' },
        },
      ],
      breakers: [
        {
          ...{ accountId: ACCOUNT, open: false, failures: 0, failuresMax: 5 },
          ...{ reason: '', sinceUs: 0 },
        },
      ],
      feeds: [
        {
          feed: 'demo',
          venue: 'SYNTHETIC',
          runId: 'demo-2026-01-05',
          symbols: [...SYMBOLS],
          lastSliceEndUs: this.nowUs,
          slicesPublished: this.minute,
          finished: false,
          waitingFor: [],
        },
      ],
      problems: [],
    };
  }
}
