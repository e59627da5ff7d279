import { connectGrpc, paperExchangeService, postedActionToWire } from '@capstan/contracts';
import {
  AppError,
  CASH_EVENT_KINDS,
  deriveId,
  type PostedAction,
  parseCash,
  parsePrice,
} from '@capstan/domain';
import { Argument, type Command, InvalidArgumentError } from 'commander';
import type { CliErrorCode } from '../error-codes.ts';
import { EXCHANGE_MS } from '../limits.ts';
import type { CommandContext } from '../program.ts';
import { findStack } from '../running-stack.ts';
import { dataDirOption } from './arguments.ts';

interface Options {
  readonly dataDir?: string;
  readonly id?: string;
}

const KINDS = CASH_EVENT_KINDS.filter((kind) => kind !== 'dividend');
type CashKind = (typeof KINDS)[number];

/** Adds `paper`: what happens to shares and cash at the paper exchange beside trades. */
export function addPaper(program: Command, context: CommandContext): void {
  const paper = program
    .command('paper')
    .description('let a split, a dividend or cash happen at the paper exchange')
    .addHelpText(
      'after',
      '\nExamples:\n  capstan paper split SPY 4:1 --close 412.50\n  capstan paper dividend SPY 0.55\n  capstan paper cash deposit 1000 --account paper',
    );
  const one = (name: string, description: string): Command =>
    paper
      .command(name)
      .description(description)
      .option('--id <id>', 'its own; the same one again changes nothing')
      .addOption(dataDirOption());
  one('split', 'restate positions and orders of a symbol, before the next bar')
    .argument('<symbol>', 'which')
    .argument('<ratio>', 'new shares for old ones, such as 4:1', ratioArgument)
    .requiredOption('--close <price>', 'the last close before it, on the old share count', price)
    .action(async (symbol: string, ratio: Ratio, options: Options & { close: Price }) => {
      const action = { kind: 'split', symbol, ...ratio, closeNanos: options.close } as const;
      await post(context, action, options);
    });
  one('dividend', 'pay it to who holds the symbol now; who is short is charged')
    .argument('<symbol>', 'which')
    .argument('<amount>', 'for each share', price)
    .action(async (symbol: string, perUnitNanos: Price, options: Options) => {
      await post(context, { kind: 'dividend', symbol, perUnitNanos }, options);
    });
  one('cash', 'let cash come or go')
    .addArgument(new Argument('<kind>', 'what it is').choices(KINDS))
    .argument('<amount>', 'comes in; --out lets it go', cash)
    .option('--account <id>', 'of which account', 'paper')
    .option('--out', 'it goes')
    .action(
      async (
        kind: CashKind,
        amount: ReturnType<typeof cash>,
        options: Options & { account: string; out?: boolean },
      ) => {
        const goes = kind === 'withdrawal' || options.out === true;
        const amountMicros = parseCash(goes ? `-${amount}` : amount);
        await post(context, { kind, accountId: options.account, amountMicros }, options);
      },
    );
}

type Price = ReturnType<typeof parsePrice>;
interface Ratio {
  readonly newShares: number;
  readonly oldShares: number;
}

/** Reads new shares for old ones. */
export function ratioArgument(text: string): Ratio {
  const [, newShares, oldShares] = /^([1-9]\d{0,5}):([1-9]\d{0,5})$/.exec(text) ?? [];
  if (newShares === undefined || oldShares === undefined) {
    throw new InvalidArgumentError('It must be new shares for old ones, such as 4:1.');
  }
  return { newShares: Number(newShares), oldShares: Number(oldShares) };
}

function price(text: string): Price {
  if (!/^\d{1,6}(\.\d{1,9})?$/.test(text) || Number(text) === 0) {
    throw new InvalidArgumentError('It must be a price such as 412.50.');
  }
  return parsePrice(text);
}

function cash(text: string): string {
  if (/^\d{1,9}(\.\d{1,6})?$/.test(text) && Number(text) > 0) return text;
  throw new InvalidArgumentError('It must be an amount such as 1000 or 12.50.');
}

/** Asks the exchange of the running stack. @throws CLI.NOT_RUNNING, CLI.USAGE */
async function post(
  { output }: CommandContext,
  action: PostedAction,
  { dataDir, id }: Options,
): Promise<void> {
  const { exchangeAddress = '127.0.0.1:0' } = findStack(dataDir).record;
  const actionId = id ?? deriveId('paper-action', JSON.stringify(action), Date.now());
  await postAction(exchangeAddress, actionId, action);
  output.out(`The paper exchange has taken it, as ${actionId}.`);
}

/** Posts an action at a paper exchange. @param address `host:port`. @throws CLI.NOT_RUNNING, CLI.USAGE */
export async function postAction(
  address: string,
  actionId: string,
  action: PostedAction,
): Promise<void> {
  const connection = connectGrpc(address, paperExchangeService.PaperExchangeServiceDefinition);
  try {
    const request = { actionId, action: postedActionToWire(action) };
    const { taken, reason } = await connection.client.postAction(request, {
      timeoutMs: EXCHANGE_MS,
    });
    if (taken) return;
    throw new AppError({
      code: 'CLI.USAGE' satisfies CliErrorCode,
      why: `The paper exchange refuses it: ${reason}.`,
      fix: "See 'capstan paper --help'.",
    });
  } catch (cause) {
    if (!(cause instanceof AppError) || !cause.code.startsWith('RPC.')) throw cause;
    throw new AppError({
      code: 'CLI.NOT_RUNNING' satisfies CliErrorCode,
      why: `The paper exchange at ${address} does not answer.`,
      fix: "See 'capstan status'.",
      cause,
    });
  } finally {
    connection.close();
  }
}
