import { resolve } from 'node:path';
import { AppError, deriveId, hasCode } from '@capstan/domain';
import { type BarFile, readBarFile } from '@capstan/lake';
import { defaultDataDir, type StackOptions, type StackPlan } from './stack-config.ts';

/** The name of the feed that plays the files of `--bars`. */
const FEED = 'bars';

/** What `--bars` and its companions say. */
export interface BarsOptions extends StackOptions {
  /** Bar files, relative to the working directory. */
  readonly bars: readonly string[];
  /** The symbol of files that have no symbol column. */
  readonly symbol?: string | undefined;
}

/**
 * Lets a stack play bar files in place of its feeds: every bot trades the symbols of the files, and the run, and with it
 * the data directory, is named by what is in them.
 * @throws LAKE.FILE @throws LAKE.COLUMN @throws LAKE.VALUE @throws LAKE.ORDER each naming file and line.
 */
export async function withBars(plan: StackPlan, options: BarsOptions): Promise<StackPlan> {
  const paths = options.bars.map((path) => resolve(path));
  const files = await Promise.all(paths.map((path) => readFile(path, options.symbol)));
  const symbols = [...new Set(files.flatMap((file) => file.symbols))].sort();
  const runId = runIdOf(files, options.symbol);
  const { config } = plan;
  const feed: (typeof config.feeds)[number] = {
    kind: 'file',
    feed: FEED,
    venue: 'FILE',
    paths,
    columns: {},
    ...(options.symbol === undefined ? {} : { symbol: options.symbol }),
    stamp: 'start',
    hours: 'regular',
    historySessions: 0,
    speed: options.speed ?? speedOf(config.feeds[0]) ?? 60,
  };
  const named = options.dataDir !== undefined || config.supervisor.dataDir !== undefined;
  return {
    ...plan,
    environment: 'bars',
    config: {
      ...config,
      run: { ...config.run, id: runId },
      feeds: [feed],
      bots: config.bots.map((bot) => ({ ...bot, feed: FEED, symbols })),
    },
    dataDir: named ? plan.dataDir : defaultDataDir(runId),
  };
}

async function readFile(path: string, symbol: string | undefined): Promise<BarFile> {
  try {
    const mapping = symbol === undefined ? {} : { symbol };
    return await readBarFile({ path, timeframe: '1m', mapping });
  } catch (error) {
    const isSymbol = hasCode(error, 'LAKE.COLUMN') && /'symbol'/.test(String(error));
    if (!isSymbol || !(error instanceof AppError)) throw error;
    const { code, why } = error;
    throw new AppError({
      code,
      why,
      fix: 'Name the symbol of its bars with --symbol.',
      cause: error,
    });
  }
}

function runIdOf(files: readonly BarFile[], symbol: string | undefined): string {
  const fingerprints = files.map((file) => file.fingerprint).sort();
  return `bars-${deriveId('bars', symbol ?? '', ...fingerprints).slice(0, 10)}`;
}

function speedOf(feed: StackPlan['config']['feeds'][number] | undefined) {
  return feed === undefined || feed.kind === 'venue' ? undefined : feed.speed;
}
