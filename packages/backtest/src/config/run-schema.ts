import { METRICS, type MetricKey } from '@capstan/analytics';
import { CALENDAR_NAMES } from '@capstan/calendar';
import {
  ASSET_CLASSES,
  EQUITY_FRACTION_MAX,
  readSizing,
  SIZING_DEFAULTS,
  TIMEFRAMES,
} from '@capstan/domain';
import { FILL_TIMES, HALT_SPANS, INDICATOR_ADJUSTMENTS, LIMIT_FILLS } from '@capstan/engine';
import { ADJUSTMENTS, ALIGNMENTS, TIME_FORMATS } from '@capstan/lake';
import { z } from 'zod';
import { KEPT_RUNS_MAX, SYMBOLS_MAX, SYNTHETIC_SESSIONS_MAX, WARMUP_BARS_MAX } from '../limits.ts';
import { riskSection as risk } from './risk-section.ts';

/** Where bars come from. */
export const PROVIDERS = ['files', 'lake', 'synthetic'] as const;
export type Provider = (typeof PROVIDERS)[number];

/** Bars that a run plays: those of the regular session, or all there are. */
export const HOURS = ['regular', 'all'] as const;

const METRIC_KEYS = METRICS.map(({ key }) => key) as [MetricKey, ...MetricKey[]];

const symbol = () => z.string().min(1).max(64);
const date = () => z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'a date such as 2024-01-31');
/** Money and prices keep their decimals: a text or a number. */
const decimal = () =>
  z.union([
    z.string().regex(/^\d+(\.\d+)?$/, 'a plain decimal such as 100000 or 0.01'),
    z.number().min(0),
  ]);
const value = () => z.union([z.number(), z.string(), z.boolean()]);

const range = z.strictObject({
  from: z.number().describe('The first value.'),
  to: z.number().describe('The last value; it is one of them where whole steps reach it.'),
  step: z.number().positive().default(1).describe('From one value to the next.'),
});

const params = z
  .record(z.string(), z.union([value(), z.array(value()).min(1), range]))
  .default({})
  .describe(
    'Parameters of the strategy: a value, a list of values, or a range { from, to, step }. Lists and ranges make a sweep over all combinations.',
  );

const file = z.strictObject({
  columns: z
    .strictObject({
      symbol: z.string().optional().describe('Column of the symbol.'),
      time: z.string().optional().describe('Column of the time.'),
      open: z.string().optional().describe('Column of the open.'),
      high: z.string().optional().describe('Column of the high.'),
      low: z.string().optional().describe('Column of the low.'),
      close: z.string().optional().describe('Column of the close.'),
      volume: z.string().optional().describe('Column of the volume.'),
    })
    .optional()
    .describe('Names of columns that are not recognised by themselves.'),
  timeFormat: z.enum(TIME_FORMATS).optional().describe('How times are written.'),
  timeZone: z.string().optional().describe('The IANA zone of times that name none.'),
  stamp: z
    .enum(['start', 'end'])
    .optional()
    .describe('What a time stamps: start of a bar, or end.'),
  symbol: z.string().optional().describe('The symbol of every row, where no column names it.'),
  holds: z
    .enum(HOURS)
    .default('all')
    .describe(
      'What trades the bars hold: regular cuts a bar across the open or close to the session.',
    ),
  adjustment: z
    .enum(ADJUSTMENTS)
    .default('raw')
    .describe('What was done to the prices. Only raw prices go with corporate actions.'),
  alignment: z
    .enum(ALIGNMENTS)
    .optional()
    .describe("Whether longer bars count from the session's open or lie on the clock."),
  onAnomaly: z
    .array(z.string())
    .default([])
    .describe('Rules for rows that are not as they should be, such as ohlc=drop.'),
});

const instrument = z.strictObject({
  assetClass: z.enum(ASSET_CLASSES).default('equity').describe('What kind of instrument it is.'),
  currency: z.string().length(3).default('USD').describe('The currency of its prices.'),
  tick: decimal().default('0.01').describe('The smallest step of its price.'),
  quantityScale: z.int().min(0).max(9).default(0).describe('Decimals of a quantity.'),
  lot: z.int().min(1).default(1).describe('The smallest quantity, at its scale.'),
  multiplier: z.int().min(1).default(1).describe('Worth of one unit in units of price.'),
  calendar: z.enum(CALENDAR_NAMES).default('XNYS').describe('When it trades.'),
});

const commission = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('none').describe('No commission.') }),
    z.strictObject({
      kind: z.literal('perOrder').describe('An amount an order.'),
      fee: decimal().describe('Money an order.'),
    }),
    z.strictObject({
      kind: z.literal('perUnit').describe('An amount a share or contract.'),
      fee: decimal().describe('Money a share or contract.'),
      minimum: decimal().default(0).describe('The least an order costs.'),
    }),
    z.strictObject({
      kind: z.literal('bps').describe('Basis points of the notional.'),
      feeBps: z.number().min(0).max(10_000).describe('Basis points of the notional.'),
      minimum: decimal().default(0).describe('The least an order costs.'),
    }),
  ])
  .default({ kind: 'none' })
  .describe('What the broker charges.');

