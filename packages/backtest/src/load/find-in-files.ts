import { basename } from 'node:path';
import { AppError } from '@capstan/domain';
import {
  type AnomalyRules,
  type BarSeries,
  type BarSourceOptions,
  type BarsReport,
  type ColumnMapping,
  type CorporateAction,
  parseAnomalyRule,
  readActionsFile,
  readBarsFromFile,
} from '@capstan/lake';
import { didYouMean } from '@capstan/strategy';
import type { RunFile } from '../config/run-schema.ts';
import { besideOnly, type FindBars, type FoundBars, wantedByStrategy } from './found-bars.ts';
import { instrumentOf } from './instrument-of.ts';

/**
 * Reads the bars of a run straight from files.
 * @throws RUN.SYMBOLS where the files lack a symbol, and what reading bars and actions throws.
 */
export async function findInFiles(run: RunFile, wanted: FindBars): Promise<readonly FoundBars[]> {
  const traded = askedSymbols(run);
  const beside = besideOnly(wanted.beside, traded);
  const asked = traded === undefined ? undefined : [...traded, ...beside];
  const found: (BarSeries & { readonly report: BarsReport | undefined })[] = [];
  for (const { path, symbols } of filesOf(run.path ?? [], asked)) {
    const { series, reports } = await reading(symbols, beside, {
      path,
      timeframe: wanted.timeframe,
      mapping: mappingOf(run, symbols),
      ...(symbols === undefined ? {} : { symbols }),
      instrumentOf: (symbol) => instrumentOf(run, symbol),
      adjustment: run.file.adjustment,
      ...(run.file.alignment === undefined ? {} : { alignment: run.file.alignment }),
      holds: run.file.holds,
      rules: rulesOf(run.file.onAnomaly),
      shared: wanted.shared,
    });
    for (const one of series) {
      refuseTwice(found, one.symbol, path);
      found.push({ ...one, report: reports.find(({ symbol }) => symbol === one.symbol) });
    }
  }
  requireAsked(run, asked ?? wanted.beside.symbols, { found, read: wanted.beside.symbols });
  const actions = await actionsOf(
    run,
    found.map(({ symbol }) => symbol),
  );
  return found.map(({ symbol, instrument, description, bars, report }) => ({
    symbol,
    instrument,
    description,
    bars,
    higher: new Map(),
    actions: actions.get(symbol) ?? [],
    notes: report === undefined ? [] : notesOf(report),
  }));
}

async function reading(
  symbols: readonly string[] | undefined,
  beside: readonly string[],
  options: BarSourceOptions,
): ReturnType<typeof readBarsFromFile> {
  const only = symbols?.length === 1 ? symbols[0] : undefined;
  try {
    return await readBarsFromFile(options);
  } catch (error) {
    throw only !== undefined && beside.includes(only) ? wantedByStrategy(only, error) : error;
  }
}

/** Returns the symbols that a run names; `undefined` for all that its files have. */
export function askedSymbols({ symbol, symbols }: RunFile): readonly string[] | undefined {
  return symbols ?? (symbol === undefined ? undefined : [symbol]);
}

interface FileToRead {
  readonly path: string;
  readonly symbols: readonly string[] | undefined;
}

function filesOf(
  path: string | readonly string[],
  asked: readonly string[] | undefined,
): readonly FileToRead[] {
  const paths = typeof path === 'string' ? [path] : path;
  return paths.flatMap((one): readonly FileToRead[] => {
    if (!one.includes('{symbol}')) return [{ path: one, symbols: asked }];
    if (asked === undefined) {
      throw new AppError({
        code: 'RUN.SYMBOLS',
        why: `'path' holds {symbol}, and no symbol is named.`,
        fix: "Name it with 'symbol', or several with 'symbols'.",
      });
    }
    return asked.map((symbol) => ({ path: one.replaceAll('{symbol}', symbol), symbols: [symbol] }));
  });
}

function mappingOf({ file }: RunFile, symbols: readonly string[] | undefined): ColumnMapping {
  const { columns, timeFormat, timeZone, stamp, symbol } = file;
  const named = Object.entries(columns ?? {}).filter(([, name]) => name !== undefined);
  const only = symbol === undefined ? undefined : (symbols?.[0] ?? symbol);
  return {
    ...(named.length === 0 ? {} : { columns: Object.fromEntries(named) }),
    ...(only === undefined ? {} : { symbol: only }),
    ...(timeFormat === undefined ? {} : { timeFormat }),
    ...(timeZone === undefined ? {} : { timeZone }),
    ...(stamp === undefined ? {} : { stamp }),
  };
}

function rulesOf(texts: readonly string[]): AnomalyRules {
  return Object.assign({}, ...texts.map(parseAnomalyRule)) as AnomalyRules;
}

function refuseTwice(found: readonly BarSeries[], symbol: string, path: string): void {
  if (!found.some((one) => one.symbol === symbol)) return;
  throw new AppError({
    code: 'RUN.SYMBOLS',
    why: `${path} has bars of ${symbol}, which another file of the run has too.`,
    fix: 'Give each symbol one file, or import the files into the lake with --merge.',
  });
}

function requireAsked(
  run: RunFile,
  asked: readonly string[],
  { found, read }: { readonly found: readonly BarSeries[]; readonly read: readonly string[] },
): void {
  const has = found.map(({ symbol }) => symbol).sort();
  const missing = asked.filter((symbol) => !has.includes(symbol));
  const files = [run.path ?? []].flat().map((path) => basename(path));
  const [first] = missing;
  if (first === undefined && has.length > 0) return;
  throw new AppError({
    code: 'RUN.SYMBOLS',
    why: `${files.join(', ')}: no bars of ${first === undefined ? 'any symbol' : missing.join(', ')}${missing.every((symbol) => read.includes(symbol)) && first !== undefined ? ', which the strategy reads' : ''}.`,
    fix: `${first === undefined ? '' : didYouMean(first, has)}${has.length === 0 ? 'Check the file.' : `There are ${has.join(', ')}.`}`,
  });
}

async function actionsOf(
  run: RunFile,
  symbols: readonly string[],
): Promise<ReadonlyMap<string, readonly CorporateAction[]>> {
  const bySymbol = new Map<string, readonly CorporateAction[]>();
  const paths = [run.actions ?? []].flat();
  for (const path of paths.flatMap((one) => filesOf(one, symbols))) {
    for (const [symbol, actions] of (await readActionsFile(path.path)).bySymbol) {
      bySymbol.set(symbol, [...(bySymbol.get(symbol) ?? []), ...actions]);
    }
  }
  return bySymbol;
}

function notesOf({ anomalies, rowsDropped, gaps, notes }: BarsReport): readonly string[] {
  const told = anomalies
    .filter(({ kind }) => kind !== 'gap' && kind !== 'outside-session')
    .map(({ count, action, meaning }) => `${count} rows: ${meaning} (${action})`);
  const missing = gaps?.missingBars ?? 0;
  return [
    ...(rowsDropped === 0 ? [] : [`${rowsDropped} rows of the file were dropped`]),
    ...told,
    ...(missing === 0 ? [] : [`${missing} bars that the calendar expects are missing`]),
    ...notes,
  ];
}
