import { AppError } from '@capstan/domain';
import type { Command } from 'commander';
import { type Column, renderTable } from '../console/table.ts';
import { type Answer, type GatewayClient, listIn } from '../gateway-client.ts';
import { openGateway } from '../open-gateway.ts';
import type { CommandContext } from '../program.ts';
import { countArgument, dataDirOption, jsonOption } from './arguments.ts';
import { amount, cash, type Scales, text, time } from './trading-columns.ts';

/** Writes what works, or is held, on accounts and is none of ours, with the rule for it; empty where there is nothing. */
export function renderForeign(
  answer: Answer,
  what: 'orders' | 'positions',
  scales: Scales,
): string {
  const found = listIn(answer, 'accounts').filter((one) => listIn(one, what).length > 0);
  const columns: readonly Column<Answer>[] =
    what === 'orders'
      ? [
          text('symbol', 'symbol'),
          text('side', 'side'),
          amount('filled', 'filledQuantity', scales),
          text('order', 'orderId'),
        ]
      : [text('symbol', 'symbol'), amount('quantity', 'quantity', scales)];
  return found
    .map((one) => {
      const rule = `${one.accountId}: ${what} that are not ours; foreign: ${one.rule} — ${one.meaning}`;
      return `${rule}\n${renderTable(columns, listIn(one, what), '')}`;
    })
    .join('\n\n');
}

/** Says what on accounts is none of ours, a line each; nothing where the gateway cannot be asked: that is said elsewhere. */
export async function askForeign(open: () => GatewayClient): Promise<readonly string[]> {
  const answer = await Promise.resolve()
    .then(() => open().get('/api/foreign', {}))
    .catch((error: unknown): Answer => {
      if (error instanceof AppError) return {};
      throw error;
    });
  return listIn(answer, 'accounts').flatMap((one) => {
    const [orders, positions] = [listIn(one, 'orders'), listIn(one, 'positions')];
    if (orders.length + positions.length === 0) return [];
    const symbols = [...new Set([...orders, ...positions].map(({ symbol }) => String(symbol)))];
    const count = `${counted(orders.length, 'order')} and ${counted(positions.length, 'position')}`;
    return [
      `${one.accountId}: ${count} in ${symbols.sort().join(', ')} are not ours; foreign: ${one.rule} — ${one.meaning}`,
    ];
  });
}

const counted = (count: number, what: string): string =>
  `${count} ${what}${count === 1 ? '' : 's'}`;

/** Adds `cash`. */
export function addCash(program: Command, { output }: CommandContext): void {
  program
    .command('cash')
    .description('list dividends, interest, transfers and other cash without a trade')
    .option('--account <id>', 'only this account')
    .option('--limit <n>', 'how many, the latest first', countArgument, 50)
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .action(async ({ dataDir, json, account, limit }: Options) => {
      const gateway = openGateway(dataDir);
      const answer = await gateway.get('/api/cash', { account, limit });
      output.out(json === true ? JSON.stringify(answer, null, 2) : renderCash(answer));
    });
}

interface Options {
  readonly dataDir?: string;
  readonly json?: boolean;
  readonly account?: string;
  readonly limit?: number;
}

/** Writes cash that came or went without a trade as a table. */
export function renderCash(answer: Answer): string {
  const columns = [
    time('time (UTC)', 'eventAtUs'),
    text('account', 'accountId'),
    text('bot', 'botId'),
    text('what', 'kind'),
    text('symbol', 'symbol'),
    cash('amount', 'amountMicros'),
    text('activity', 'activityId'),
  ];
  return renderTable(columns, listIn(answer, 'cashEvents'), 'no cash without a trade');
}
