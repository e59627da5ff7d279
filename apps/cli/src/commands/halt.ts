import { AppError } from '@capstan/domain';
import type { Command } from 'commander';
import type { CliErrorCode } from '../error-codes.ts';
import { type GatewayClient, listIn, pathOf } from '../gateway-client.ts';
import { openGateway } from '../open-gateway.ts';
import type { CommandContext } from '../program.ts';
import { dataDirOption } from './arguments.ts';

interface Options {
  readonly dataDir?: string;
  readonly account?: string;
  readonly shortSales?: boolean;
}

/** Adds what halts a symbol by hand, and ends that. */
export function addHalt(program: Command, { output }: CommandContext): void {
  const add = (verb: 'halt' | 'unhalt', description: string, examples: string): void => {
    program
      .command(verb)
      .description(description)
      .argument('<symbol>', 'such as TSLA')
      .option('--account <id>', 'only for this account (default: all)')
      .option('--short-sales', 'only short sales, unless priced above the market')
      .addOption(dataDirOption())
      .addHelpText('after', `\nWhat reduces goes on.\n\nExamples:\n${examples}`)
      .action(async (symbol: string, options: Options) => {
        const gateway = openGateway(options.dataDir);
        const lines = await haltSymbol(gateway, { symbol, halts: verb === 'halt', ...options });
        for (const line of lines) output.out(line);
      });
  };
  add(
    'halt',
    'let nothing be added in a symbol, until it is ended by hand',
    '  capstan halt TSLA\n  capstan halt TSLA --account paper\n  capstan halt TSLA --short-sales',
  );
  add('unhalt', 'end what capstan halt has begun', '  capstan unhalt TSLA');
}

/**
 * Puts a symbol on the list of each account, or takes it off.
 * @returns a line an account. @throws CLI.USAGE for a symbol or an account that is not there.
 */
export async function haltSymbol(
  gateway: GatewayClient,
  wish: {
    readonly symbol: string;
    readonly halts: boolean;
    readonly account?: string;
    readonly shortSales?: boolean;
  },
): Promise<readonly string[]> {
  const { symbol, halts, account, shortSales } = wish;
  const overview = await gateway.get('/api/overview');
  const symbols = listIn(overview, 'instruments').map((one) => String(one.symbol));
  const accounts = listIn(overview, 'accounts').map((one) => String(one.accountId));
  if (!symbols.includes(symbol)) throw unknown('symbol', symbol, symbols);
  if (account !== undefined && !accounts.includes(account)) {
    throw unknown('account', account, accounts);
  }
  const key = shortSales === true ? 'shortRestrictedSymbols' : 'haltedSymbols';
  const lines: string[] = [];
  for (const accountId of account === undefined ? accounts : [account]) {
    const { limits } = await gateway.get(pathOf('limits', accountId));
    const listed = namesIn(limits, key);
    if (listed.includes(symbol) === halts) {
      lines.push(`${accountId}: ${key}: ${symbol} is ${halts ? 'there already' : 'not there'}.`);
      continue;
    }
    const others = listed.filter((one) => one !== symbol);
    const next = halts ? [...others, symbol] : others;
    const set = { [key]: next.length === 0 ? null : next };
    const { message } = await gateway.post(pathOf('limits', accountId), { set });
    lines.push(`${accountId}: ${key} ${next.join(', ') || 'none'}: ${String(message)}`);
  }
  return lines;
}

function namesIn(limits: unknown, key: string): readonly string[] {
  const value: unknown =
    typeof limits === 'object' && limits !== null ? Reflect.get(limits, key) : undefined;
  return Array.isArray(value) ? value.map(String) : [];
}

function unknown(kind: string, name: string, known: readonly string[]): AppError {
  return new AppError({
    code: 'CLI.USAGE' satisfies CliErrorCode,
    why: `There is no ${kind} '${name}'.`,
    fix: `Known: ${known.join(', ')}.`,
  });
}
