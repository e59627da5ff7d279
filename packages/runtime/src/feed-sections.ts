import { z } from 'zod';
import { decimal, name } from './schema-fields.ts';

const syntheticSymbol = z.strictObject({
  symbol: name(),
  startPrice: decimal().default('100'),
  annualVolatility: z.number().positive().max(5).default(0.2),
  marketShare: z.number().min(0).max(1).default(0.6),
  dailyVolume: z.int().min(1).default(2_000_000),
});

const columns = z.strictObject({
  symbol: z.string().optional(),
  time: z.string().optional(),
  open: z.string().optional(),
  high: z.string().optional(),
  low: z.string().optional(),
  close: z.string().optional(),
  volume: z.string().optional(),
});

const speed = z.union([z.literal('max'), z.number().positive().max(1_000_000)]);

const fileFeed = z.strictObject({
  kind: z.literal('file'),
  feed: name(),
  venue: name().default('FILE'),
  paths: z.array(z.string().min(1)).min(1),
  columns: columns.default({}),
  symbol: name().optional(),
  timeFormat: z.enum(['us', 'ms', 's', 'iso']).optional(),
  stamp: z.enum(['start', 'end']).default('start'),
  hours: z.enum(['regular', 'all']).default('regular'),
  historySessions: z.int().min(0).max(100).default(0),
  speed: speed.default(60),
});

const generatorFeed = z.strictObject({
  kind: z.literal('generator'),
  feed: name(),
  venue: name().default('SYNTHETIC'),
  seed: z.int().default(7),
  startDate: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}$/)
    .default('2026-01-05'),
  calendar: z.enum(['XNYS', 'XNAS', '24x7']).default('XNYS'),
  symbols: z.array(syntheticSymbol).min(1),
  historySessions: z.int().min(0).max(100).default(1),
  /** Ends the feed after so many slices; it goes on for ever without it. */
  slicesMax: z.int().min(1).optional(),
  speed: speed.default(60),
});

/** Vendors whose bars come live. */
export const LIVE_PROVIDERS = ['alpaca', 'polygon'] as const;

const milliseconds = (least: number) => z.int().min(least).max(1_800_000);

const nearMoney = z.strictObject({
  underlying: name().default('QQQ').describe('Whose options are quoted.'),
  strikes: z
    .int()
    .min(1)
    .max(50)
    .default(5)
    .describe('How many strikes on each side of the price.'),
});

const venueFeed = z.strictObject({
  kind: z.literal('venue'),
  feed: name(),
  provider: z.enum(LIVE_PROVIDERS).describe('Whose bars: by the keys that the environment holds.'),
  venue: name()
    .optional()
    .describe("Under which name bars are published and kept; the provider's unless given."),
  symbols: z
    .array(name())
    .default([])
    .describe('Symbols beside those that bots on the feed trade or read.'),
  from: z
    .enum(['bars', 'seconds', 'trades', 'quotes'])
    .default('bars')
    .describe(
      "What one-minute bars are made of: the vendor's own, its bars of a second (Polygon), its trades, or quotes' middle.",
    ),
  hours: z
    .enum(['regular', 'extended'])
    .default('regular')
    .describe('Minutes of the regular session, or from 04:00 to 20:00 in New York too.'),
  source: z
    .string()
    .optional()
    .describe('Of Alpaca: iex (unless given), sip or delayed_sip, as the plan grants.'),
  stream: z
    .enum(['websocket', 'poll'])
    .default('websocket')
    .describe('How it comes: by a stream, or asked for minute by minute.'),
  requestsPerMinute: z.int().min(1).max(100_000).optional().describe('What the plan grants.'),
  graceMs: milliseconds(0)
    .default(4_000)
    .describe('How long bars of a minute are waited for after its end.'),
  settleMs: milliseconds(0)
    .default(5_000)
    .describe("How long after a minute the vendor's history has it."),
  staleSeconds: z
    .int()
    .min(5)
    .max(86_400)
    .default(120)
    .describe('How long nothing may come while a market is open.'),
  historySessions: z
    .int()
    .min(0)
    .max(100)
    .default(5)
    .describe('Whole sessions that are fetched before a symbol begins: bots warm up on them.'),
  quotes: z.boolean().default(false).describe('True publishes quotes of its symbols too.'),
  quotesEveryMs: milliseconds(10)
    .default(250)
    .describe('How often the newest quotes go out; those between are left out.'),
  options: nearMoney
    .optional()
    .describe("Of Polygon: quotes of an underlying's nearest options go out too."),
  record: z
    .string()
    .min(1)
    .optional()
    .describe('The folder of a lake that its bars are appended to.'),
});

/** Where bars come from. */
export const feedSection = z
  .discriminatedUnion('kind', [fileFeed, generatorFeed, venueFeed])
  .transform((feed, context) => {
    if (feed.kind !== 'venue') return feed;
    if (feed.options !== undefined && feed.provider !== 'polygon') {
      const message = `${feed.provider} streams no options beside equities; polygon does`;
      context.addIssue({ code: 'custom', path: ['options'], message });
      return z.NEVER;
    }
    if (feed.from === 'seconds' && feed.provider !== 'polygon') {
      const message = `${feed.provider} has no bars of one second; polygon does. Make its minutes of \`trades\`, or take its \`bars\``;
      context.addIssue({ code: 'custom', path: ['from'], message });
      return z.NEVER;
    }
    return { ...feed, venue: feed.venue ?? feed.provider.toUpperCase() };
  });

export type FeedConfig = z.output<typeof feedSection>;
export type VenueFeedConfig = Extract<FeedConfig, { kind: 'venue' }>;

/** Tells whether a feed is played, so that the time of the run is that of its bars; a live one follows the clock on the wall. */
export function isPlayed({ kind }: Pick<FeedConfig, 'kind'>): boolean {
  return kind !== 'venue';
}

/** Returns the symbols that a feed names itself; a file may hold others. */
export function symbolsOf(feed: FeedConfig): readonly string[] {
  if (feed.kind === 'venue') return feed.symbols;
  if (feed.kind === 'generator') return feed.symbols.map(({ symbol }) => symbol);
  return feed.symbol === undefined ? [] : [feed.symbol];
}

/** Returns the milliseconds between two one-minute slices; 0 for as fast as they complete. */
export function intervalMsOf(feed: FeedConfig): number {
  if (feed.kind === 'venue') return 60_000;
  return feed.speed === 'max' ? 0 : 60_000 / feed.speed;
}
