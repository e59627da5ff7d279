import { openStrategy } from '@capstan/backtest';
import { IndicatorRegistry } from '@capstan/indicators';
import { describeStrategy, type StrategyDescription, StrategyRegistry } from '@capstan/strategy';
import type { Command } from 'commander';
import colors from 'picocolors';
import { renderTable } from '../console/table.ts';
import type { CommandContext } from '../program.ts';
import { jsonOption } from './arguments.ts';

interface Options {
  readonly json?: boolean;
}

/** Adds `strategies` and `indicators`. */
export function addStrategyCommands(program: Command, context: CommandContext): void {
  addStrategies(program, context);
  addIndicators(program, context);
}

function addStrategies(program: Command, { output }: CommandContext): void {
  program
    .command('strategies')
    .description('list the strategies, or say all about one')
    .argument('[strategy]', 'its name, or the path of a file that exports one')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExamples:\n  capstan strategies\n  capstan strategies vwap-atr\n  capstan strategies ./my-strategy.ts --json',
    )
    .action(async (named: string | undefined, options: Options) => {
      const chosen =
        named === undefined ? new StrategyRegistry().list() : [await openStrategy(named)];
      const described = chosen.map((strategy) => describeStrategy(strategy, '1m'));
      if (options.json === true) output.out(JSON.stringify(described, null, 2));
      else if (named === undefined) output.out(renderList(described));
      else output.out(described.map(renderStrategy).join('\n\n'));
    });
}

function addIndicators(program: Command, { output }: CommandContext): void {
  program
    .command('indicators')
    .description('list the indicators that strategies are made of')
    .addOption(jsonOption())
    .action((options: Options) => {
      const described = new IndicatorRegistry()
        .list()
        .map(({ name, title, description, input, parameters }) => ({
          name,
          title,
          description,
          over: input === 'bar' ? 'bars' : 'numbers',
          parameters,
        }));
      output.out(
        options.json === true
          ? JSON.stringify(described, null, 2)
          : renderTable(
              [
                { title: 'indicator', text: ({ name }) => name },
                { title: 'over', text: ({ over }) => over },
                { title: 'parameters', text: (one) => Object.keys(one.parameters).join(', ') },
                { title: 'meaning', text: ({ title }) => title },
              ],
              described,
              'no indicators',
            ),
      );
    });
}

function renderList(strategies: readonly StrategyDescription[]): string {
  const table = renderTable(
    [
      { title: 'strategy', text: ({ name }) => name },
      { title: 'what it is', text: ({ title }) => title },
      {
        title: 'parameters',
        text: ({ params }) =>
          params.length > 6 ? `${params.length}` : params.map(({ name }) => name).join(', '),
      },
    ],
    strategies,
    'no strategies',
  );
  return `${table}\n\ncapstan strategies <name> says all about one.`;
}

function renderStrategy(strategy: StrategyDescription): string {
  const head = `${colors.bold(strategy.name)}  ${strategy.title}`;
  const warmup = `Needs ${strategy.warmupBars} bars of one minute before it decides, by default.`;
  const watches = `Watches ${strategy.indicators.join(', ')}.`;
  const params = renderTable(
    [
      { title: 'parameter', text: ({ name }) => name },
      { title: 'default', align: 'right', text: (one) => String(one.default) },
      { title: 'allowed', text: ({ allowed }) => allowed },
      { title: 'meaning', text: ({ description }) => description },
    ],
    strategy.params,
    'no parameters',
  );
  return [head, strategy.description, warmup, watches, params].join('\n');
}
