import { AppError } from '@capstan/domain';
import type { FetchResult, FetchSettings } from '@capstan/fetch';
import { type AnomalyRules, parseAnomalyRule } from '@capstan/lake';
import type { Log, MarketDataVenue } from '@capstan/ports';
import { readEnvironment, systemClock } from '@capstan/runtime';
import type { Command } from 'commander';
import type { FetchFile } from '../fetch/fetch-schema.ts';
import type { CommandContext } from '../program.ts';
import { jsonOption } from './arguments.ts';
import { lakeOption, openLake } from './data-options.ts';
import { INTERRUPTED, Interrupts } from './interrupts.ts';
import { ProgressBar } from './progress-bar.ts';

interface Options {
  readonly config: string;
  readonly force?: boolean;
  readonly dryRun?: boolean;
  readonly lake?: string;
  readonly json?: boolean;
}

const HELP = `
Only what is missing is asked for; what was asked for and had no bars is not asked for again. The day that runs is never
taken for over. Ctrl-C keeps what has come, and the same command goes on.
Keys: ALPACA_KEY_ID and ALPACA_SECRET_KEY, POLYGON_API_KEY; each may be a mounted file, as ALPACA_SECRET_KEY_FILE. yahoo has none.
Flat files of Polygon have keys of their own: POLYGON_S3_ACCESS_KEY_ID and POLYGON_S3_SECRET_ACCESS_KEY.

Exit codes: 0 all of it is there, 1 a symbol or the vendor failed, a key is missing or refused, 2 the call or the file is wrong, 130 Ctrl-C.

Examples:
  capstan fetch --config configs/fetch.yaml
  capstan fetch --config configs/fetch.yaml --dry-run
  capstan fetch --config configs/fetch.yaml --force       all of it again, in place of what is there`;

/** Adds `fetch`. */
export function addFetchCommand(program: Command, context: CommandContext): void {
  program
    .command('fetch')
    .description('bring history from a vendor into the lake: bars, splits and dividends')
    .requiredOption('--config <file>', 'what to fetch, as YAML')
    .option('--force', 'ask for all of it again, and put it in place of what is there')
    .option('--dry-run', 'say what would be asked for')
    .addOption(lakeOption())
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action((options: Options, command: Command) =>
      run(options, command.optsWithGlobals<{ verbose?: boolean }>().verbose === true, context),
    );
}

async function run(options: Options, verbose: boolean, context: CommandContext): Promise<void> {
  const { readFetchFile, fetchSettings } = await import('../fetch/read-fetch.ts');
  const file = readFetchFile(options.config);
  const settings = fetchSettings(file, {
    force: options.force === true,
    nowUs: systemClock.nowUs(),
  });
  const interrupts = new Interrupts();
  const startMs = performance.now();
  try {
    const result = await fetchAll(file, settings, { options, verbose, context, interrupts });
    const seconds = (performance.now() - startMs) / 1_000;
    await tell(result, settings, { options, seconds, context });
  } finally {
    interrupts.end();
  }
}

async function fetchAll(
  file: FetchFile,
  settings: FetchSettings,
  how: {
    readonly options: Options;
    readonly verbose: boolean;
    readonly context: CommandContext;
    readonly interrupts: Interrupts;
  },
): Promise<FetchResult> {
  const { options, verbose, context, interrupts } = how;
  const { runFetch } = await import('@capstan/fetch');
  const { openMarketData } = await import('@capstan/venues');
  const log = verbose ? spokenLog(context) : SILENT;
  const { feed, requestsPerMinute } = file;
  const ports = { clock: systemClock, log };
  const asked = { feed, requestsPerMinute };
  const venue = await openMarketData(file.provider, readEnvironment(), asked, ports);
  const bar = new ProgressBar(context.output.isTerminal && options.json !== true);
  try {
    const result = await runFetch({ ...ports, venue, lake: openLake(options) }, settings, {
      rules: rulesOf(file),
      signal: interrupts.signal,
      dryRun: options.dryRun === true,
      onProgress: ({ done, count }) => bar.show({ done, count, unit: 'parts' }),
    });
    const wantsTicks = file.ticks.length > 0 && options.dryRun !== true;
    if (!wantsTicks || result.stopped !== undefined) return result;
    return await withTicks(result, venue, { file, settings, options, interrupts });
  } finally {
    bar.clear();
    venue.close();
  }
}

