import {
  AppError,
  ASSET_CLASSES,
  type AssetClass,
  hasCode,
  type Instrument,
  parsePrice,
} from '@capstan/domain';
import {
  BAR_FIELDS,
  type BarField,
  type ColumnMapping,
  type ImportMode,
  type ImportOptions,
  type ImportResult,
  importActions,
  importBars,
  importTickers,
  type Lake,
  TIME_FORMATS,
  type TimeFormat,
} from '@capstan/lake';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { CommandContext } from '../program.ts';
import { jsonOption } from './arguments.ts';
import {
  adjustmentOption,
  alignmentOption,
  anomalyOption,
  type LakeOptions,
  lakeOption,
  openLake,
  timeframeOption,
  venueOption,
} from './data-options.ts';
import { count, renderReport } from './data-report.ts';

interface Options extends LakeOptions {
  readonly venue: string;
  readonly as: 'bars' | 'actions' | 'tickers';
  readonly symbol?: string;
  readonly column?: Readonly<Partial<Record<BarField, string>>>;
  readonly timeFormat?: TimeFormat;
  readonly timeZone?: string;
  readonly stamp?: 'start' | 'end';
  readonly holds?: 'regular' | 'all';
  readonly onAnomaly?: ImportOptions['rules'];
  readonly calendar?: string;
  readonly tick?: string;
  readonly quantityScale?: number;
  readonly assetClass?: AssetClass;
  readonly multiplier?: number;
  readonly currency?: string;
  readonly replace?: boolean;
  readonly merge?: boolean;
  readonly dryRun?: boolean;
}

/** Failures of one file that say nothing of the next. */
const OF_ONE_FILE =
  /^(LAKE\.(FILE|COLUMN|VALUE|ALIGNMENT|EXISTS|CONFLICT|REFUSED)|CALENDAR\.RANGE|NUMBER\.FORMAT)$/;

const HELP = `
A file is taken whole or not at all: one refused row keeps it out. What is odd is counted and shown with its line.
  --on-anomaly kind=action   ohlc=drop, unsorted=keep (sorts), gap=refuse, ... ; data check lists the kinds it finds
  --holds regular            the bars hold trades of the regular session alone: a bar across its open is cut to it
Daily stamps are dates: of UTC where they are midnight UTC, else of the exchange's clocks, else of --time-zone.

Examples:
  capstan data import spy.csv.gz --venue ARCX --timeframe 1d
  capstan data import es.csv --venue XCME --symbol ESZ6 --timeframe 1m --calendar 24x7 --asset-class future --multiplier 50 --tick 0.25
  capstan data import day.csv --venue XNAS --symbol AAPL --timeframe 1m --column time=Date --column close=Last --time-zone America/New_York
  capstan data import more.csv --venue ARCX --timeframe 1m --merge
  capstan data import aapl.actions.csv.gz --venue XNAS --as actions`;

/** Adds `data import`. */
export function addDataImport(data: Command, context: CommandContext): void {
  const command = data
    .command('import')
    .description(
      'bring CSV (also gzip) or Parquet files into the lake, with a report of what is odd',
    )
    .argument('<files...>', 'files of bars, corporate actions or tickers')
    .addOption(venueOption().makeOptionMandatory())
    .addOption(
      new Option('--as <kind>', 'what the files hold')
        .choices(['bars', 'actions', 'tickers'])
        .default('bars'),
    )
    .addOption(timeframeOption())
    .option('--symbol <name>', 'the symbol of files without such a column')
    .addOption(columnOption())
    .addOption(new Option('--time-format <form>', 'how times are written').choices(TIME_FORMATS))
    .option('--time-zone <zone>', 'the IANA zone of times that name none')
    .addOption(new Option('--stamp <end>', 'what a time means').choices(['start', 'end']))
    .addOption(new Option('--holds <trades>', 'what bars hold').choices(['regular', 'all']))
    .addOption(adjustmentOption())
    .addOption(alignmentOption())
    .addOption(anomalyOption());
  addInstrumentOptions(command)
    .addOption(new Option('--replace', 'in place of the series that is there').conflicts('merge'))
    .option('--merge', 'add to the series that is there; bars in both must be the same')
    .option('--dry-run', 'report, and write nothing')
    .addOption(lakeOption())
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action((files: readonly string[], options: Options) => run(files, options, context));
}

function addInstrumentOptions(command: Command): Command {
  return command
    .option('--calendar <name>', 'the calendar of its sessions (default: XNYS)')
    .option('--tick <price>', 'the smallest step of its price (default: 0.01)')
    .option('--quantity-scale <n>', 'decimals of its volumes (default: 0)', wholeArgument)
    .addOption(new Option('--asset-class <class>', 'default: equity').choices(ASSET_CLASSES))
    .option('--multiplier <n>', 'currency a unit and point (default: 1)', wholeArgument)
    .option('--currency <code>', 'default: USD');
}

function wholeArgument(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number.');
}

function columnOption(): Option {
  type Columns = Readonly<Partial<Record<BarField, string>>>;
  return new Option(
    '--column <field=name>',
    `the column of ${BAR_FIELDS.join(', ')}; once for each`,
  ).argParser((text: string, before: Columns | undefined): Columns => {
    const at = text.indexOf('=');
    const field = BAR_FIELDS.find((known) => known === text.slice(0, at));
    if (field === undefined || at === text.length - 1) {
      throw new InvalidArgumentError(`It must be field=name; fields: ${BAR_FIELDS.join(', ')}.`);
    }
    return { ...before, [field]: text.slice(at + 1) };
  });
}

