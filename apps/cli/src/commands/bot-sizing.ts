import { AppError, readSizing, type SizingRule } from '@capstan/domain';
import type { CliErrorCode } from '../error-codes.ts';

/** The options of `bots create` that say how much the bot trades. */
export interface SizingOptions {
  readonly quantity?: number;
  readonly fraction?: string;
  readonly notional?: string;
  readonly cashFraction?: string;
  readonly feeBps?: string;
  readonly riskFraction?: string;
  readonly risk?: string;
  readonly atrBars?: string;
  readonly atrMultiple?: string;
  readonly volatility?: string;
  readonly lookbackBars?: string;
  readonly maxFraction?: string;
}

/** What each option is called in a sizing, and which kind it asks for where it alone tells. */
const OPTIONS: readonly {
  readonly name: keyof SizingOptions;
  readonly option: string;
  readonly key: string;
  readonly kind?: SizingRule['kind'];
}[] = [
  { name: 'quantity', option: '--quantity', key: 'quantity', kind: 'fixedQuantity' },
  { name: 'fraction', option: '--fraction', key: 'fraction', kind: 'equityFraction' },
  { name: 'notional', option: '--notional', key: 'notional', kind: 'fixedNotional' },
  { name: 'cashFraction', option: '--cash-fraction', key: 'fraction', kind: 'cashFraction' },
  { name: 'feeBps', option: '--fee-bps', key: 'feeBps' },
  { name: 'riskFraction', option: '--risk-fraction', key: 'riskFraction', kind: 'atrRisk' },
  { name: 'risk', option: '--risk', key: 'risk', kind: 'atrRisk' },
  { name: 'atrBars', option: '--atr-bars', key: 'atrBars' },
  { name: 'atrMultiple', option: '--atr-multiple', key: 'atrMultiple' },
  { name: 'volatility', option: '--volatility', key: 'annualVolatility', kind: 'volatilityTarget' },
  { name: 'lookbackBars', option: '--lookback-bars', key: 'lookbackBars' },
  { name: 'maxFraction', option: '--max-fraction', key: 'maxFraction' },
];
const TEXTS: readonly string[] = ['notional', 'risk'];

/** Reads how much the bot trades: a tenth of the equity where nothing is said. @throws CLI.USAGE naming the option */
export function sizingOf(options: SizingOptions): SizingRule {
  const given = OPTIONS.filter(({ name }) => options[name] !== undefined);
  const telling = given.filter(({ kind }) => kind !== undefined);
  const [first] = telling;
  const other = telling.find(({ kind }) => kind !== first?.kind);
  if (first !== undefined && other !== undefined) {
    throw usage(`Both ${first.option} and ${other.option} were given.`, 'Give one of them.');
  }
  const kind = first?.kind ?? 'equityFraction';
  const fields = given.map(({ name, key }) => {
    const value = options[name];
    return [key, TEXTS.includes(name) ? value : Number(value)] as const;
  });
  const fallback = first === undefined ? { fraction: 0.1 } : {};
  const read = readSizing({ kind, ...fallback, ...Object.fromEntries(fields) });
  if (read.kind === 'sizing') return read.sizing;
  const known = OPTIONS.filter((one) => one.key === read.key);
  const option = known.find((one) => one.kind === kind) ?? known[0];
  const why = `${option?.option ?? read.key} ${read.rule}.`;
  throw usage(why, 'See `capstan bots create --help`.');
}

function usage(why: string, fix: string): AppError {
  return new AppError({ code: 'CLI.USAGE' satisfies CliErrorCode, why, fix });
}
