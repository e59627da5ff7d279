import { AppError, parseDecimal, parsePrice } from '@capstan/domain';
import { type Command, Option } from 'commander';
import type { CliErrorCode } from '../error-codes.ts';
import { type Answer, type GatewayClient, listIn, pathOf } from '../gateway-client.ts';
import { openGateway } from '../open-gateway.ts';
import type { CommandContext } from '../program.ts';
import { countArgument, dataDirOption, jsonOption } from './arguments.ts';
import { confirm } from './confirm.ts';
import { renderStrays, scalesIn } from './trading-tables.ts';

/** What a command that changes many orders is about. */
export interface ScopeOptions {
  readonly account?: string;
  readonly bot?: string;
  readonly symbol?: string;
  readonly all?: boolean;
}

interface Options extends ScopeOptions {
  readonly dataDir?: string;
  readonly json?: boolean;
  readonly yes?: boolean;
}

/** What an order is changed to, as it was written. */
export interface ChangeOptions {
  readonly quantity?: string;
  readonly limit?: string;
  readonly stop?: string;
  readonly price?: string;
}

const open = (options: { readonly dataDir?: string }): GatewayClient =>
  openGateway(options.dataDir);

/** Adds `cancel` and `flatten`, and to `orders` what changes one. */
export function addOrderChanges(
  program: Command,
  orders: Command,
  { output }: CommandContext,
): void {
  addCancel(program, output);
  addFlatten(program, output);
  addReplace(orders, output);
  addResolve(orders, output);
  addStrays(orders, output);
}

function addCancel(program: Command, output: CommandContext['output']): void {
  withScope(program.command('cancel'))
    .description('cancel an order, or all that work of a bot, a symbol or an account')
    .argument('[order]', 'its id')
    .addHelpText(
      'after',
      '\nExamples:\n  capstan cancel 01hzy3…\n  capstan cancel --bot trend\n  capstan cancel --symbol SPY --account paper\n  capstan cancel --all',
    )
    .action(async (orderId: string | undefined, options: Options) => {
      if (orderId === undefined) {
        const body = scopeOf(options, 'cancel');
        return say(output, options, await open(options).post('/api/orders/cancel', body));
      }
      if (options.all === true || options.bot !== undefined || options.symbol !== undefined) {
        throw usage('An order and a wider choice are given.', 'Name one order, or say which.');
      }
      const { account } = options;
      const answer = await open(options).post(pathOf('orders', orderId, 'cancel'), { account });
      return say(output, options, answer);
    });
}

function addFlatten(program: Command, output: CommandContext['output']): void {
  withScope(program.command('flatten'))
    .description('cancel what works and close what is held, of a bot, a symbol or an account')
    .option('-y, --yes', 'do not ask first')
    .addHelpText(
      'after',
      "\nA bot goes on and may open again; 'capstan bots pause' keeps it flat.\n\nExamples:\n  capstan flatten --bot trend\n  capstan flatten --symbol SPY --yes\n  capstan flatten --all --yes",
    )
    .action(async (options: Options) => {
      const body = scopeOf(options, 'flatten');
      if (options.yes !== true && !(await isSure(options))) return output.out('Nothing was done.');
      return say(output, options, await open(options).post('/api/flatten', body));
    });
}

async function isSure(options: ScopeOptions): Promise<boolean> {
  if (process.stdin.isTTY !== true) {
    throw usage(
      'Flattening is asked for where nobody can be asked whether it is meant.',
      'Add --yes.',
    );
  }
  return await confirm(`Close everything that ${scopeText(options)} holds, by market orders?`);
}

function addReplace(orders: Command, output: CommandContext['output']): void {
  orders
    .command('replace')
    .description('change the quantity or the price of a working order')
    .argument('<order>', 'its id')
    .option('--quantity <q>', 'its whole quantity, what is filled included; never more than it was')
    .option('--limit <price>', 'its limit price')
    .option('--stop <price>', 'its stop price')
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  capstan orders replace 01hzy3… --limit 101.25')
    .action(async (orderId: string, _options: ChangeOptions, command: Command) => {
      const options: Options & ChangeOptions = command.optsWithGlobals();
      const gateway = open(options);
      const body = await changesOf(gateway, orderId, options);
      return say(output, options, await gateway.post(pathOf('orders', orderId, 'replace'), body));
    });
}

