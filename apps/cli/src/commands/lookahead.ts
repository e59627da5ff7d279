import { openStrategy } from '@capstan/backtest';
import { type Calendar, getCalendar } from '@capstan/calendar';
import { AppError, type Bar, parsePrice, type Timeframe, timeUs, usEquity } from '@capstan/domain';
import {
  columnsOfBars,
  findLookahead,
  LOOKAHEAD_TRIALS,
  type LookaheadLeak,
  type LookaheadReport,
  type LookaheadTrial,
  type SeriesColumns,
  utcText,
} from '@capstan/engine';
import { readBarsFromFile } from '@capstan/lake';
import {
  graphReferences,
  resolveParameters,
  type Strategy,
  strategyWarmup,
} from '@capstan/strategy';
import { syntheticSlices } from '@capstan/synthetic';
import type { Command } from 'commander';
import colors from 'picocolors';
import type { CommandContext } from '../program.ts';
import { countArgument, jsonOption } from './arguments.ts';
import { parameterPairs } from './bot-create.ts';
import { timeframeOption } from './data-options.ts';

interface Options {
  readonly param?: readonly string[];
  readonly bars?: string;
  readonly symbol?: string;
  readonly timeframe?: Timeframe;
  readonly cuts: number;
  readonly seed: number;
  readonly json?: boolean;
}

const CUTS = 12;
const SEED = 1;
const SESSION_MINUTES = 390;
const SESSIONS_BEYOND = 4;
const SYMBOL = 'SYNTH';
const START_DATE = '2024-01-02';
const START_PRICE = '100';

const EXAMPLES = `
Decides over the bars, then again over the same bars cut or changed after a time, told one by one, and a second time. A decision
that rests on what it could not know then moves. Without --bars it is tried on seeded sessions, as many as it needs.

Exit code 0 where nothing moved, 1 where something did.

Examples:
  capstan lookahead vwap-atr --param sides=both
  capstan lookahead ./my-strategy.ts --bars SPY.csv.gz --timeframe 1d --cuts 40`;

const TRIED: Readonly<Record<LookaheadTrial, string>> = {
  repeated: 'asked a second time over the same bars',
  streamed: 'told the bars one by one, as live',
  truncated: 'with the bars after the cut taken away',
  altered: 'with other bars after the cut',
};

/** Adds `lookahead`. */
export function addLookaheadCommand(program: Command, context: CommandContext): void {
  program
    .command('lookahead')
    .description('try whether a strategy knows the future')
    .argument('<strategy>', 'its name, or the path of a file that exports one')
    .option('--param <name=value...>', 'parameters of the strategy that are not the default')
    .option('--bars <file>', 'a file of bars (CSV, gz too, or Parquet) to try it on')
    .option('--symbol <symbol>', 'which symbol of the file')
    .addOption(timeframeOption())
    .option('--cuts <count>', 'times after which the future is changed', countArgument, CUTS)
    .option('--seed <number>', 'of the generated bars and futures', countArgument, SEED)
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action(async (named: string, options: Options) => {
      const strategy = await openStrategy(named);
      const params = resolveParameters(strategy, parameterPairs(options.param ?? []));
      const timeframe = options.timeframe ?? (options.bars === undefined ? '1m' : '1d');
      const calendar = getCalendar('XNYS');
      const warmup = strategyWarmup(strategy, params, timeframe);
      const read = [...graphReferences(strategy.indicators(params), timeframe).keys()];
      const known =
        options.bars === undefined
          ? generated(options.seed, warmup, calendar, read)
          : await fromFile(options, timeframe, read);
      const { bars } = known;
      const report = findLookahead({
        strategy,
        params,
        timeframe,
        calendar,
        ...known,
        cutRows: cutRows(bars.endUs.length, options.cuts),
        seed: options.seed,
      });
      if (report.decisions === 0) throw undecided(strategy, bars.endUs.length);
      context.output.out(
        options.json === true
          ? JSON.stringify({ strategy: strategy.name, bars: bars.endUs.length, ...report }, null, 2)
          : render(strategy, bars.endUs.length, report),
      );
      if (report.leaks.length > 0) context.exit(1);
    });
}

/** Cuts that are spread evenly, none of them at the very end. */
function cutRows(rows: number, cuts: number): readonly number[] {
  return Array.from({ length: cuts }, (_, index) =>
    Math.floor(((index + 1) * (rows - 1)) / (cuts + 1)),
  );
}

