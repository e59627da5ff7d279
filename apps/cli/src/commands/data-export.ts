import { exportBars, seriesText } from '@capstan/lake';
import type { Command } from 'commander';
import type { CommandContext } from '../program.ts';
import { jsonOption } from './arguments.ts';
import {
  adjustmentOption,
  alignmentOption,
  type LakeOptions,
  lakeOption,
  openLake,
  timeArgument,
  timeframeOption,
  venueOption,
} from './data-options.ts';
import { count } from './data-report.ts';

interface Options extends LakeOptions {
  readonly timeframe: NonNullable<LakeOptions['timeframe']>;
  readonly from?: number;
  readonly to?: number;
  readonly force?: boolean;
}

/** Adds `data export`. */
export function addDataExport(data: Command, { output }: CommandContext): void {
  data
    .command('export')
    .description('write bars to a CSV (.csv, .csv.gz) or Parquet (.parquet) file')
    .argument('<symbol>', 'the symbol')
    .argument('<file>', 'where to; its ending says the format')
    .addOption(timeframeOption().makeOptionMandatory())
    .addOption(venueOption())
    .addOption(adjustmentOption())
    .addOption(alignmentOption())
    .option('--from <time>', 'bars that start at or after a date or time, UTC', timeArgument)
    .option('--to <time>', 'bars that start before a date or time, UTC', timeArgument)
    .option('--force', 'in place of a file that is there')
    .addOption(lakeOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExamples:\n  capstan data export SPY spy.csv.gz --timeframe 1d\n  capstan data export SPY q1.parquet --timeframe 1m --from 2024-01-01 --to 2024-04-01',
    )
    .action(async (symbol: string, path: string, options: Options) => {
      const { timeframe, venue, adjustment, alignment, from, to } = options;
      const query = {
        symbol,
        timeframe,
        ...(venue === undefined ? {} : { venue }),
        ...(adjustment === undefined ? {} : { adjustment }),
        ...(alignment === undefined ? {} : { alignment }),
      };
      const series = await openLake(options).read(query, {
        ...(from === undefined ? {} : { fromUs: from }),
        ...(to === undefined ? {} : { toUs: to }),
      });
      await exportBars(series, { path, overwrite: options.force === true });
      const rows = series.bars.endUs.length;
      const { fingerprint } = series;
      output.out(
        options.json === true
          ? JSON.stringify({ file: path, rows, fingerprint }, null, 2)
          : `${path}: ${count(rows)} bars of ${seriesText(series.manifest)}`,
      );
    });
}
