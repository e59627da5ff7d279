import { TIMEFRAMES } from '@capstan/domain';
import { TICK_KINDS } from '@capstan/lake';
import { BAR_ADJUSTMENTS } from '@capstan/ports';
import { MARKET_DATA_PROVIDERS } from '@capstan/venues';
import { z } from 'zod';

const SYMBOLS_MAX = 10_000;

const symbol = () => z.string().min(1).max(64);
const date = () => z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'a date such as 2024-01-31');

/** What `capstan fetch` reads. */
export const fetchSchema = z.strictObject({
  provider: z
    .enum(MARKET_DATA_PROVIDERS)
    .describe(
      'The vendor. Its keys come from the environment; yahoo needs none. polygon-flat-files reads whole days of polygon.',
    ),
  symbol: symbol().optional().describe('One symbol.'),
  symbols: z.array(symbol()).min(1).max(SYMBOLS_MAX).optional().describe('Several symbols.'),
  timeframe: z.enum(TIMEFRAMES).describe('The length of a bar.'),
  ticks: z
    .array(z.enum(TICK_KINDS))
    .default([])
    .describe(
      'Trades and quotes too, by day, beside the bars: of alpaca, polygon and its flat files.',
    ),
  start: date().describe('The first day.'),
  end: date()
    .optional()
    .describe('The last day, included; the last one that is over unless given.'),
  adjust: z
    .enum(BAR_ADJUSTMENTS)
    .default('raw')
    .describe(
      'What the vendor does to prices: raw nothing, split restates by splits, all by dividends too. Only raw bars bring corporate actions along.',
    ),
  feed: z
    .string()
    .optional()
    .describe('Of alpaca: iex, which every plan has and is the default, or sip.'),
  venue: symbol()
    .optional()
    .describe(
      'The venue of the lake under which the bars stand; of the provider and its feed unless given.',
    ),
  requestsPerMinute: z
    .int()
    .min(1)
    .max(100_000)
    .optional()
    .describe('What the plan grants; what every plan grants unless given.'),
  onAnomaly: z
    .array(z.string())
    .default([])
    .describe('Rules for rows that are not as they should be, such as ohlc=drop.'),
});
export type FetchFile = z.output<typeof fetchSchema>;

/** The schema for editors and for messages. */
export function fetchJsonSchema(): Readonly<Record<string, unknown>> {
  return {
    title: 'Capstan fetch',
    description: 'History from a vendor into the lake: capstan fetch --config <file>',
    ...z.toJSONSchema(fetchSchema, { io: 'input' }),
  };
}

/** The JSON Schema as `configs/fetch.schema.json` keeps it. */
export function fetchSchemaText(): string {
  return `${JSON.stringify(fetchJsonSchema(), null, 2)}\n`;
}
