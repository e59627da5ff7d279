import type { Lake, SeriesManifest } from '@capstan/lake';
import type { Command } from 'commander';
import { renderTable } from '../console/table.ts';
import type { CommandContext } from '../program.ts';
import { jsonOption } from './arguments.ts';
import {
  isWanted,
  type LakeOptions,
  lakeOption,
  openLake,
  timeframeOption,
  venueOption,
} from './data-options.ts';
import { count } from './data-report.ts';

interface Listed {
  readonly series: SeriesManifest;
  readonly actions: number;
}

/** Adds `data ls`. */
export function addDataList(data: Command, { output }: CommandContext): void {
  data
    .command('ls')
    .description('list the series of the lake')
    .argument('[symbol]', 'only this one')
    .addOption(venueOption())
    .addOption(timeframeOption())
    .addOption(lakeOption())
    .addOption(jsonOption())
    .action(async (symbol: string | undefined, options: LakeOptions) => {
      const lake = openLake(options);
      const all = await lake.list();
      const wanted = all.filter((series) => isWanted(series, symbol, options));
      const listed = await Promise.all(wanted.map((series) => withActions(lake, series)));
      if (options.json === true) {
        output.out(JSON.stringify(listed.map(jsonOf), null, 2));
        return;
      }
      output.out(renderSeries(listed));
      if (listed.length === 0) output.err(emptyText(lake, symbol, all));
    });
}

async function withActions(lake: Lake, series: SeriesManifest): Promise<Listed> {
  const stored = await lake.actions(series.venue, series.symbol);
  return { series, actions: stored?.actions.length ?? 0 };
}

function jsonOf({ series, actions }: Listed) {
  return { ...series, corporateActions: actions };
}

function renderSeries(listed: readonly Listed[]): string {
  return renderTable(
    [
      { title: 'venue', text: ({ series }) => series.venue },
      { title: 'symbol', text: ({ series }) => series.symbol },
      { title: 'timeframe', text: ({ series }) => series.timeframe },
      { title: 'anchored', text: ({ series }) => series.alignment },
      { title: 'prices', text: ({ series }) => series.adjustment },
      { title: 'bars', align: 'right', text: ({ series }) => count(series.rows) },
      { title: 'first', text: ({ series }) => dateText(series.firstStartUs) },
      { title: 'last', text: ({ series }) => dateText(series.lastEndUs) },
      { title: 'size', align: 'right', text: ({ series }) => sizeText(series) },
      { title: 'actions', align: 'right', text: ({ actions }) => String(actions) },
      { title: 'taken as they are', text: ({ series }) => keptText(series) },
    ],
    listed,
    'no series',
  );
}

/** Writes the UTC date of a time in microseconds. */
export function dateText(us: number): string {
  return new Date(us / 1_000).toISOString().slice(0, 10);
}

function sizeText({ parts }: SeriesManifest): string {
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
  return bytes < 1_000_000 ? `${Math.ceil(bytes / 1_000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

function keptText({ anomalies }: SeriesManifest): string {
  const kept = anomalies.filter(({ action }) => action === 'keep');
  return kept.map((one) => `${count(one.count)} ${one.kind}`).join(', ');
}

function emptyText(lake: Lake, symbol: string | undefined, all: readonly SeriesManifest[]): string {
  if (all.length > 0) {
    const symbols = [...new Set(all.map((series) => series.symbol))].sort();
    return `The lake ${lake.root} has ${symbols.slice(0, 20).join(', ')}${symbols.length > 20 ? ', …' : ''}.`;
  }
  const named = symbol === undefined ? '' : ` --symbol ${symbol}`;
  return `The lake ${lake.root} is empty. Bring bars in: capstan data import <file> --venue <venue>${named} --timeframe 1m`;
}
