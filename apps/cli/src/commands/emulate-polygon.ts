import { dateOfDay, getCalendar, newYorkDayOf } from '@capstan/calendar';
import { timeUs, US_PER_MINUTE } from '@capstan/domain';
import { type PolygonEmulator, startPolygonEmulator } from '@capstan/emulators';
import { type Command, InvalidArgumentError } from 'commander';
import { timeText } from '../console/table.ts';
import type { CommandContext } from '../program.ts';
import { countArgument, portArgument } from './arguments.ts';
import { Interrupts } from './interrupts.ts';

interface Options {
  readonly port: number;
  readonly seed: number;
  readonly symbols: readonly string[];
  readonly start?: number;
  readonly speed: number;
  readonly days: number;
}

/** How arguments are read that all emulators have. */
export interface EmulateArguments {
  readonly symbols: (text: string) => readonly string[];
  readonly start: (text: string) => number;
  readonly speed: (text: string) => number;
  /** Resolves with the first signal. */
  readonly ended: (...signals: readonly (AbortSignal | undefined)[]) => Promise<void>;
}

const PORT = 9481;
const SYMBOLS = ['AAPL', 'MSFT', 'QQQ', 'SPY'];
const DAYS = 30;
const DAYS_MAX = 1_000;
const KEY = 'EMULATOR';
const MINUTE_MS = 60_000;

const HELP = `
It speaks the protocols of Polygon (Massive): REST, streams of stocks, options and indices, and flat files on an
S3-like store, over a market that follows from --seed. Options are listed on every symbol.

Examples:
  capstan emulate polygon --start 2026-01-05T09:30 --speed 60
  capstan emulate polygon --symbols QQQ,SPY --days 250

While it runs it can be made to fail (docs/polygon.md lists how):
  curl -X POST http://127.0.0.1:${PORT}/_control/streams -H 'content-type: application/json' \\
    -d '{"cluster":"stocks","act":"drop"}'`;

/** Adds `emulate polygon`. */
export function addEmulatePolygon(
  emulate: Command,
  context: CommandContext,
  { symbols, start, speed, ended }: EmulateArguments,
): void {
  emulate
    .command('polygon')
    .description('a Polygon of its own: market data, streams and flat files on one port')
    .option('--port <port>', 'where it listens; 0 for any', portArgument, PORT)
    .option('--seed <number>', 'what its prices follow from', countArgument, 1)
    .option('--symbols <list>', 'listed symbols, such as QQQ,SPY', symbols, SYMBOLS)
    .option(
      '--start <time>',
      "when its clock starts, New York's time, such as 2026-01-05T09:30",
      start,
    )
    .option('--speed <times>', "how much faster than the wall's its clock runs", speed, 1)
    .option('--days <count>', 'days of history before its start', daysArgument, DAYS)
    .addHelpText('after', HELP)
    .action((options: Options) => emulatePolygon(options, context, ended));
}

async function emulatePolygon(
  options: Options,
  { output }: CommandContext,
  ended: EmulateArguments['ended'],
): Promise<void> {
  const { port, seed, symbols, speed, days, start = Date.now() * 1_000 } = options;
  const interrupts = new Interrupts();
  const nowUs = timeUs(start - (start % US_PER_MINUTE));
  const emulator = await startPolygonEmulator({
    ...{ port, nowUs, keys: [KEY], s3AccessKeyId: KEY, minuteMs: MINUTE_MS / speed },
    world: {
      ...{ seed, calendar: getCalendar('XNYS'), optionable: symbols },
      startDate: dateOfDay(newYorkDayOf(nowUs) - days),
      symbols: symbols.map((symbol) => ({ symbol, startPrice: priceOf(symbol) })),
    },
  });
  output.out(startText(emulator));
  await ended(interrupts.signal, output.closed);
  interrupts.end();
  await emulator.close();
  output.err('ended; nothing is kept');
}

function startText({ url, streamUrl, s3Url, control }: PolygonEmulator): string {
  const isOpen = getCalendar('XNYS').isOpen(control.nowUs);
  return `An emulated Polygon listens on ${url}. Its clock shows ${timeText(control.nowUs)} UTC: the market is ${isOpen ? 'open' : 'closed'}.

Put this into the environment of who is to use it:
  POLYGON_API_KEY=${KEY}
  POLYGON_BASE_URL=${url}
  POLYGON_STOCK_WS_URL=${streamUrl}/stocks
  POLYGON_OPTIONS_WS_URL=${streamUrl}/options
  POLYGON_INDICES_WS_URL=${streamUrl}/indices
  POLYGON_S3_ENDPOINT=${s3Url}
  POLYGON_S3_ACCESS_KEY_ID=${KEY}
  POLYGON_S3_SECRET_ACCESS_KEY=emulator-secret

Ctrl-C ends it.`;
}

/** A price that follows from the name, between 50 and 550. */
function priceOf(symbol: string): number {
  const code = [...symbol].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 500, 7);
  return 50 + code;
}

function daysArgument(text: string): number {
  const days = countArgument(text);
  if (days >= 1 && days <= DAYS_MAX) return days;
  throw new InvalidArgumentError(`It must be 1 to ${DAYS_MAX}.`);
}