function addResolve(orders: Command, output: CommandContext['output']): void {
  orders
    .command('resolve')
    .description(
      'say what became of an order that is unknown, or was given up and came nevertheless, where its venue does not',
    )
    .argument('<order>', 'its id')
    .addOption(
      new Option('--as <what>', "what the broker's own page says")
        .choices(['filled', 'absent'])
        .makeOptionMandatory(),
    )
    .option('--price <price>', 'with --as filled: the average price')
    .option('--quantity <q>', 'with --as filled: how much, where it is not all of it')
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExamples:\n  capstan orders resolve 01hzy3… --as absent\n  capstan orders resolve 01hzy3… --as filled --price 101.25',
    )
    .action(async (orderId: string, _options: ChangeOptions, command: Command) => {
      const options: Options & ChangeOptions & { readonly as: string } = command.optsWithGlobals();
      if (options.as === 'filled' && options.price === undefined) {
        throw usage('It is not said at what price the order was filled.', 'Add --price.');
      }
      const gateway = open(options);
      const changes = await changesOf(gateway, orderId, options);
      const body = { ...changes, as: options.as };
      return say(output, options, await gateway.post(pathOf('orders', orderId, 'resolve'), body));
    });
}

function addStrays(orders: Command, output: CommandContext['output']): void {
  orders
    .command('strays')
    .description('list what venues said that fits no order of ours, the latest first')
    .option('--account <id>', 'only this account')
    .option('--limit <n>', 'how many', countArgument, 50)
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .action(async (_options: Options, command: Command) => {
      const options: Options & { readonly limit?: number } = command.optsWithGlobals();
      const { account, limit } = options;
      const answer = await open(options).get('/api/strays', { account, limit });
      output.out(options.json === true ? JSON.stringify(answer, null, 2) : renderStrays(answer));
    });
}

function withScope(command: Command): Command {
  return command
    .option('--account <id>', 'only this account')
    .option('--bot <id>', 'only this bot')
    .option('--symbol <symbol>', 'only this symbol')
    .option('--all', 'everything')
    .addOption(dataDirOption())
    .addOption(jsonOption());
}

/** Returns the body of a request about many orders. @throws CLI.USAGE where it is not said which. */
export function scopeOf(options: ScopeOptions, verb: string): ScopeOptions {
  const { account, bot, symbol, all } = options;
  const isNamed = account !== undefined || bot !== undefined || symbol !== undefined;
  if (isNamed && all === true) {
    throw usage('--all and a narrower choice are given.', 'Leave one of them out.');
  }
  if (!isNamed && all !== true) {
    const fix = `Name an order, a --bot, a --symbol or an --account, or say 'capstan ${verb} --all'.`;
    throw usage('It is not said what is meant.', fix);
  }
  return {
    ...(account === undefined ? {} : { account }),
    ...(bot === undefined ? {} : { bot }),
    ...(symbol === undefined ? {} : { symbol }),
    ...(all === true ? { all } : {}),
  };
}

function scopeText({ account, bot, symbol }: ScopeOptions): string {
  const parts = [
    bot === undefined ? '' : `bot ${bot}`,
    symbol === undefined ? '' : `symbol ${symbol}`,
    account === undefined ? '' : `account ${account}`,
  ].filter((part) => part !== '');
  return parts.length === 0 ? 'every account' : parts.join(', ');
}

/**
 * Returns the changes of an order in the units of the API.
 * @throws CLI.USAGE where nothing works under the id. @throws NUMBER.FORMAT
 */
export async function changesOf(
  gateway: GatewayClient,
  orderId: string,
  { quantity, limit, stop, price }: ChangeOptions,
): Promise<Answer> {
  const [answer, overview] = await Promise.all([
    gateway.get('/api/orders', { open: true, limit: 1_000 }),
    gateway.get('/api/overview'),
  ]);
  const order = listIn(answer, 'orders').find((one) => one.orderId === orderId);
  if (order === undefined) {
    throw usage(`No working order has the id '${orderId}'.`, "'capstan orders --open' lists them.");
  }
  const scale = scalesIn(overview).get(String(order.symbol)) ?? 0;
  return {
    account: order.accountId,
    ...(quantity === undefined ? {} : { quantity: parseDecimal(quantity, scale) }),
    ...(limit === undefined ? {} : { limitPriceNanos: parsePrice(limit) }),
    ...(stop === undefined ? {} : { stopPriceNanos: parsePrice(stop) }),
    ...(price === undefined ? {} : { priceNanos: parsePrice(price) }),
  };
}

function say(output: CommandContext['output'], options: Options, answer: Answer): void {
  output.out(options.json === true ? JSON.stringify(answer, null, 2) : resultText(answer));
}

/** Writes what became of a command, one line an account. */
export function resultText(answer: Answer): string {
  const results = listIn(answer, 'results');
  if (results.length === 0) return String(answer.message ?? 'done.');
  return results
    .map(({ accountId, applied, message }) => {
      const word = applied === true ? '' : 'refused: ';
      return `${accountId}: ${word}${message}`;
    })
    .join('\n');
}

function usage(why: string, fix: string): AppError {
  return new AppError({ code: 'CLI.USAGE' satisfies CliErrorCode, why, fix });
}