const slippage = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('none').describe('No slippage.') }),
    z.strictObject({
      kind: z.literal('bps').describe('Basis points of the price.'),
      slippageBps: z.number().min(0).max(10_000).describe('Basis points of the price.'),
    }),
    z.strictObject({
      kind: z.literal('ticks').describe('Ticks of the instrument.'),
      slippageTicks: z.int().min(0).max(10_000).describe('Ticks of the instrument.'),
    }),
  ])
  .default({ kind: 'none' })
  .describe('How much worse than the bar market and stop orders fill.');

const bars = (least: number) => z.int().min(least).max(10_000);
const maxFraction = () =>
  z
    .number()
    .positive()
    .max(EQUITY_FRACTION_MAX)
    .default(SIZING_DEFAULTS.maxFraction)
    .describe('At most so much of the equity: 1 is all of it, without credit.');

const sizing = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('fixedQuantity').describe('Always the same quantity.'),
      quantity: decimal().describe('Shares or contracts.'),
    }),
    z.strictObject({
      kind: z.literal('fixedNotional').describe('Always the same money.'),
      notional: decimal().describe('Money that a position is worth at the deciding close.'),
    }),
    z.strictObject({
      kind: z.literal('equityFraction').describe('A fraction of the equity.'),
      fraction: z.number().positive().max(100).describe('Of the equity: 0.1 is a tenth.'),
    }),
    z.strictObject({
      kind: z.literal('cashFraction').describe('A fraction of the free cash.'),
      fraction: z.number().positive().max(1).describe('Of the free cash: 1 is all of it.'),
      feeBps: z.number().min(0).max(10_000).default(0).describe('Kept free for a commission.'),
    }),
    z.strictObject({
      kind: z.literal('atrRisk').describe('What may lose so much by the stop, or by ranges.'),
      riskFraction: z
        .number()
        .positive()
        .max(1)
        .optional()
        .describe('Of the equity, that a trade may lose: 0.01 is one percent. This or risk.'),
      risk: decimal().optional().describe('Money that a trade may lose. This or riskFraction.'),
      atrBars: bars(1).default(SIZING_DEFAULTS.atrBars).describe('Bars of the average true range.'),
      atrMultiple: z
        .number()
        .min(0.01)
        .max(100)
        .default(SIZING_DEFAULTS.atrMultiple)
        .describe('Ranges that it may lose, where the strategy sets no protective stop.'),
      maxFraction: maxFraction(),
    }),
    z.strictObject({
      kind: z.literal('volatilityTarget').describe('What moves so much of the equity a year.'),
      annualVolatility: z
        .number()
        .positive()
        .max(10)
        .describe('Of the equity: 0.1 is ten percent.'),
      lookbackBars: bars(2)
        .default(SIZING_DEFAULTS.lookbackBars)
        .describe('Bars that the volatility is measured over.'),
      maxFraction: maxFraction(),
    }),
  ])
  .superRefine((given, context) => {
    if (given.kind === 'fixedQuantity') return;
    const read = readSizing(given);
    if (read.kind === 'sizing') return;
    context.addIssue({ code: 'custom', path: [read.key], message: read.rule });
  })
  .default({ kind: 'equityFraction', fraction: 0.95 })
  .describe('How much is traded at full strength.');

const fraction = (most: number) => z.number().min(0).max(most);

const portfolio = z
  .strictObject({
    weights: z
      .discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('equal').describe('The same for each symbol.') }),
        z.strictObject({
          kind: z.literal('inverseVolatility').describe('By one over the volatility of returns.'),
          lookbackBars: z.int().min(2).describe('Bars that the volatility is measured over.'),
        }),
        z.strictObject({
          kind: z.literal('momentumRanking').describe('The same for each of the strongest.'),
          lookbackBars: z.int().min(2).describe('Bars that the return is measured over.'),
          top: z.int().min(1).describe('How many are held.'),
          minReturnFraction: z.number().optional().describe('Only symbols that moved more.'),
        }),
      ])
      .describe('How equity is shared among the symbols that the strategy has an opinion of.'),
    rebalance: z
      .discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('onSignal').describe('At every change of opinion.') }),
        z.strictObject({
          kind: z.literal('everyBars').describe('At every so many bars.'),
          bars: z.int().min(1).describe('How many.'),
        }),
        z.strictObject({ kind: z.literal('daily').describe('At the first bar of a session.') }),
        z.strictObject({ kind: z.literal('weekly').describe('At the first bar of a week.') }),
        z.strictObject({ kind: z.literal('monthly').describe('At the first bar of a month.') }),
      ])
      .describe('When weights are worked out anew.'),
    driftFraction: fraction(1)
      .optional()
      .describe('A position is left alone while its weight is off by no more.'),
    cashReserveFraction: fraction(1).optional().describe('Of the equity, never invested.'),
    maxWeightFraction: fraction(100).optional().describe('The most of one symbol.'),
    maxGrossFraction: fraction(100).optional().describe('The most of all; 1 unless given.'),
  })
  .optional()
  .describe('Spreads the account over the symbols by weights, instead of sizing each alone.');

