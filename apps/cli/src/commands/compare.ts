import type { RunComparison } from '@capstan/backtest';
import type { Command } from 'commander';
import colors from 'picocolors';
import { renderTable } from '../console/table.ts';
import type { CommandContext } from '../program.ts';
import { jsonOption } from './arguments.ts';
import { metricText, metricTitle } from './metric-text.ts';
import { differenceText } from './row-difference-text.ts';

/** Adds `compare`. */
export function addCompareCommand(program: Command, { output, exit }: CommandContext): void {
  program
    .command('compare')
    .description(
      'put two run directories side by side: metrics, trades, and where they first differ',
    )
    .argument('<a>', 'a run directory')
    .argument('<b>', 'another')
    .addOption(jsonOption())
    .addHelpText('after', '\nExit code 0 where orders and fills are alike, 1 where they differ.')
    .action(async (a: string, b: string, options: { readonly json?: boolean }) => {
      const { compareRuns } = await import('@capstan/backtest');
      const comparison = await compareRuns(a, b);
      output.out(
        options.json === true ? JSON.stringify(comparison, null, 2) : comparisonText(comparison),
      );
      if (!comparison.sameDigest) exit(1);
    });
}

/** Shows two runs side by side. */
export function comparisonText(comparison: RunComparison): string {
  const { a, b, sameDigest, sameData, config, trades } = comparison;
  const metrics = comparison.metrics.filter((pair) => pair.a !== null || pair.b !== null);
  const verdict = sameDigest
    ? colors.green('The same orders, fills and ledger, to the last bit.')
    : colors.yellow('Orders, fills or ledgers differ.');
  return [
    `A  ${a.path}`,
    `B  ${b.path}`,
    verdict,
    sameData ? 'The same data.' : colors.yellow('Other data.'),
    ...config.map(
      ({ key, a: of, b: other }) =>
        `${key}: ${JSON.stringify(of)} in A, ${JSON.stringify(other)} in B`,
    ),
    ...(metrics.length === 0
      ? []
      : [
          renderTable(
            [
              { title: 'metric', text: ({ key }) => metricTitle(key) },
              { title: 'A', align: 'right', text: (pair) => metricText(pair.key, pair.a) },
              { title: 'B', align: 'right', text: (pair) => metricText(pair.key, pair.b) },
              {
                title: 'B − A',
                align: 'right',
                text: (pair) =>
                  pair.a === null || pair.b === null ? '' : metricText(pair.key, pair.b - pair.a),
              },
            ],
            metrics,
          ),
        ]),
    ...(comparison.orders.length === 0
      ? []
      : ['The first orders that differ:', ...comparison.orders.map(differenceText)]),
    ...(comparison.fills.length === 0
      ? []
      : ['The first fills that differ:', ...comparison.fills.map(differenceText)]),
    ...(trades.countA + trades.countB === 0
      ? []
      : [`${trades.countA} trades in A, ${trades.countB} in B.`]),
    ...(trades.first.length === 0
      ? []
      : ['The first trades that differ:', ...trades.first.map(differenceText)]),
    ...comparison.combinations.flatMap(({ a: of, b: other }) => [
      `A  ${of ?? 'has no such combination'}`,
      `B  ${other ?? 'has no such combination'}`,
    ]),
  ].join('\n');
}
