import { AppError } from '@capstan/domain';
import type { Command } from 'commander';
import colors from 'picocolors';
import type { CliErrorCode } from '../error-codes.ts';
import { type Answer, type GatewayClient, pathOf } from '../gateway-client.ts';
import { openGateway } from '../open-gateway.ts';
import type { CommandContext } from '../program.ts';
import { dataDirOption, jsonOption } from './arguments.ts';

interface Options {
  readonly dataDir?: string;
  readonly json?: boolean;
  readonly bot?: string;
  readonly symbol?: string;
}

const open = (options: Options): GatewayClient => openGateway(options.dataDir);

/** Adds what shows the limits of an account and changes them. */
export function addLimits(program: Command, { output }: CommandContext): void {
  const limits = program
    .command('limits')
    .description('show the limits of an account, or change some while it trades')
    .addHelpText(
      'after',
      "\nA change holds from the next decision on, also after a restart, until the configuration's limits change.\n\nExamples:\n  capstan limits show paper\n  capstan limits set paper maxPositions=3 maxDailyLoss=500\n  capstan limits set paper --bot trend --symbol TSLA maxOrderUnits=10\n  capstan limits set paper maxPositions=",
    );
  limits
    .command('show')
    .description('show the limits that hold now')
    .argument('<account>', 'its id')
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .action(async (accountId: string, options: Options) => {
      const answer = await open(options).get(pathOf('limits', accountId));
      if (options.json === true) return output.out(JSON.stringify(answer, null, 2));
      for (const line of limitLines(answer)) output.out(line);
    });
  limits
    .command('set')
    .description('change limits; key= without a value takes one away')
    .argument('<account>', 'its id')
    .argument('<key=value...>', 'limits by key, as in a configuration')
    .option('--bot <id>', 'only for this bot')
    .option('--symbol <symbol>', 'only in this symbol')
    .addOption(dataDirOption())
    .action(async (accountId: string, pairs: readonly string[], options: Options) => {
      const { bot, symbol } = options;
      const body = { bot, symbol, set: limitsIn(pairs) };
      const { message } = await open(options).post(pathOf('limits', accountId), body);
      output.out(`${accountId}: ${String(message)}`);
    });
}

/** Reads `key=value` words; a key without a value is taken away. @throws CLI.USAGE */
export function limitsIn(pairs: readonly string[]): Readonly<Record<string, string | null>> {
  const entries = pairs.map((pair): readonly [string, string | null] => {
    const at = pair.indexOf('=');
    if (at <= 0) {
      throw new AppError({
        code: 'CLI.USAGE' satisfies CliErrorCode,
        why: `'${pair}' is no limit.`,
        fix: 'Write key=value, such as maxPositions=3.',
      });
    }
    const value = pair.slice(at + 1);
    return [pair.slice(0, at), value === '' ? null : value];
  });
  return Object.fromEntries(entries);
}

/** Writes limits a line each, those of a bot or symbol under its name. */
export function limitLines({ accountId, changed, limits }: Answer): readonly string[] {
  const { policies, scopes = [], ...own } = limits as Answer;
  const lines = Object.entries(own).map(([key, value]) => `  ${key}: ${valueText(value)}`);
  const parts = (scopes as readonly Answer[]).flatMap(({ bot, symbol, ...part }) => [
    `${[bot === undefined ? [] : `bot ${bot}`, symbol ?? []].flat().join(' in ')}:`,
    ...Object.entries(part).map(([key, value]) => `  ${key}: ${valueText(value)}`),
  ]);
  const since = changed === true ? colors.yellow(' (changed since the configuration)') : '';
  return [`${accountId}${since}:`, ...lines, `  policies: ${valueText(policies)}`, ...parts];
}

const valueText = (value: unknown): string =>
  Array.isArray(value) ? value.join(', ') : String(value);
