import { randomBytes } from 'node:crypto';
import { AppError, isInternalFill } from '@capstan/domain';
import type { Command } from 'commander';
import type { CliErrorCode } from '../error-codes.ts';
import { type Answer, type GatewayClient, listIn, pathOf, textsIn } from '../gateway-client.ts';
import { SMOKE_POLL_MS } from '../limits.ts';
import { openGateway } from '../open-gateway.ts';
import type { CommandContext } from '../program.ts';
import { countArgument, dataDirOption } from './arguments.ts';

const HELP = `
Makes a bot that trades one share as soon as the market moves, on an account that is no real money, and waits for its first fill: an order
goes from the strategy through risk and execution to the venue and back. Then the bot is stopped and its position closed. It needs bars:
outside of a market's hours its feed has none.

Example:
  CAPSTAN_GATEWAY_URL=http://gateway:8080 CAPSTAN_TOKEN_FILE=token capstan smoke --timeout 120`;

/** What the command line says. */
export interface SmokeOptions {
  readonly account?: string;
  readonly feed?: string;
  readonly symbol?: string;
  /** Seconds. */
  readonly timeout: number;
  readonly dataDir?: string;
}

/** What the trial needs of the world. */
export interface SmokePorts {
  readonly gateway: Pick<GatewayClient, 'get' | 'post'>;
  readonly sleep: (ms: number) => Promise<void>;
  readonly nowMs: () => number;
  readonly botId: string;
  readonly say: (line: string) => void;
}

/** Adds `smoke`. */
export function addSmokeCommand(program: Command, { output }: CommandContext): void {
  program
    .command('smoke')
    .description('see one order go all the way, on paper, and its position closed again')
    .option('--account <id>', 'an account on paper (default: the only one)')
    .option('--feed <name>', 'whose bars (default: the only one)')
    .option('--symbol <symbol>', "what to trade (default: the feed's first)")
    .option('--timeout <seconds>', 'how long the fill may take', countArgument, 180)
    .addOption(dataDirOption())
    .addHelpText('after', HELP)
    .action((options: SmokeOptions) =>
      smoke(
        {
          gateway: openGateway(options.dataDir),
          sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
          nowMs: () => performance.now(),
          botId: `smoke-${randomBytes(4).toString('hex')}`,
          say: (line) => output.out(line),
        },
        options,
      ),
    );
}

/**
 * Runs the trial.
 * @throws CLI.USAGE for what is not there or is real money. @throws CLI.SMOKE when no fill came, or its position stayed.
 */
export async function smoke(ports: SmokePorts, options: SmokeOptions): Promise<void> {
  const { gateway, botId, say, nowMs } = ports;
  const startMs = nowMs();
  const deadlineMs = startMs + options.timeout * 1_000;
  const took = (): string => `${((nowMs() - startMs) / 1_000).toFixed(1)} s`;
  const place = placeOf(await gateway.get('/api/overview'), options);
  await gateway.post('/api/bots', {
    botId,
    accountId: place.account,
    feed: place.feed,
    strategy: 'momentum',
    params: { lookback: 1, threshold_bps: 0, sides: 'both' },
    symbols: [place.symbol],
    timeframe: '1m',
    sizing: { kind: 'fixedQuantity', quantity: 1 },
    restartOnCrash: false,
    onShutdown: 'flatten',
  });
  say(`${botId} trades ${place.symbol} of ${place.feed} on ${place.account}`);
  try {
    const fill = await until(ports, deadlineMs, () => fillAtVenue(gateway, botId));
    if (fill === undefined) throw await noFill(ports, options.timeout);
    say(
      `filled after ${took()}: ${fill.side} ${fill.quantity} ${fill.symbol}, order ${fill.orderId}`,
    );
  } finally {
    await gateway.post(pathOf('bots', botId, 'stop'));
  }
  const isFlat = async () => ((await holds(gateway, place.account, botId)) ? undefined : true);
  const flat = await until(ports, Math.max(deadlineMs, nowMs() + CLOSE_MS), isFlat);
  if (flat === undefined) {
    throw failed(
      `${botId} filled, and its position is not closed yet.`,
      `See 'capstan positions'; 'capstan flatten --bot ${botId}' closes it.`,
    );
  }
  say(`flat again after ${took()}: an order goes all the way`);
}

