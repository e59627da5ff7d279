import { AppError } from '@capstan/domain';
import { type Lake, type LoadedSeries, seriesText, timeframeOf } from '@capstan/lake';
import type { Command } from 'commander';
import type { CommandContext } from '../program.ts';
import { jsonOption } from './arguments.ts';
import {
  adjustmentOption,
  type LakeOptions,
  lakeOption,
  openLake,
  venueOption,
} from './data-options.ts';
import { count } from './data-report.ts';

type Timeframe = ReturnType<typeof timeframeOf>;

interface Options extends LakeOptions {
  readonly to: readonly Timeframe[];
  readonly replace?: boolean;
}

const SOURCE = 'resample 1m';

/** Adds `data resample`. */
export function addDataResample(data: Command, { output }: CommandContext): void {
  data
    .command('resample')
    .description('make longer bars from the one-minute bars of the regular session')
    .argument('<symbol>', 'the symbol')
    .requiredOption('--to <spans>', 'the timeframes to make, such as 5m,1h,1d', timeframesArgument)
    .addOption(venueOption())
    .addOption(adjustmentOption())
    .option('--replace', 'also in place of a series that was not made by resampling')
    .addOption(lakeOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      "\nBars count from the session's open and the stub before the close is kept; minutes without a trade are skipped.\n\nExamples:\n  capstan data resample SPY --to 5m,30m,1h,1d",
    )
    .action(async (symbol: string, options: Options) => {
      const lake = openLake(options);
      const { venue, adjustment } = options;
      const minutes = await lake.read({
        symbol,
        timeframe: '1m',
        ...(venue === undefined ? {} : { venue }),
        ...(adjustment === undefined ? {} : { adjustment }),
      });
      const planned: Resampled[] = [];
      // All are checked before the first is written: what is refused leaves nothing half done.
      for (const timeframe of options.to) {
        planned.push(await resample(lake, minutes, timeframe, options.replace === true));
      }
      const made = [];
      for (const one of planned) {
        const series = await lake.write(one.write);
        made.push(series);
        if (options.json === true) continue;
        const outside =
          one.outsideBars === 0
            ? ''
            : `; ${count(one.outsideBars)} minutes outside the session left out`;
        output.out(`${seriesText(series)}: ${count(series.rows)} bars${outside}`);
      }
      if (options.json === true) output.out(JSON.stringify(made, null, 2));
    });
}

function timeframesArgument(text: string): readonly Timeframe[] {
  return text.split(',').map((one) => timeframeOf(one.trim()));
}

/** Bars that were made, as the lake is to have them. */
interface Resampled {
  readonly write: Parameters<Lake['write']>[0];
  readonly outsideBars: number;
}

async function resample(
  lake: Lake,
  minutes: LoadedSeries,
  timeframe: Timeframe,
  replace: boolean,
): Promise<Resampled> {
  const { venue, symbol, adjustment } = minutes.manifest;
  const key = { venue, symbol, timeframe, adjustment };
  if (timeframe === '1m') {
    throw new AppError({
      code: 'CLI.USAGE',
      why: 'bars of 1m are what longer ones are made of.',
      fix: 'Name longer spans, such as --to 5m,1h,1d.',
    });
  }
  const standing = await lake.manifest(key);
  if (
    standing !== undefined &&
    !replace &&
    !standing.sources.every(({ name }) => name === SOURCE)
  ) {
    throw new AppError({
      code: 'LAKE.EXISTS',
      why: `the lake has ${seriesText(standing)}, which came from ${standing.sources[0]?.name ?? 'elsewhere'}.`,
      fix: 'Put the resampled bars in its place with --replace.',
    });
  }
  const { resampleColumns } = await import('@capstan/engine');
  const { calendar, bars: columns, instrument, fingerprint } = minutes;
  const { bars, outsideBars } = resampleColumns(columns, { timeframe, calendar });
  if (bars.endUs.length === 0) {
    throw new AppError({
      code: 'LAKE.RANGE',
      why: `${seriesText(minutes.manifest)} has no bar in a session of ${calendar.name}.`,
      fix: 'Import it with the calendar of its exchange: --calendar.',
    });
  }
  const sources = [{ name: SOURCE, sha256: fingerprint }];
  return { write: { key, instrument, bars, sources }, outsideBars };
}
