import type { Command } from 'commander';
import type { CommandContext } from '../program.ts';
import { addDataCheck } from './data-check.ts';
import { addDataExport } from './data-export.ts';
import { addDataImport } from './data-import.ts';
import { addDataList } from './data-list.ts';
import { addDataResample } from './data-resample.ts';

const EXAMPLES = `
Examples:
  capstan data import spy.csv.gz --venue ARCX --timeframe 1d
  capstan data import spy.csv --venue ARCX --symbol SPY --timeframe 1m --time-zone America/New_York --stamp end
  capstan data import aapl.actions.csv.gz --venue XNAS --as actions
  capstan data ls
  capstan data check SPY
  capstan data resample SPY --to 5m,1h,1d
  capstan data export SPY out.parquet --timeframe 1d --from 2020-01-01

The lake is the folder of --lake, else of CAPSTAN_LAKE, else ./data.`;

/** Adds `data` and what it holds. */
export function addDataCommands(program: Command, context: CommandContext): void {
  const data = program
    .command('data')
    .description('the lake of bars: list, import, check, resample, export')
    .addHelpText('after', EXAMPLES);
  addDataList(data, context);
  addDataImport(data, context);
  addDataCheck(data, context);
  addDataResample(data, context);
  addDataExport(data, context);
}