const execution = z
  .strictObject({
    fillAt: z
      .enum(FILL_TIMES)
      .default('nextOpen')
      .describe('Where a market order fills that was decided at a close. sameClose flatters.'),
    closeAtEnd: z.boolean().default(false).describe('Sells everything at the last close.'),
    haltFor: z
      .enum(HALT_SPANS)
      .default('session')
      .describe(
        'What a daily loss of the account does: `session` as live, nothing is added until the next trade date; `run` closes everything and adds nothing any more.',
      ),
    indicatorsSee: z
      .enum(INDICATOR_ADJUSTMENTS)
      .default('splits')
      .describe('What of corporate actions indicators see.'),
    limitFill: z
      .enum(LIMIT_FILLS)
      .default('through')
      .describe('What has to trade before a limit fills: one tick beyond its price, or its price.'),
    maxVolumeFraction: z
      .number()
      .positive()
      .max(1)
      .optional()
      .describe("Share of a bar's volume that orders may take; no cap without it."),
  })
  .prefault({})
  .describe('How orders fill.');

const metrics = z
  .strictObject({
    show: z
      .array(z.enum(METRIC_KEYS))
      .min(1)
      .default(['totalReturn', 'cagr', 'sharpe', 'maxDrawdown', 'trades', 'profitFactor', 'costs'])
      .describe('What is printed; files have all.'),
    rankBy: z.enum(METRIC_KEYS).default('sharpe').describe('What a sweep ranks by.'),
    keep: z
      .int()
      .min(0)
      .max(KEPT_RUNS_MAX)
      .default(3)
      .describe('Runs of a sweep that are kept in full: the best ones.'),
    riskFreeAnnual: z
      .number()
      .min(-1)
      .max(1)
      .default(0)
      .describe('The riskless rate a year, as a fraction.'),
  })
  .prefault({})
  .describe('What is measured and shown.');

const paths = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);

/** A run as a file says it. Every key has a description; unknown keys are refused. */
export const runSchema = z.strictObject({
  provider: z.enum(PROVIDERS).describe('Where bars come from.'),
  path: paths
    .optional()
    .describe(
      'provider files: CSV (gz) or Parquet files, relative to this file; {symbol} stands for each symbol.',
    ),
  actions: paths
    .optional()
    .describe(
      'provider files: CSV files of splits and dividends; {symbol} stands for each symbol.',
    ),
  file: file
    .prefault({})
    .describe('How files are to be read; adjustment and alignment also of the lake.'),
  lake: z
    .string()
    .min(1)
    .default('data')
    .describe(
      'provider lake: its folder; where there is none CAPSTAN_LAKE, else ./data of the current folder.',
    ),
  venue: z.string().min(1).optional().describe('provider lake: the venue, where several have it.'),
  seed: z.int().min(0).default(7).describe('provider synthetic: what the bars are drawn from.'),
  sessions: z
    .int()
    .min(1)
    .max(SYNTHETIC_SESSIONS_MAX)
    .default(20)
    .describe('provider synthetic: sessions, where there is no end.'),
  instruments: z
    .record(z.string(), instrument)
    .default({})
    .describe('Symbols that are no plain US shares, by symbol.'),
  symbol: symbol().optional().describe('The symbol; all of the file where there is none.'),
  symbols: z.array(symbol()).min(1).max(SYMBOLS_MAX).optional().describe('Several symbols.'),
  timeframe: z.enum(TIMEFRAMES).describe('The bars at whose closes the strategy decides.'),
  hours: z
    .enum(HOURS)
    .default('regular')
    .describe('Whether bars outside the regular session are left out.'),
  start: date().optional().describe('The first date, in the time zone of the exchange.'),
  end: date().optional().describe('The last date, included.'),
  warmup: z
    .union([z.literal('auto'), z.int().min(0).max(WARMUP_BARS_MAX)])
    .default('auto')
    .describe(
      'Bars before start that warm indicators up, where the data has them: as many as everything needs, or so many.',
    ),
  strategy: z
    .string()
    .min(1)
    .describe('A strategy by name, or the file of your own, such as ./my-strategy.ts.'),
  params,
  cash: decimal().default('100000').describe('Money at the start.'),
  commission,
  slippage,
  sizing,
  portfolio,
  risk,
  execution,
  metrics,
  benchmark: z
    .string()
    .min(1)
    .default('hold')
    .describe(
      'hold: buying the symbols and holding them; none; another symbol of the same provider; or a file of daily bars.',
    ),
});

/** A run as its file says it, with the defaults filled in. */
export type RunFile = z.output<typeof runSchema>;
export type RangeOrList = z.output<typeof params>[string];

/** Returns the JSON Schema (draft 2020-12) of a run file, for editors. */
export function runJsonSchema(): Readonly<Record<string, unknown>> {
  return {
    title: 'Capstan run',
    description: 'A backtest or a sweep: capstan backtest --config <file>',
    ...z.toJSONSchema(runSchema, { io: 'input' }),
  };
}

/** The JSON Schema as `configs/run.schema.json` keeps it. */
export function runSchemaText(): string {
  return `${JSON.stringify(runJsonSchema(), null, 2)}\n`;
}
