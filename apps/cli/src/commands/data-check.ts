import { AppError } from '@capstan/domain';
import { type AnomalyRules, checkSeries, type SeriesCheck, seriesText } from '@capstan/lake';
import type { Command } from 'commander';
import colors from 'picocolors';
import type { CommandContext } from '../program.ts';
import { jsonOption } from './arguments.ts';
import {
  anomalyOption,
  isWanted,
  type LakeOptions,
  lakeOption,
  openLake,
  timeframeOption,
  venueOption,
} from './data-options.ts';
import { renderReport } from './data-report.ts';

interface Options extends LakeOptions {
  readonly onAnomaly?: AnomalyRules;
}

/** Adds `data check`. */
export function addDataCheck(data: Command, context: CommandContext): void {
  data
    .command('check')
    .description('compare the files of the lake with what was written, and judge their bars again')
    .argument('[symbol]', 'only this one')
    .addOption(venueOption())
    .addOption(timeframeOption())
    .addOption(anomalyOption())
    .addOption(lakeOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExit code 0 only if every series is sound.\n\nExamples:\n  capstan data check\n  capstan data check SPY --timeframe 1m --on-anomaly gap=refuse',
    )
    .action(async (symbol: string | undefined, options: Options) => {
      const lake = openLake(options);
      const wanted = (await lake.list()).filter((series) => isWanted(series, symbol, options));
      if (wanted.length === 0) throw nothing(lake.root, symbol);
      const checks: SeriesCheck[] = [];
      for (const series of wanted) {
        const check = await checkSeries(lake, series, options.onAnomaly);
        checks.push(check);
        if (options.json !== true) context.output.out(render(check));
      }
      if (options.json === true) context.output.out(JSON.stringify(checks, null, 2));
      if (!checks.every(isSound)) context.exit(1);
    });
}

function isSound({ problems, report }: SeriesCheck): boolean {
  return problems.length === 0 && report?.refused !== true;
}

function render({ manifest, problems, report }: SeriesCheck): string {
  const wrong = problems.map((problem) => `  ${colors.red('wrong')}: ${problem}`);
  const head = report === undefined ? colors.bold(seriesText(manifest)) : renderReport(report);
  return [head, ...wrong].join('\n');
}

function nothing(root: string, symbol: string | undefined): AppError {
  return new AppError({
    code: 'LAKE.NO_SERIES',
    why: `the lake ${root} has no such series${symbol === undefined ? '' : ` of ${symbol}`}.`,
    fix: 'capstan data ls shows what it has; capstan data import brings more in.',
  });
}