/** The bars that a strategy is tried on. */
interface TriedBars {
  readonly symbol: string;
  readonly bars: SeriesColumns;
  readonly references: ReadonlyMap<string, SeriesColumns>;
}

function generated(
  seed: number,
  warmupBars: number,
  calendar: Calendar,
  read: readonly string[],
): TriedBars {
  const rows = (Math.ceil(warmupBars / SESSION_MINUTES) + SESSIONS_BEYOND) * SESSION_MINUTES;
  const slices = syntheticSlices({
    feed: 'lookahead',
    seed,
    calendar,
    startDate: START_DATE,
    symbols: [SYMBOL, ...read].map((symbol) => ({
      instrument: usEquity(symbol),
      startPriceNanos: parsePrice(START_PRICE),
      annualVolatility: 0.6,
      marketShare: 0,
      dailyVolume: 2_000_000,
    })),
  });
  const all: Bar[] = [];
  let sliceCount = 0;
  for (const slice of slices) {
    all.push(...slice.bars);
    sliceCount += 1;
    if (sliceCount >= rows) break;
  }
  const of = (wanted: string) => columnsOfBars(all.filter(({ symbol }) => symbol === wanted));
  const references = new Map(read.map((symbol) => [symbol, of(symbol)]));
  return { symbol: SYMBOL, bars: of(SYMBOL), references };
}

async function fromFile(
  { bars: path = '', symbol }: Options,
  timeframe: Timeframe,
  read: readonly string[],
): Promise<TriedBars> {
  const { series } = await readBarsFromFile({
    path,
    timeframe,
    ...(symbol === undefined ? {} : { symbols: [symbol, ...read] }),
  });
  const references = new Map(series.map((one) => [one.symbol, one.bars]));
  for (const other of read) if (!references.has(other)) throw withoutReference(path, other);
  const [first, ...others] = series.filter((one) =>
    symbol === undefined ? !read.includes(one.symbol) : one.symbol === symbol,
  );
  if (first !== undefined && others.length === 0) return { ...first, references };
  const names = series.map((one) => one.symbol).join(', ');
  throw new AppError({
    code: 'CLI.USAGE',
    why: first === undefined ? `${path} has no bars.` : `${path} has several symbols: ${names}.`,
    fix: 'Name one with --symbol.',
  });
}

function withoutReference(path: string, symbol: string): AppError {
  return new AppError({
    code: 'CLI.USAGE',
    why: `the strategy reads ${symbol}, and ${path} has no bars of it.`,
    fix: 'Give a file that has the bars of both, or choose another symbol with --param.',
  });
}

function undecided(strategy: Strategy, bars: number): AppError {
  return new AppError({
    code: 'CLI.LOOKAHEAD_IDLE',
    why: `strategy ${strategy.name} decided nothing in ${bars} bars, so nothing was tried.`,
    fix: 'Give it other bars with --bars, another --seed, or parameters that let it trade.',
  });
}

function render(strategy: Strategy, bars: number, report: LookaheadReport): string {
  const tried = `${report.decisions} decisions in ${bars} bars, ${report.cuts} cuts`;
  const lines = LOOKAHEAD_TRIALS.map((trial) => {
    const leak = report.leaks.find((one) => one.trial === trial);
    const mark = leak === undefined ? colors.green('the same') : colors.red('MOVES   ');
    return `  ${mark}  ${TRIED[trial]}${leak === undefined ? '' : `\n${detail(leak)}`}`;
  });
  const verdict =
    report.leaks.length === 0
      ? colors.green('No decision rests on the future.')
      : colors.red('It knows what it cannot: its backtests are worth nothing.');
  return [`${colors.bold(strategy.name)}  ${tried}`, ...lines, verdict].join('\n');
}

function detail({ barEndUs, cutUs, withFuture, without }: LookaheadLeak): string {
  const cut = cutUs === undefined ? '' : `, cut after ${utcText(timeUs(cutUs))}`;
  return [
    `            bar ending ${utcText(timeUs(barEndUs))}${cut}`,
    `            with all bars: ${withFuture ?? 'nothing new'}`,
    `            in the trial:  ${without ?? 'nothing new'}`,
  ].join('\n');
}