/** How long the position may take to be closed, at least. */
const CLOSE_MS = 60_000;

/** Where to trade. */
interface Place {
  readonly account: string;
  readonly feed: string;
  readonly symbol: string;
}

/** @throws CLI.USAGE */
function placeOf(overview: Answer, options: SmokeOptions): Place {
  const accounts = listIn(overview, 'accounts');
  const account = chosen('account', options.account, accounts, 'accountId');
  if (account.mode !== 'paper') {
    throw usage(
      `The account ${String(account.accountId)} is ${String(account.mode)}: a trial is no reason to trade real money.`,
      'Name one on paper with --account.',
    );
  }
  const feed = chosen('feed', options.feed, listIn(overview, 'feeds'), 'feed');
  const symbols = textsIn(feed, 'symbols');
  const symbol = options.symbol ?? symbols[0];
  if (symbol === undefined || (symbols.length > 0 && !symbols.includes(symbol))) {
    throw usage(
      `The feed ${String(feed.feed)} does not have ${symbol ?? 'any symbol that it tells'}.`,
      symbols.length === 0 ? 'Name one with --symbol.' : `Known: ${symbols.join(', ')}.`,
    );
  }
  return { account: String(account.accountId), feed: String(feed.feed), symbol };
}

function chosen(
  what: 'account' | 'feed',
  name: string | undefined,
  all: readonly Answer[],
  key: string,
): Answer {
  const known = all.map((one) => String(one[key])).join(', ');
  const found = all.filter((one) => name === undefined || one[key] === name);
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  const why =
    name === undefined ? `There are ${all.length} ${what}s.` : `There is no ${what} '${name}'.`;
  throw usage(why, known === '' ? `Configure one.` : `Name one with --${what}: ${known}.`);
}

/** Asks again and again. @returns `undefined` where the answer did not come in time. */
async function until<T>(
  { sleep, nowMs }: SmokePorts,
  deadlineMs: number,
  ask: () => Promise<T | undefined>,
): Promise<T | undefined> {
  for (;;) {
    const answer = await ask();
    if (answer !== undefined || nowMs() >= deadlineMs) return answer;
    await sleep(SMOKE_POLL_MS);
  }
}

/** Two bots of an account may fill each other, which no venue knows of: that proves nothing. */
async function fillAtVenue(
  gateway: SmokePorts['gateway'],
  bot: string,
): Promise<Answer | undefined> {
  const fills = listIn(await gateway.get('/api/fills', { bot, limit: 20 }), 'fills');
  return fills.findLast((one) => !isInternalFill({ fillId: String(one.fillId) }));
}

async function holds(
  gateway: SmokePorts['gateway'],
  account: string,
  botId: string,
): Promise<boolean> {
  const positions = listIn(await gateway.get('/api/positions', { account }), 'positions');
  const orders = listIn(await gateway.get('/api/orders', { bot: botId, open: true }), 'orders');
  return orders.length > 0 || positions.some((one) => one.botId === botId && one.quantity !== 0);
}

/** Says how far the order came, in the words of the platform. */
async function noFill({ gateway, botId }: SmokePorts, seconds: number): Promise<AppError> {
  const why = await gateway.get(`/api/why/${encodeURIComponent(botId)}`);
  const standing = textsIn(why, 'standing');
  const [entry] = listIn(why, 'entries');
  const told = entry === undefined ? 'it has decided nothing' : `${entry.text}: ${entry.reason}`;
  return failed(
    `${botId} has no fill after ${seconds} s: ${[...standing, told].join('; ')}.`,
    "See whether its feed has bars now ('capstan status'), or give it longer with --timeout.",
  );
}

function failed(why: string, fix: string): AppError {
  return new AppError({ code: 'CLI.SMOKE' satisfies CliErrorCode, why, fix });
}

function usage(why: string, fix: string): AppError {
  return new AppError({ code: 'CLI.USAGE' satisfies CliErrorCode, why, fix });
}
