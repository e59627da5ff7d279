import { describeStrategy, type StrategyDescription, StrategyRegistry } from '@capstan/strategy';
import type { Command } from 'commander';
import colors from 'picocolors';
import { renderTable } from '../console/table.ts';
import type { CommandContext } from '../program.ts';
import { jsonOption } from './arguments.ts';

/** Adds `strategies`. */
export function addStrategyCommands(program: Command, { output }: CommandContext): void {
  program
    .command('strategies')
    .description('list the strategies and their parameters')
    .argument('[name]', 'only this one')
    .addOption(jsonOption())
    .action((name: string | undefined, options: { readonly json?: boolean }) => {
      const registry = new StrategyRegistry();
      const chosen = name === undefined ? registry.list() : [registry.get(name)];
      const described = chosen.map((strategy) => describeStrategy(strategy, '1m'));
      output.out(
        options.json === true
          ? JSON.stringify(described, null, 2)
          : described.map(renderStrategy).join('\n\n'),
      );
    });
}

function renderStrategy(strategy: StrategyDescription): string {
  const head = `${colors.bold(strategy.name)}  ${strategy.title}`;
  const warmup = `Needs ${strategy.warmupBars} bars before it decides, by default.`;
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
  return [head, strategy.description, warmup, params].join('\n');
}