async function run(
  files: readonly string[],
  options: Options,
  context: CommandContext,
): Promise<void> {
  const lake = openLake(options);
  const results: object[] = [];
  let failed = 0;
  for (const path of files) {
    try {
      const { json, refused } = await importOne(lake, path, options, context);
      results.push(json);
      if (refused) failed += 1;
    } catch (error) {
      const goesOn = error instanceof AppError && OF_ONE_FILE.test(error.code);
      if (!goesOn || files.length === 1) throw error;
      results.push({ file: path, error: { code: error.code, message: error.message } });
      context.output.err(`${path}: ${error.message} [${error.code}]`);
      failed += 1;
    }
  }
  if (options.json === true) context.output.out(JSON.stringify(results, null, 2));
  if (failed === 0) return;
  context.exit(1);
  if (files.length > 1) {
    context.output.err(`${failed} of ${files.length} files were not taken; the others are in.`);
  }
}

interface Imported {
  readonly json: object;
  readonly refused: boolean;
}

async function importOne(
  lake: Lake,
  path: string,
  options: Options,
  { output }: CommandContext,
): Promise<Imported> {
  const { venue, symbol, dryRun = false } = options;
  const tell = options.json === true ? () => undefined : (text: string) => output.out(text);
  const named = symbol === undefined ? {} : { symbol };
  if (options.as === 'actions') {
    const done = await importActions(lake, { path, venue, dryRun, ...named });
    for (const one of done.written) tell(`${venue} ${one.symbol}: ${one.actions.length} actions`);
    for (const note of done.notes) tell(`  note: ${note}`);
    return { json: { file: path, ...done }, refused: false };
  }
  if (options.as === 'tickers') {
    const done = await importTickers(lake, { path, venue, dryRun });
    for (const { instrument, tickers } of done) {
      tell(`${instrument.instrumentId}: ${tickers.map(({ ticker }) => ticker).join(', ')}`);
    }
    return { json: { file: path, instruments: done }, refused: false };
  }
  const result = await importBars(lake, await barOptions(lake, path, options));
  for (const report of result.reports) tell(renderReport(report));
  tell(outcomeText(lake, result, dryRun));
  const written = result.written.map(({ manifest, ...rest }) => ({ ...rest, series: manifest }));
  return { json: { file: path, ...result, written }, refused: result.refused };
}

function outcomeText(lake: Lake, result: ImportResult, dryRun: boolean): string {
  if (result.refused) return 'Nothing was written: correct the file, or see --on-anomaly.';
  if (dryRun) return 'Nothing was written: a dry run.';
  const lines = result.written.map(({ manifest, added, repeated }) => {
    const there = repeated === 0 ? '' : `, ${count(repeated)} were there`;
    return `${lake.root}: ${manifest.venue} ${manifest.symbol} ${manifest.timeframe}, ${count(added)} bars added${there}, ${count(manifest.rows)} in all`;
  });
  return lines.join('\n');
}

async function barOptions(lake: Lake, path: string, options: Options): Promise<ImportOptions> {
  const { venue, timeframe, adjustment, alignment, holds, onAnomaly } = options;
  if (timeframe === undefined) {
    throw new AppError({
      code: 'CLI.USAGE',
      why: 'bars of which timeframe is not said.',
      fix: 'Name it with --timeframe, such as 1m or 1d.',
    });
  }
  const mode: ImportMode =
    options.replace === true ? 'replace' : options.merge === true ? 'merge' : 'create';
  return {
    path,
    venue,
    timeframe,
    mode,
    mapping: mappingOf(options),
    instrumentOf: await instrumentsOf(lake, options),
    ...(adjustment === undefined ? {} : { adjustment }),
    ...(alignment === undefined ? {} : { alignment }),
    ...(holds === undefined ? {} : { holds }),
    ...(onAnomaly === undefined ? {} : { rules: onAnomaly }),
    dryRun: options.dryRun === true,
  };
}

function mappingOf({ column, symbol, timeFormat, timeZone, stamp }: Options): ColumnMapping {
  return {
    ...(column === undefined ? {} : { columns: column }),
    ...(symbol === undefined ? {} : { symbol }),
    ...(timeFormat === undefined ? {} : { timeFormat }),
    ...(timeZone === undefined ? {} : { timeZone }),
    ...(stamp === undefined ? {} : { stamp }),
  };
}

/** The instrument of a symbol as it is registered, with what the options say otherwise. */
async function instrumentsOf(
  lake: Lake,
  options: Options,
): Promise<(symbol: string) => Instrument> {
  const { calendar, quantityScale, assetClass, multiplier, currency } = options;
  const registry = await lake.instruments(options.venue);
  const tickNanos = options.tick === undefined ? undefined : tickOf(options.tick);
  return (symbol) => ({
    ...registry.bySymbol(symbol),
    ...(calendar === undefined ? {} : { calendar }),
    ...(tickNanos === undefined ? {} : { tickNanos }),
    ...(quantityScale === undefined ? {} : { quantityScale }),
    ...(assetClass === undefined ? {} : { assetClass }),
    ...(multiplier === undefined ? {} : { multiplier }),
    ...(currency === undefined ? {} : { currency }),
  });
}

function tickOf(text: string): Instrument['tickNanos'] {
  try {
    return parsePrice(text);
  } catch (error) {
    if (!hasCode(error, 'NUMBER.FORMAT')) throw error;
    throw new AppError({
      code: 'CLI.USAGE',
      why: `--tick is '${text}', expected a price such as 0.01.`,
    });
  }
}
