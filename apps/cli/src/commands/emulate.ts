import { dayNumber, getCalendar, newYorkTimeUs } from '@capstan/calendar';
import {
  type AlpacaEmulator,
  type ClockSettings,
  type DataPlan,
  EMULATOR_KEYS,
  startAlpacaEmulator,
} from '@capstan/emulators';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { timeText } from '../console/table.ts';
import type { CommandContext } from '../program.ts';
import { countArgument, dateArgument, portArgument } from './arguments.ts';
import { addEmulatePolygon } from './emulate-polygon.ts';
import { Interrupts } from './interrupts.ts';

interface Options {
  readonly port: number;
  readonly host: string;
  readonly seed: number;
  readonly symbols?: readonly string[];
  readonly start?: number;
  readonly speed: number;
  readonly stepped?: boolean;
  readonly plan: DataPlan;
  readonly cash: number;
  readonly regularHours?: boolean;
  readonly live?: boolean;
  readonly state?: string;
}

const PORT = 9480;
const OPEN_MINUTE = 9 * 60 + 30;

const HELP = `
It speaks Alpaca's own protocols, so the vendor's SDKs and your own bots talk to it unchanged: orders, positions,
activities, bars, trades, quotes, options, corporate actions, the stream of order updates and those of market data.
Prices follow from --seed: the same seed has the same history and the same future. It trades as New York does;
without --start its clock is yours, so at night and at weekends its market is closed.

Examples:
  capstan emulate alpaca
  capstan emulate alpaca --start 2026-01-05T09:30 --speed 60
  capstan emulate alpaca --symbols AAPL,MSFT,ACME --plan free --state alpaca.jsonl

While it runs it can be made to fail (docs/emulators.md lists how), and told what was asked of it:
  curl -X POST http://127.0.0.1:${PORT}/_control/faults -H 'content-type: application/json' \\
    -d '{"kind":"status","status":429,"retryAfterSeconds":2,"times":3}'
  curl http://127.0.0.1:${PORT}/_control/requests?containing=/v2/orders
  curl -X POST http://127.0.0.1:${PORT}/_control/step -H 'content-type: application/json' -d '{"minutes":5}'`;

/** Adds `emulate` and the vendors that it stands for. */
export function addEmulateCommands(program: Command, context: CommandContext): void {
  const emulate = program
    .command('emulate')
    .description("stand for a vendor at its own protocols, to try bots without the vendor's");
  emulate
    .command('alpaca')
    .description('an Alpaca of its own: trading, market data and streams on one port')
    .option('--port <port>', 'where it listens; 0 for any', portArgument, PORT)
    .option('--host <host>', 'the address that it listens on', '127.0.0.1')
    .option('--seed <number>', 'what its prices follow from', countArgument, 1)
    .option(
      '--symbols <list>',
      'listed symbols, such as AAPL,SPY (default: some well known)',
      symbols,
    )
    .option(
      '--start <time>',
      "when its clock starts, New York's time, such as 2026-01-05T09:30",
      start,
    )
    .option('--speed <times>', "how much faster than the wall's its clock runs", speed, 1)
    .option('--stepped', 'its clock stands still until /_control/step moves it')
    .addOption(
      new Option('--plan <plan>', 'what its plan of market data holds')
        .choices(['free', 'paid'])
        .default('paid'),
    )
    .option('--cash <dollars>', 'what its account begins with', countArgument, 100_000)
    .option('--regular-hours', 'nothing trades before the open and after the close')
    .option('--live', 'stand for the host of live money, whose order updates are text')
    .option('--state <file>', 'keep accounts and orders in a file, and go on from it')
    .addHelpText('after', HELP)
    .action((options: Options) => emulateAlpaca(options, context));
  addEmulatePolygon(emulate, context, { symbols, start, speed, ended });
}

async function emulateAlpaca(options: Options, { output }: CommandContext): Promise<void> {
  const { port, host, seed, symbols: listed, plan, cash, live, state } = options;
  const emulator = await startAlpacaEmulator({
    ...{ port, host, seed, plan, clock: clockOf(options) },
    accounts: [{ ...EMULATOR_KEYS, cash }],
    extendedHours: options.regularHours !== true,
    live: live === true,
    ...(listed === undefined ? {} : { symbols: listed }),
    ...(state === undefined ? {} : { stateFile: state }),
  });
  const interrupts = new Interrupts();
  output.out(startText(emulator));
  await ended(interrupts.signal, output.closed);
  interrupts.end();
  await emulator.close();
  output.err(state === undefined ? 'ended; nothing is kept' : `ended; ${state} keeps its state`);
}

function startText(emulator: AlpacaEmulator): string {
  const now = timeText(emulator.control.nowUs());
  const isOpen = getCalendar('XNYS').isOpen(emulator.control.nowUs());
  return `An emulated Alpaca listens on ${emulator.url}. Its clock shows ${now} UTC: the market is ${isOpen ? 'open' : 'closed'}.

Put this into the environment of who is to use it:
  ALPACA_KEY_ID=${EMULATOR_KEYS.keyId}
  ALPACA_SECRET_KEY=${EMULATOR_KEYS.secretKey}
  ALPACA_BASE_URL=${emulator.url}
  ALPACA_DATA_URL=${emulator.url}
  ALPACA_DATA_STREAM_URL=${emulator.dataStreamUrl}

Ctrl-C ends it.`;
}

function clockOf({ start: startUs, speed: times, stepped }: Options): ClockSettings {
  if (stepped === true) {
    return { kind: 'stepped', startUs: startUs ?? Date.now() * 1_000 };
  }
  return { kind: 'real', speed: times, ...(startUs === undefined ? {} : { startUs }) };
}

/** Resolves with the first signal. */
function ended(...signals: readonly (AbortSignal | undefined)[]): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of signals) signal?.addEventListener('abort', () => resolve());
    if (signals.some((signal) => signal?.aborted)) resolve();
  });
}

function symbols(text: string): readonly string[] {
  const list = text.split(',').map((symbol) => symbol.trim().toUpperCase());
  if (list.includes('')) throw new InvalidArgumentError('It must be a list such as AAPL,SPY.');
  return list;
}

function speed(text: string): number {
  const times = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (times > 0 && times <= 10_000) return times;
  throw new InvalidArgumentError('It must be a number such as 60, at most 10000.');
}

/** Reads a date, or a date and a time, by New York's clocks; a date alone is its open. */
function start(text: string): number {
  const match = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}):([0-5]\d))?$/.exec(text);
  if (match === null) {
    throw new InvalidArgumentError("It must be New York's time, such as 2026-01-05T09:30.");
  }
  const date = dateArgument(match[1] ?? '');
  const minute = match[2] === undefined ? OPEN_MINUTE : Number(match[2]) * 60 + Number(match[3]);
  if (minute < 3 * 60 || minute >= 24 * 60) {
    throw new InvalidArgumentError('Its time must be 03:00 to 23:59.');
  }
  return newYorkTimeUs(dayNumber(date), minute);
}