/** Brings trades and quotes too, and says what came of them. What ends them ends the fetch: days that came whole are kept. */
async function withTicks(
  result: FetchResult,
  venue: MarketDataVenue,
  how: {
    readonly file: FetchFile;
    readonly settings: FetchSettings;
    readonly options: Options;
    readonly interrupts: Interrupts;
  },
): Promise<FetchResult> {
  const { file, settings, options, interrupts } = how;
  const { fetchTicks } = await import('@capstan/fetch');
  const ports = { venue, lakeRoot: openLake(options).root, clock: systemClock };
  const failed = new Set(
    result.outcomes.flatMap(({ symbol, state }) => (state === 'failed' ? [symbol] : [])),
  );
  const symbols = settings.symbols.filter((symbol) => !failed.has(symbol));
  const notes: string[] = [];
  let days = 0;
  let rows = 0;
  let stopped: FetchResult['stopped'];
  try {
    const asked = { ...settings, symbols, kinds: file.ticks };
    for await (const day of fetchTicks(ports, asked, interrupts.signal)) {
      days += 1;
      for (const count of day.rows.values()) rows += count;
      if (day.isRewritten) {
        notes.push(
          `the vendor wrote ${day.kind} of ${day.date} again: they took the place of the old`,
        );
      }
    }
  } catch (error) {
    if (!interrupts.signal.aborted && !(error instanceof AppError)) throw error;
    stopped = error instanceof AppError ? error : 'interrupted';
  }
  const kept = days === 0 ? 'nothing was missing' : `${rows} rows of ${days} days were kept`;
  return {
    ...result,
    notes: [...result.notes, `${file.ticks.join(' and ')}: ${kept}`, ...notes],
    ...(stopped === undefined ? {} : { stopped }),
  };
}

function rulesOf({ onAnomaly }: FetchFile): AnomalyRules {
  return Object.assign({}, ...onAnomaly.map(parseAnomalyRule)) as AnomalyRules;
}

/** Says what the fetch came to. @throws what ended it before its end. */
async function tell(
  result: FetchResult,
  settings: FetchSettings,
  how: { readonly options: Options; readonly seconds: number; readonly context: CommandContext },
): Promise<void> {
  const { options, seconds, context } = how;
  const { output } = context;
  const { done, count } = result.chunks;
  const lakeRoot = openLake(options).root;
  if (options.json === true) output.out(JSON.stringify(jsonOf(result), null, 2));
  else if (options.dryRun === true) output.out(planText(result, settings));
  else {
    const { renderFetch } = await import('../fetch/fetch-report.ts');
    output.out(renderFetch(result, settings, { lakeRoot, seconds }));
  }
  const { stopped } = result;
  const kept = `${done} of ${count} parts are done and kept; the same command goes on.`;
  if (stopped === 'interrupted') {
    output.err(`Stopped: ${kept}`);
    context.exit(INTERRUPTED);
  } else if (stopped !== undefined) {
    throw new AppError({
      ...{ code: stopped.code, retry: stopped.retry, cause: stopped.cause ?? stopped },
      why: stopped.why,
      fix: [stopped.fix ?? '', kept].join(' ').trim(),
    });
  } else if (result.outcomes.some(({ state }) => state === 'failed')) {
    context.exit(1);
  }
}

function planText({ chunks, outcomes, notes }: FetchResult, settings: FetchSettings): string {
  const missing = outcomes.filter(({ state }) => state === 'kept').length;
  const asked =
    chunks.count === 0
      ? 'nothing is missing'
      : `${chunks.count} parts would be asked for, of ${missing} symbols`;
  return [
    `${settings.source}, ${settings.venue}: ${asked}.`,
    ...notes.map((note) => `note: ${note}`),
  ].join('\n');
}

function jsonOf(result: FetchResult): object {
  const { stopped, outcomes } = result;
  return {
    ...result,
    outcomes: outcomes.map(({ failure, ...rest }) => ({ ...rest, ...failureOf(failure) })),
    ...(stopped === undefined || stopped === 'interrupted' ? { stopped } : failureOf(stopped)),
  };
}

function failureOf(failure: AppError | undefined): object {
  return failure === undefined ? {} : { error: { code: failure.code, message: failure.message } };
}

const SILENT: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => SILENT,
};

/** What is said on the way, for who asked for it. */
function spokenLog({ output }: CommandContext): Log {
  const say = (message: string, fields: Readonly<Record<string, unknown>> = {}): void => {
    const told = Object.entries(fields).map(([key, value]) => `${key}=${String(value)}`);
    output.err([message, ...told].join('  '));
  };
  const log: Log = { debug: say, info: say, warn: say, error: say, child: () => log };
  return log;
}
